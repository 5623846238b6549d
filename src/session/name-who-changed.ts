// Names the restored primary's own transactions behind the conflicts that a replay, or its undo, found: by its own log since
// the plan was made. Changes no decision, and never fails: what it can't tell is a warning.
import type { Transaction } from '../binlog/transaction.ts';
import { RestoredChanges } from '../diff/restored-changes.ts';
import { type FoundConflict, noteWhoChanged } from '../diff/who-changed.ts';
import type { PlanHeader } from '../plan/plan.ts';
import { isReplay } from '../replay/is-replay.ts';
import type { PreparedReplay } from '../replay/prepare-replay.ts';
import type { Progress } from '../requests.ts';
import type { Server } from '../server/connection.ts';
import type { RowReader } from '../server/row-reader.ts';
import { readRestoredLog } from '../window/restored-log.ts';

export interface ReplayedOn {
  restored: Server;
  header: PlanHeader;
  prepared: PreparedReplay;
  reader: RowReader;
  charsetOf: (collationId: number) => string | undefined;
  request: { journal: string; progress: Progress; signal: AbortSignal };
}

export function nameWhoChanged({ restored, header, prepared, reader, charsetOf, request }: ReplayedOn) {
  const { journal, progress, signal } = request;
  async function* sinceThePlan(): AsyncGenerator<Transaction> {
    for await (const transaction of readRestoredLog(restored, header.restored.coordinates)) {
      if (signal.aborted) throw new Error('interrupted');
      yield transaction;
    }
  }
  return async (found: readonly FoundConflict[]): Promise<void> => {
    if (found.length === 0) return;
    progress.step(`reading what ${restored.name} itself wrote since the plan was made`);
    const window = new Set(prepared.transactions.map(({ footprint }) => footprint.id));
    const log = {
      read: sinceThePlan,
      isReplay: (transaction: Transaction) => isReplay(transaction, window, journal),
    };
    try {
      const changes = new RestoredChanges(log, reader, charsetOf);
      for (const untold of await noteWhoChanged(found, prepared.slots, changes)) progress.warn(untold);
    } catch (cause) {
      progress.warn(
        `who is behind the conflicts can't be told: ${cause instanceof Error ? cause.message : String(cause)}`,
      );
    }
  };
}

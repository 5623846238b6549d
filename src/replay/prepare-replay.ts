// Everything a replay needs to know before its first step: the plan's missing transactions as footprints on the
// restored primary's present tables, and what that server remembers of earlier replays. Reads; writes nothing.

import type { TableMap } from '../binlog/table-map.ts';
import type { Transaction } from '../binlog/transaction.ts';
import { windowDefinitions } from '../diff/diff-window.ts';
import type { TransactionFootprint } from '../diff/footprint.ts';
import { footprints, wantKeys } from '../diff/footprints.ts';
import { KeyNormaliser } from '../diff/key-normaliser.ts';
import type { WindowForeignKey } from '../diff/window-foreign-keys.ts';
import { readWindowRows, type WindowTransaction } from '../diff/window-rows.ts';
import { WindowSlots } from '../diff/window-slots.ts';
import type { PlanTransaction } from '../plan/plan.ts';
import type { LoadedPlan, PlannedTransaction } from '../plan/planned-transactions.ts';
import { journalKey } from '../plan/transaction-digest.ts';
import type { RowReader } from '../server/row-reader.ts';
import { type CheckResult, refusal, runChecks } from '../server/safety-checks/run-checks.ts';
import { type Memory, replayStanding, type Standing, undoStanding, verifyStanding } from './exactly-once.ts';
import { invertTransaction } from './invert-transaction.ts';
import { resolutionNotes } from './resolution-notes.ts';

export interface PreparedTransaction {
  planned: PlanTransaction;
  window: WindowTransaction;
  footprint: TransactionFootprint;
  standing: Standing;
  /** Journal entries beside the mark: see resolution-notes.ts. */
  notes: string[];
}

export interface PreparedReplay {
  /** The plan's missing transactions in commit order; for an undo turned around, the last one first. */
  transactions: PreparedTransaction[];
  slots: WindowSlots;
  foreignKeys: WindowForeignKey[];
  normaliser: KeyNormaliser;
}

/** Throws ReconcileError('refused', check 'schema-changed') where a table is not what it was at the diff. */
export async function prepareReplay(
  direction: 'replay' | 'undo' | 'verify',
  plan: LoadedPlan,
  reader: RowReader,
  memory: Memory,
  charsetOf: (collationId: number) => string | undefined,
  force: ReadonlySet<string>,
): Promise<PreparedReplay> {
  const missing = plan.transactions.filter((one) => isConcerned(one, direction));
  // The journal knows a transaction by what the failed primary logged, whatever a policy made of it.
  const keys = missing.map(({ source }) => journalKey(source));
  if (direction === 'undo') {
    missing.reverse();
    keys.reverse();
  }
  const transactions = missing.map(({ transaction }) =>
    direction === 'undo' ? invertTransaction(transaction) : transaction,
  );
  const standing = { replay: replayStanding, undo: undoStanding, verify: verifyStanding }[direction];
  const definitions = await windowDefinitions(changedTables(transactions), reader);
  const altered: CheckResult[] = plan.tables.map(({ schema, table, definition }) => {
    const now = definitions.get(`${schema}.${table}`);
    // A table of the plan that no missing transaction touches is not asked for.
    if (!now || now.definitionDigest === definition) return null;
    return refusal(
      'schema-changed',
      `${schema}.${table} was altered on the restored primary since the plan was made`,
      'Run `reconcile diff` again, so that the rows are judged by the table as it is now.',
    );
  });
  runChecks(altered, force);
  const window = readWindowRows(transactions, definitions, charsetOf);
  const normaliser = new KeyNormaliser(reader);
  wantKeys(window, normaliser);
  await normaliser.settle();
  const slots = new WindowSlots(normaliser);
  const prints = footprints(window, slots, definitions);
  return {
    slots,
    normaliser,
    foreignKeys: prints.foreignKeys,
    transactions: missing.map(({ planned }, i) => ({
      planned,
      window: window.at(i),
      footprint: prints.transactions[i]!,
      standing: standing(planned, keys[i]!, memory),
      notes: resolutionNotes(keys[i]!, planned),
    })),
  };
}

type Readable = PlannedTransaction & Record<'transaction' | 'source', Transaction>;

/** Present ones are verified where a replay brought them as they were logged. */
function isConcerned(one: PlannedTransaction, direction: 'replay' | 'undo' | 'verify'): one is Readable {
  const { planned, transaction, source } = one;
  if (!transaction || !source) return false;
  if (planned.state === 'missing') return true;
  const asLogged = !planned.resolutions && !planned.resolvedEarlier;
  return direction === 'verify' && planned.state === 'present' && asLogged;
}

function* changedTables(transactions: readonly Transaction[]): Generator<TableMap> {
  for (const { changes } of transactions) for (const { table } of changes) yield table;
}

// Reads a plan back into transactions of the window, as the decoder once gave them. Trusts only what the checksum and
// the row format vouch for.
import { parseTableMap, type TableMap } from '../binlog/table-map.ts';
import type { Transaction } from '../binlog/transaction.ts';
import { ReconcileError } from '../reconcile-error.ts';
import type { PlanChange, PlanHeader, PlanTable, PlanTransaction } from './plan.ts';
import { planEntries, scanPlanFile, verifyPlanFile } from './plan-file.ts';
import { decodeImage } from './row-image.ts';

export interface PlannedTransaction {
  planned: PlanTransaction;
  /** null where the plan does not hold the rows of every change (they could not be read). */
  transaction: Transaction | null;
  /** As the failed primary logged it: the same, unless a policy resolved it. */
  source: Transaction | null;
  /** With those of the logged changes that the plan does hold. */
  readable: () => Transaction;
}

export interface LoadedPlan {
  header: PlanHeader;
  tables: PlanTable[];
  transactions: PlannedTransaction[];
}

/**
 * `accept` throws where a plan that is not what was written may not be used; it returns what is said of it from then on, in
 * this plan and in what is made of it. Without it a damaged plan is a ReconcileError('input').
 */
export async function loadPlan(path: string, accept?: (damage: string) => string): Promise<LoadedPlan> {
  const header = accept ? await acceptedHeader(path, accept) : await verifyPlanFile(path);
  const tables: PlanTable[] = [];
  const maps = new Map<number, TableMap>();
  const transactions: PlannedTransaction[] = [];
  for await (const entry of planEntries(path)) {
    if (entry.type === 'table') {
      tables.push(entry);
      maps.set(entry.id, tableMap(path, entry, header));
    } else {
      const read = (changes: PlanChange[]): Transaction | null =>
        plannedTransaction(path, entry, changes, maps, header);
      const transaction = read(entry.changes);
      transactions.push({
        planned: entry,
        transaction,
        source: entry.source ? read(entry.source) : transaction,
        readable: () => read((entry.source ?? entry.changes).filter(({ table }) => table >= 0))!,
      });
    }
  }
  return { header, tables, transactions };
}

async function acceptedHeader(path: string, accept: (damage: string) => string): Promise<PlanHeader> {
  const { header, damage } = await scanPlanFile(path);
  return damage === null ? header : { ...header, warnings: [...header.warnings, accept(damage)] };
}

function tableMap(path: string, { table, tableMap: text }: PlanTable, header: PlanHeader): TableMap {
  try {
    return parseTableMap(Buffer.from(text, 'base64'), header.failed.flavor);
  } catch (cause) {
    throw new ReconcileError(
      'input',
      `${path}: the plan is damaged: the description of table ${table} can't be read`,
      {
        hint: 'Write it again with `reconcile diff`; nothing was changed.',
        cause,
      },
    );
  }
}

function plannedTransaction(
  path: string,
  planned: PlanTransaction,
  changes: readonly PlanChange[],
  maps: ReadonlyMap<number, TableMap>,
  header: PlanHeader,
): Transaction | null {
  if (changes.some(({ table }) => table < 0)) return null;
  return {
    id: planned.id,
    gtid: planned.gtid,
    start: planned.start,
    end: planned.end,
    serverId: header.failed.serverId,
    origin: 'own',
    committedAt: microseconds(planned.committed),
    ...(planned.loggedDigest === undefined ? {} : { loggedDigest: planned.loggedDigest }),
    undecoded: [],
    bytes: 0,
    changes: changes.map((change) => {
      const table = maps.get(change.table);
      if (!table) {
        throw new ReconcileError(
          'input',
          `${path}: transaction ${planned.id} names table ${change.table}, which the plan lacks`,
        );
      }
      return {
        kind: change.op,
        table,
        before: image(change, 'before', table),
        after: image(change, 'after', table),
        flags: change.flags,
        place: planned.start,
      };
    }),
  };
}

/** 0 where the log had no time. */
function microseconds(text: string | null): number {
  const [, seconds, fraction = ''] = /^(.*?)(?:\.(\d+))?Z$/.exec(text ?? '') ?? [];
  return seconds === undefined ? 0 : Date.parse(`${seconds}Z`) * 1000 + Number(fraction.padEnd(6, '0'));
}

function image(change: PlanChange, side: 'before' | 'after', table: TableMap) {
  const text = change[side];
  return text === undefined ? null : decodeImage(text, table);
}

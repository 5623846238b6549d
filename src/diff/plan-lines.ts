// The diff as the lines of a plan. Counts and describes; decides nothing.
import type { Transaction } from '../binlog/transaction.ts';
import {
  PLAN_VERSION,
  type PlanChange,
  type PlanHeader,
  type PlanLine,
  type PlanTable,
  type PlanTransaction,
  type TransactionState,
} from '../plan/plan.ts';
import { encodeImage } from '../plan/row-image.ts';
import { describeConflict, displayKey } from './conflict.ts';
import type { JudgedTransaction, WindowDiff } from './diff-window.ts';
import { tableName, type WindowTable } from './window-table.ts';

/** What the header says beside the counts, known before the diff. */
export type PlanFacts = Pick<PlanHeader, 'cluster' | 'failed' | 'restored' | 'account' | 'warnings'> & {
  window: Pick<PlanHeader['window'], 'start' | 'end'>;
  /** Whether the restored primary's executed set has this GTID. */
  executed: (gtid: string) => boolean;
};

export function* planLines(diff: WindowDiff, facts: PlanFacts): Generator<PlanLine> {
  yield header(diff, facts);
  const tables = new Map<WindowTable, PlanTable>();
  for (const judged of diff.transactions) {
    for (const [i, row] of judged.rows.entries()) {
      if (!row || tables.has(row.table)) continue;
      const table = planTable(tables.size, row.table, judged.transaction.changes[i]!.table.body);
      tables.set(row.table, table);
      yield table;
    }
    yield planTransaction(judged, diff, facts, tables);
  }
}

function header(diff: WindowDiff, facts: PlanFacts): PlanHeader {
  const { window, executed: _, ...rest } = facts;
  const all = diff.transactions.map(({ transaction }) => transaction);
  const times = all.map(({ committedAt }) => committedAt).filter((time) => time > 0);
  const first = times.length > 0 ? times.reduce((a, b) => Math.min(a, b)) : null;
  const last = times.length > 0 ? times.reduce((a, b) => Math.max(a, b)) : null;
  const transactions = noStates();
  const changes = noStates();
  for (const { decision, changes: states } of diff.transactions) {
    transactions[decision.kind] += 1;
    for (const state of states) changes[state] += 1;
  }
  return {
    type: 'plan',
    version: PLAN_VERSION,
    ...rest,
    window: {
      ...window,
      firstCommit: isoTime(first),
      lastCommit: isoTime(last),
      seconds: first === null || last === null ? 0 : Math.round((last - first) / 1000) / 1000,
      transactions: all.length,
      changes: all.reduce((sum, transaction) => sum + transaction.changes.length, 0),
      bytes: all.reduce((sum, transaction) => sum + transaction.bytes, 0),
      tornTail: facts.account.tornTail !== null,
    },
    transactions,
    changes,
    tables: tableCounts(diff.transactions),
  };
}

function tableCounts(transactions: readonly JudgedTransaction[]): PlanHeader['tables'] {
  const tables = new Map<string, PlanHeader['tables'][number]>();
  for (const { transaction, changes } of transactions) {
    transaction.changes.forEach((change, i) => {
      const name = tableName(change.table);
      let counts = tables.get(name);
      if (!counts) {
        counts = { table: name, insert: 0, update: 0, delete: 0, conflict: 0 };
        tables.set(name, counts);
      }
      counts[change.kind] += 1;
      if (changes[i] === 'conflict') counts.conflict += 1;
    });
  }
  return [...tables.values()].sort((a, b) => (a.table < b.table ? -1 : 1));
}

function planTable(id: number, table: WindowTable, body: Buffer): PlanTable {
  return {
    type: 'table',
    id,
    schema: table.schema,
    table: table.table,
    columns: table.definitions.map(({ name }) => name),
    key: table.primaryKey.columns.map((i) => table.definitions[i]!.name),
    definition: table.definition.definitionDigest,
    tableMap: body.toString('base64'),
  };
}

function planTransaction(
  judged: JudgedTransaction,
  diff: WindowDiff,
  facts: PlanFacts,
  tables: ReadonlyMap<WindowTable, PlanTable>,
): PlanTransaction {
  const { transaction, decision, rows, changes } = judged;
  return {
    type: 'transaction',
    id: transaction.id,
    gtid: transaction.gtid,
    state: decision.kind,
    start: place(transaction.start),
    end: place(transaction.end),
    committed: isoTime(transaction.committedAt > 0 ? transaction.committedAt : null),
    executed: transaction.gtid !== null && facts.executed(transaction.gtid),
    changes: transaction.changes.map((change, i): PlanChange => {
      const row = rows[i] ?? null;
      const columns = change.table.columns.length;
      return {
        table: row ? tables.get(row.table)!.id : -1,
        name: tableName(change.table),
        op: change.kind,
        state: changes[i]!,
        key: row && displayKey(row, row.before ?? row.after),
        flags: change.flags,
        ...(row && change.before ? { before: encodeImage(change.before, columns) } : {}),
        ...(row && change.after ? { after: encodeImage(change.after, columns) } : {}),
      };
    }),
    ...(decision.kind === 'conflict'
      ? { conflicts: decision.findings.map((finding) => describeConflict(finding, judged, diff.slots, diff.facts)) }
      : {}),
    ...(decision.kind === 'held' ? { heldBy: { transaction: decision.by, because: decision.because } } : {}),
    ...(decision.kind === 'unsupported' ? { unsupported: decision.reasons } : {}),
  };
}

function place({ file, position }: Transaction['start']): { file: string; position: number } {
  return { file, position };
}

function noStates(): Record<TransactionState, number> {
  return { missing: 0, present: 0, conflict: 0, held: 0, unsupported: 0 };
}

/** Microseconds since 1970 as `2026-11-20T10:00:00.123456Z`. */
export function isoTime(micros: number | null): string | null {
  if (micros === null) return null;
  const seconds = Math.floor(micros / 1e6);
  const fraction = String(micros - seconds * 1e6).padStart(6, '0');
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${fraction}Z`;
}

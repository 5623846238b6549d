// Counts over a window's transactions, as plan headers and `inspect` show them. Judges nothing.
import type { Transaction } from '../binlog/transaction.ts';
import type { PlanHeader, PlanWindow } from './plan.ts';

export function tableName({ schema, table }: { schema: string; table: string }): string {
  return `${schema}.${table}`;
}

export function windowCounts(
  transactions: Iterable<Transaction>,
): Omit<PlanWindow, 'start' | 'end' | 'tornTail'> {
  let first: number | null = null;
  let last: number | null = null;
  let changes = 0;
  let bytes = 0;
  let count = 0;
  for (const transaction of transactions) {
    count += 1;
    changes += transaction.changes.length;
    bytes += transaction.bytes;
    const { committedAt } = transaction;
    if (committedAt <= 0) continue;
    first = first === null ? committedAt : Math.min(first, committedAt);
    last = last === null ? committedAt : Math.max(last, committedAt);
  }
  return {
    firstCommit: isoTime(first),
    lastCommit: isoTime(last),
    seconds: first === null || last === null ? 0 : Math.round((last - first) / 1000) / 1000,
    transactions: count,
    changes,
    bytes,
  };
}

/** By table, sorted by name. `isConflict` says it of a transaction's change by its number. */
export function tableCounts(
  transactions: Iterable<Transaction>,
  isConflict: (transaction: number, change: number) => boolean,
): PlanHeader['tables'] {
  const tables = new Map<string, PlanHeader['tables'][number]>();
  let transaction = 0;
  for (const { changes } of transactions) {
    for (const [change, { table, kind }] of changes.entries()) {
      const name = tableName(table);
      let counts = tables.get(name);
      if (!counts) {
        counts = { table: name, insert: 0, update: 0, delete: 0, conflict: 0 };
        tables.set(name, counts);
      }
      counts[kind] += 1;
      if (isConflict(transaction, change)) counts.conflict += 1;
    }
    transaction += 1;
  }
  return [...tables.values()].sort((a, b) => (a.table < b.table ? -1 : 1));
}

/** Microseconds since 1970 as `2026-11-20T10:00:00.123456Z`. */
export function isoTime(micros: number | null): string | null {
  if (micros === null) return null;
  const seconds = Math.floor(micros / 1e6);
  const fraction = String(micros - seconds * 1e6).padStart(6, '0');
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${fraction}Z`;
}

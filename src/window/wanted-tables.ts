// Which transactions a request for certain tables asks for. Never splits one: a wanted table brings all of it.
import type { Transaction } from '../binlog/transaction.ts';
import { rowsOf } from '../binlog/transaction-group.ts';
import type { WindowRequest } from './window-request.ts';

export function isWanted(
  transaction: Transaction,
  { tables, ignoreTables }: Pick<WindowRequest, 'tables' | 'ignoreTables'>,
): boolean {
  if (tables.length === 0 && ignoreTables.length === 0) return true;
  // A statement may touch any table: it stays loud.
  if (transaction.undecoded.length > 0 || isEmpty(transaction)) return true;
  return tablesOf(transaction).some(
    (name) => (tables.length === 0 || tables.includes(name)) && !ignoreTables.includes(name),
  );
}

/** `db.table` of each of its rows events. */
export function tablesOf(transaction: Transaction): string[] {
  return rowsOf(transaction).map(({ table: { schema, table } }) => `${schema}.${table}`);
}

export function isEmpty(transaction: Transaction): boolean {
  return transaction.undecoded.length === 0 && rowsOf(transaction).every(({ count }) => count === 0);
}

// Tells the replay's own transactions in the restored primary's log from everybody else's. Nothing else.
import type { Transaction } from '../binlog/transaction.ts';
import { rowsOf } from '../binlog/transaction-group.ts';
import { noteBegins } from './journal.ts';
import { REPLAY_DOMAIN } from './open-server-writers.ts';

/**
 * By its GTID where it kept the window's (`window`: the ids of its transactions), by MariaDB's replay domain, or by the
 * journal row among its changes, or its statements. An undo always has a journal row.
 */
export function isReplay(transaction: Transaction, window: ReadonlySet<string>, journal: string): boolean {
  const { gtid } = transaction;
  if (gtid !== null && (window.has(gtid) || gtid.startsWith(`${REPLAY_DOMAIN}-`))) return true;
  const note = `${noteBegins(journal)} `;
  if (transaction.undecoded.some(({ reason, detail }) => reason === 'statement' && detail.startsWith(note)))
    return true;
  const isJournal = ({ schema, table }: { schema: string; table: string }): boolean =>
    schema === journal && table === 'journal';
  const events = rowsOf(transaction);
  if (events.length > 0) return events.some(({ table }) => isJournal(table));
  return transaction.changes.some(({ table }) => isJournal(table));
}

// What stands in the journal, and its removal with the schema that was made for it. Never removes a table that is not the
// journal, nor a schema that holds anything else.
import type { Server } from '../server/connection.ts';
import { quoteName, quoteText } from '../server/sql-text.ts';
import { JOURNAL_COMMENT, notOurs } from './journal.ts';

export interface JournalContents {
  /** Transactions by their last entry. */
  applied: number;
  undone: number;
  /** Seconds since the last entry; null where there is none. */
  age: number | null;
}

/** Null where there is no journal. Throws ReconcileError('input') where the table of that name is somebody else's. */
export async function readJournalContents(server: Server, schema: string): Promise<JournalContents | null> {
  const [table] = await server.query(
    `SELECT TABLE_COMMENT AS comment FROM information_schema.TABLES WHERE TABLE_SCHEMA=${quoteText(schema)} AND TABLE_NAME='journal'`,
  );
  if (!table) return null;
  if (table.comment !== JOURNAL_COMMENT) throw notOurs(schema);
  const name = journalTable(schema);
  // What a policy made of a transaction stands in entries of its own, behind the transaction's key (id and digest).
  const rows = await server.query(
    `SELECT state, COUNT(DISTINCT SUBSTRING_INDEX(transaction_id, ' ', 2)) AS n FROM ${name} j WHERE step = (SELECT MAX(step) FROM ${name} k
       WHERE k.source = j.source AND k.transaction_id = j.transaction_id) GROUP BY state`,
  );
  const [last] = await server.query(
    `SELECT TIMESTAMPDIFF(SECOND, MAX(noted_at), NOW(6)) AS age FROM ${name}`,
  );
  const count = (state: string): number => Number(rows.find((row) => row.state === state)?.n ?? 0);
  return {
    applied: count('applied'),
    undone: count('undone'),
    age: last?.age == null ? null : Number(last.age),
  };
}

/** Whether the schema went with it: it does where nothing else is in it. */
export async function removeJournal(server: Server, schema: string): Promise<boolean> {
  await server.query(`DROP TABLE ${journalTable(schema)}`);
  const holds = (view: string, column: string): string =>
    `(SELECT COUNT(*) FROM information_schema.${view} WHERE ${column}=${quoteText(schema)})`;
  const [left] = await server.query(
    `SELECT ${holds('TABLES', 'TABLE_SCHEMA')} + ${holds('ROUTINES', 'ROUTINE_SCHEMA')} + ${holds('EVENTS', 'EVENT_SCHEMA')} AS n`,
  );
  if (left?.n !== '0') return false;
  await server.query(`DROP DATABASE ${quoteName(schema)}`);
  return true;
}

function journalTable(schema: string): string {
  return `${quoteName(schema)}.${quoteName('journal')}`;
}

// The journal table on the restored primary: which transactions were replayed, written in the same transaction as
// their rows. Used where a GTID can't carry that. Never holds customers' values.
import type { Server } from '../server/connection.ts';
import { quoteName, quoteText } from '../server/sql-text.ts';

export const DEFAULT_JOURNAL_SCHEMA = 'reconcile';

export interface Journal {
  /** Transactions of this failed primary that were replayed. */
  readonly applied: ReadonlySet<string>;
  /** Makes the table where it is missing. Only a replay with --apply calls it. */
  create(): Promise<void>;
  /** The statement that notes `id`; it fails with a duplicate key where the id is noted already. */
  entry(id: string): string;
}

/** `source` names the failed primary: positions repeat from server to server. Reads; makes nothing. */
export async function openJournal(
  server: Server,
  source: string,
  schema = DEFAULT_JOURNAL_SCHEMA,
): Promise<Journal> {
  const table = `${quoteName(schema)}.${quoteName('journal')}`;
  const exists = await server.query(
    `SELECT 1 AS found FROM information_schema.TABLES WHERE TABLE_SCHEMA=${quoteText(schema)} AND TABLE_NAME='journal'`,
  );
  const rows =
    exists.length === 0
      ? []
      : await server.query(`SELECT transaction_id AS id FROM ${table} WHERE source=${quoteText(source)}`);
  return {
    applied: new Set(rows.map(({ id }) => id!)),
    async create() {
      if (exists.length > 0) return;
      await server.query(`CREATE DATABASE IF NOT EXISTS ${quoteName(schema)}`);
      await server.query(
        `CREATE TABLE IF NOT EXISTS ${table} (
           source VARBINARY(64) NOT NULL COMMENT 'failed primary',
           transaction_id VARBINARY(255) NOT NULL COMMENT 'GTID, or file:position',
           applied_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
           PRIMARY KEY (source, transaction_id)
         ) ENGINE=InnoDB COMMENT='transactions replayed by reconcile; removed when nothing is left to replay'`,
      );
    },
    entry: (id) =>
      `INSERT INTO ${table} (source, transaction_id) VALUES (${quoteText(source)}, ${quoteText(id)})`,
  };
}

// The journal table on the restored primary: which transactions were replayed or undone, written in the same
// transaction as their rows. Used where a GTID can't carry that. Never holds customers' values.
import { ReconcileError } from '../reconcile-error.ts';
import type { Server, TextRow } from '../server/connection.ts';
import { readGrants } from '../server/grants.ts';
import { quoteName, quoteText } from '../server/sql-text.ts';
import { DEFAULT_JOURNAL_SCHEMA } from './journal-schema.ts';

/** By it the table is known as ours: somebody else may have a table of the same name. */
export const JOURNAL_COMMENT = 'what reconcile replayed; drop it when nothing is left to replay or undo';

export type JournalState = 'applied' | 'undone';

export interface Journal {
  /** What is noted of the transaction with this key (see journalKey); undefined: nothing. */
  state(key: string): JournalState | undefined;
  readonly isEmpty: boolean;
  /** What is noted, by key. */
  readonly states: ReadonlyMap<string, JournalState>;
  readonly schema: string;
  /** Whether the table is there. */
  readonly exists: boolean;
  /** Makes the table where it is missing. Only a run with --apply calls it. */
  create(): Promise<void>;
  /**
   * The statement that notes `state`. It fails with a duplicate key where another run has noted the transaction
   * meanwhile, so that nothing can be noted, and therefore written, twice.
   */
  note(key: string, state: JournalState): string;
}

/**
 * `failedServerId` is that of the failed primary, which its log alone tells: plans made with and without a record, live
 * and from files, find the same entries. Reads; makes nothing.
 */
export async function openJournal(
  server: Server,
  failedServerId: number,
  schema = DEFAULT_JOURNAL_SCHEMA,
): Promise<Journal> {
  const source = `server id ${failedServerId}`;
  const table = `${quoteName(schema)}.${quoteName('journal')}`;
  const exists = await server.query(
    `SELECT TABLE_COMMENT AS comment, ENGINE AS engine FROM information_schema.TABLES WHERE TABLE_SCHEMA=${quoteText(schema)} AND TABLE_NAME='journal'`,
  );
  if (exists.length === 0) await refuseUnseen(server, schema);
  else refuseForeign(exists[0]!, server, schema);
  const rows =
    exists.length === 0
      ? []
      : await server.query(
          `SELECT transaction_id AS id, step, state FROM ${table} WHERE source=${quoteText(source)} ORDER BY step`,
        );
  const states = new Map<string, JournalState>();
  const steps = new Map<string, number>();
  for (const { id, step, state } of rows) {
    states.set(id!, state as JournalState);
    steps.set(id!, Number(step));
  }
  return {
    state: (key) => states.get(key),
    isEmpty: states.size === 0,
    states,
    schema,
    exists: exists.length > 0,
    async create() {
      if (exists.length > 0) return;
      await server.query(`CREATE DATABASE IF NOT EXISTS ${quoteName(schema)}`);
      await server.query(
        `CREATE TABLE IF NOT EXISTS ${table} (
           source VARBINARY(64) NOT NULL COMMENT 'failed primary',
           transaction_id VARBINARY(512) NOT NULL COMMENT 'GTID or file:position, and a digest of the content',
           step INT UNSIGNED NOT NULL COMMENT 'grows with each replay and undo of it',
           state ENUM('applied','undone') NOT NULL,
           noted_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
           PRIMARY KEY (source, transaction_id, step)
         ) ENGINE=InnoDB COMMENT=${quoteText(JOURNAL_COMMENT)}`,
      );
    },
    note: (key, state) =>
      `${noteBegins(schema)} (source, transaction_id, step, state) VALUES (${quoteText(source)}, ${quoteText(key)}, ${
        (steps.get(key) ?? 0) + 1
      }, '${state}')`,
  };
}

/** What each note begins with: a server with binlog_format=MIXED logs it as a statement. */
export function noteBegins(schema: string): string {
  return `INSERT INTO ${quoteName(schema)}.${quoteName('journal')}`;
}

/** A note must go with its transaction: what another engine keeps of one that was rolled back would count as replayed. */
function refuseForeign({ comment, engine }: TextRow, { name }: Server, schema: string): void {
  if (comment !== JOURNAL_COMMENT) throw notOurs(schema);
  if (engine?.toLowerCase() === 'innodb') return;
  throw new ReconcileError(
    'input',
    `${name}: the journal ${schema}.journal is not InnoDB any more (${engine}): it can't tell what was replayed`,
    {
      hint: `Transactions that were rolled back may be noted in it since. Compare before you trust it; it becomes usable again by ALTER TABLE ${quoteName(schema)}.journal ENGINE=InnoDB.`,
    },
  );
}

/** Somebody else's table of the same name. */
export function notOurs(schema: string): ReconcileError {
  return new ReconcileError(
    'input',
    `${schema}.journal is not a journal of reconcile, and is left as it is`,
    { hint: 'Name the schema of the journal with --journal.' },
  );
}

/** A journal that the account may not read looks as if nothing had been replayed. */
async function refuseUnseen(server: Server, schema: string): Promise<void> {
  if ((await readGrants(server)).has('SELECT', schema, 'journal')) return;
  throw new ReconcileError(
    'privilege',
    `${server.name}: ${server.user} lacks SELECT ON ${schema}.journal: without it nobody knows whether the journal is there, and what was replayed`,
    { hint: `Grant it: GRANT SELECT ON ${quoteName(schema)}.* TO …; (the schema need not be there for it)` },
  );
}

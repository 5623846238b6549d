// Whether a table's columns still stand where they stood when the replay began: a row event has no names that a server would
// look at, so that behind a customer's ALTER TABLE its values would go into other columns. Asked inside each transaction,
// whose metadata lock keeps the table as it is from there on. Judges no row.
import { tablesOf } from '../binlog/kept-transactions.ts';
import type { TableMap } from '../binlog/table-map.ts';
import type { Transaction } from '../binlog/transaction.ts';
import { tableName } from '../plan/window-counts.ts';
import { ReconcileError } from '../reconcile-error.ts';
import { lengthAt, lengthBytes } from '../server/answered-row.ts';
import type { Server } from '../server/connection.ts';
import { statementError } from '../server/connection-errors.ts';
import { batches } from '../server/key-batches.ts';
import { RowSet } from '../server/row-set.ts';
import { quoteName } from '../server/sql-text.ts';
import { sendBatch } from '../server/statement-batch.ts';
import type { Look } from './quick-look.ts';
import { faultOf } from './server-faults.ts';

export interface TableLayouts {
  /** Of all tables that the transaction writes. */
  looks(transaction: Transaction): readonly Look[];
}

/** Where rows are written by their columns' names. */
export const NO_LAYOUTS: TableLayouts = { looks: () => [] };

/** ER_TABLEACCESS_DENIED, ER_COLUMNACCESS_DENIED, ER_DBACCESS_DENIED, ER_BAD_DB, ER_NO_SUCH_TABLE. */
const NOT_SEEN = new Set([1142, 1143, 1044, 1049, 1146]);

/**
 * A table that is not there, or not for our account, has no layout that would ever fit: what is wrong with it is told elsewhere. Throws
 * ReconcileError('connection') where somebody keeps one locked.
 */
export async function readLayouts(server: Server, tables: readonly TableMap[]): Promise<TableLayouts> {
  const layouts = new Map<string, Layout>();
  for (const table of tables) {
    const name = tableName(table);
    if (layouts.has(name)) continue;
    const source = `${quoteName(table.schema)}.${quoteName(table.table)}`;
    const sql = `SELECT * FROM ${source} LIMIT 0`;
    const { answers, fault } = await sendBatch(server.connection, [sql]);
    const { kind, errno } = faultOf(fault);
    if (fault !== null && kind === 'try-again') throw keptLocked(server, name, fault);
    if (fault !== null && !NOT_SEEN.has(errno)) throw statementError(server.name, sql, fault);
    const columns = answers[0] instanceof RowSet ? answers[0].described : null;
    layouts.set(name, { number: layouts.size, source, columns });
  }
  return new LayoutLooks(layouts);
}

interface Layout {
  number: number;
  source: string;
  /** As the server described them; null: not seen. */
  columns: readonly Buffer[] | null;
}

/** Of one statement: no server joins more than 61 tables. */
const MOST_TABLES = 30;
const MOST_COLUMNS = 1000;
/** So many sets of tables are remembered: a window has few, or too many to be worth it. */
const MOST_SETS = 1000;

class LayoutLooks implements TableLayouts {
  readonly #layouts: ReadonlyMap<string, Layout>;
  readonly #ofTables = new Map<TableMap, Layout>();
  readonly #ofSets = new Map<string, Look[]>();

  constructor(layouts: ReadonlyMap<string, Layout>) {
    this.#layouts = layouts;
  }

  looks(transaction: Transaction): readonly Look[] {
    const written = new Set<Layout>();
    for (const table of tablesOf(transaction)) written.add(this.#of(table));
    const tables = [...written].sort((one, other) => one.number - other.number);
    const key = tables.map(({ number }) => number).join();
    let looks = this.#ofSets.get(key);
    if (looks === undefined) {
      // A statement for each table would cost as much as writing its rows.
      const columnsOf = ({ columns }: Layout): number => columns?.length ?? 0;
      looks = [...batches(tables, MOST_TABLES, columnsOf, MOST_COLUMNS)].map(layoutLook);
      if (this.#ofSets.size === MOST_SETS) this.#ofSets.clear();
      this.#ofSets.set(key, looks);
    }
    return looks;
  }

  #of(table: TableMap): Layout {
    let layout = this.#ofTables.get(table);
    if (layout === undefined) {
      layout = this.#layouts.get(tableName(table))!;
      this.#ofTables.set(table, layout);
    }
    return layout;
  }
}

function layoutLook(tables: readonly Layout[]): Look {
  const then = tables.flatMap(({ columns }) => columns ?? []);
  const isSeen = tables.every(({ columns }) => columns !== null);
  // FOR UPDATE: the lock that writing takes, at once. One that has to be made stronger meets those who wait for the table.
  const sql = `SELECT * FROM ${tables.map(({ source }) => source).join(', ')} LIMIT 0 FOR UPDATE`;
  return { sql, before: 0, fits: ({ described }) => isSeen && isSame(then, described) };
}

export function alteredMeanwhile(transaction: string): ReconcileError {
  return new ReconcileError(
    'refused',
    `a table of transaction ${transaction} was altered on the restored primary while the replay ran: nothing of it was written`,
    {
      check: 'schema-changed',
      hint: 'Run `reconcile diff` again, so that the rows are judged by the table as it is now.',
    },
  );
}

function keptLocked({ name }: Server, table: string, cause: unknown): ReconcileError {
  return new ReconcileError('connection', `${name}: another session keeps ${table} locked`, {
    hint: 'Nothing was written. Find it (SHOW PROCESSLIST; a LOCK TABLES, an ALTER TABLE), then run the same command again.',
    cause,
  });
}

function isSame(then: readonly Buffer[], now: readonly Buffer[]): boolean {
  return (
    then.length === now.length &&
    then.every((one, i) => one.equals(now[i]!) || column(one) === column(now[i]!))
  );
}

/** UNSIGNED, BINARY, ENUM, SET. The other flags tell of keys and defaults. */
const FLAGS_OF_TYPE = 32 | 128 | 256 | 2048;

/** Name and type of a column, of Protocol::ColumnDefinition41. */
function column(packet: Buffer): string {
  let at = 0;
  let name = '';
  // Catalogue, schema, table twice, the column's name, the name behind it.
  for (let i = 0; i < 6; i++) {
    const from = at + lengthBytes(packet, at);
    at = from + lengthAt(packet, at);
    if (i === 4) name = packet.toString('latin1', from, at);
  }
  // MariaDB tells more of some types (JSON, UUID) in between; then a length, and: character set, length, type, flags, decimals.
  const end = packet.length - 12;
  const more = packet.toString('latin1', at, end - 1);
  const flags = packet.readUInt16LE(end + 7) & FLAGS_OF_TYPE;
  return `${name}\0${more}\0${packet.toString('latin1', end, end + 7)}\0${flags}\0${packet[end + 9]}`;
}

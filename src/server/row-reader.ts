// Reads rows of the restored primary by key: in batches, by index, over a few connections. Never scans a table,
// never judges a row.
import { serverValue, type ValueColumn } from '../binlog/column-value.ts';
import { ReconcileError } from '../reconcile-error.ts';
import { type ColumnDefinition, readCatalogue, type TableDefinition, type UniqueKey } from './catalogue.ts';
import { keyLiteral, selectExpression } from './column-sql.ts';
import type { RawConnection, Server } from './connection.ts';
import { statementError } from './connection-errors.ts';
import {
  keyLiterals,
  keyValues,
  ROWS_A_STATEMENT,
  selectByLiterals,
  whyNotAsked,
} from './expression-keys.ts';
import { bytesOfKey, inBatches } from './key-batches.ts';
import { nextKey } from './next-key.ts';
import { type RawRow, rawRows } from './raw-rows.ts';
import { quoteName } from './sql-text.ts';
import { wholeRowCondition } from './whole-rows.ts';

/** Values a statement whose weights are asked for. */
const VALUES_A_STATEMENT = 500;
const CONNECTIONS = 3;

export interface KeyLookUp {
  definition: TableDefinition;
  /** Positions of the columns to look up by. */
  columns: number[];
  keys: string[][];
  /** Whole rows to be found, in the place of keys: for a table without any. */
  wholeRows?: readonly (string | null)[][];
  /** At most so many rows of the key, of which there is one. */
  most?: number;
  /** By column: whether a key's value is only the beginning of what is looked for. */
  prefixes?: readonly ((value: string) => boolean)[];
  /** Name of the index over those columns, where it is known. */
  index: string | undefined;
}

export class RowReader {
  readonly #server: Server;
  readonly #admit: () => Promise<void>;
  readonly #connections: Promise<RawConnection>[] = [];
  #noPad: Promise<Map<string, boolean>> | null = null;
  #asked = 0;

  /** `admit` is waited for before each statement: it holds them back while the server is busy. */
  constructor(server: Server, admit: () => Promise<void> = async () => {}) {
    this.#server = server;
    this.#admit = admit;
  }

  definitions(tables: { schema: string; table: string }[]): Promise<Map<string, TableDefinition>> {
    // Rows are asked for next: their connection is opened meanwhile. A failure is told by the look-up that needs it.
    if (tables.length > 0) this.#connection(0).catch(() => {});
    return readCatalogue(this.#server, tables);
  }

  /** One statement a look-up, or some where its keys are long. They are taken from the list as connections get free; so are the answers handed on. */
  rows<T extends KeyLookUp>(
    lookUps: Iterable<T>,
    take: (lookUp: T, rows: (string | null)[][]) => Promise<void> | void,
  ): Promise<void> {
    return this.rawRows(lookUps, (lookUp, rows) => take(lookUp, rows.map(canonicalRow(lookUp.definition))));
  }

  /** The same, rows as the server sent them. */
  async rawRows<T extends KeyLookUp>(
    lookUps: Iterable<T>,
    take: (lookUp: T, rows: RawRow[]) => Promise<void> | void,
  ): Promise<void> {
    const next = lookUps[Symbol.iterator]();
    const work = async (worker: number): Promise<void> => {
      for (let one = next.next(); one.done !== true; one = next.next()) {
        const lookUp = one.value;
        let rows: RawRow[] = [];
        for (const piece of inPieces(lookUp)) {
          // Not by push(...): the rows of a large table are too many arguments.
          rows = rows.concat(await this.#ask(worker, selectByKeys(piece)));
        }
        await take(lookUp, rows);
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, (_, i) => work(i)));
  }

  /** Weights under the column's collation: equal exactly where the collation calls the values equal. */
  async collationKeys(column: ColumnDefinition, values: string[]): Promise<string[]> {
    const keys: string[] = [];
    const padded = !(await this.#isNoPad(column.collation!));
    // Whoever asks for several at once gets a connection for each.
    const worker = this.#asked++ % CONNECTIONS;
    for (const batch of inBatches(values, VALUES_A_STATEMENT, ({ length }) => length)) {
      const weights = batch.map((value) => weightExpression(column, value, padded));
      const [row] = await this.#ask(worker, `SELECT ${weights.join(', ')}`);
      for (const weight of row!) {
        if (weight === null) {
          throw new ReconcileError(
            'unsupported',
            `${column.name}: no weights for collation ${column.collation}`,
          );
        }
        keys.push(weight.toString('latin1'));
      }
    }
    return keys;
  }

  /**
   * For each row of ours, the row here that has its value in a unique key over expressions; null: none. A text: why that
   * can't be asked without reading the table.
   */
  async rowsByExpression(
    definition: TableDefinition,
    key: UniqueKey,
    rows: readonly (string | null)[][],
  ): Promise<((string | null)[] | null)[] | string> {
    const why = whyNotAsked(key, definition);
    if (why !== null) return why;
    const found: ((string | null)[] | null)[] = rows.map(() => null);
    const canonical = canonicalRow(definition);
    try {
      for (let from = 0; from < rows.length; from += ROWS_A_STATEMENT) {
        const answers = await this.#ask(
          0,
          keyValues(key, definition, rows.slice(from, from + ROWS_A_STATEMENT)),
        );
        const asked = answers.flatMap((answer, i) => {
          const literals = keyLiterals(answer);
          return literals === null ? [] : [{ place: from + i, literals }];
        });
        if (asked.length === 0) continue;
        const plan = await this.#server.query(
          `EXPLAIN FORMAT=TRADITIONAL ${selectByLiterals(key, definition, '1', asked[0]!.literals)}`,
        );
        if (!isByIndex(plan)) return 'the server would read the table for it';
        const selects = asked.map(
          ({ place, literals }) =>
            `(${selectByLiterals(key, definition, `${place}, ${canonicalSelect(definition)}`, literals)})`,
        );
        for (const [place, ...row] of await this.#ask(0, selects.join(' UNION ALL ')))
          found[Number(place)] = canonical(row);
      }
    } catch (cause) {
      if (!(cause instanceof ReconcileError) || cause.code !== 'internal') throw cause;
      // Its message may hold values.
      return 'the server can’t work it out for these rows';
    }
    return found;
  }

  nextKey(definition: TableDefinition, column: ColumnDefinition): Promise<bigint> {
    return nextKey(this.#server, definition, column);
  }

  async #isNoPad(collation: string): Promise<boolean> {
    this.#noPad ??= this.#readNoPad();
    return (await this.#noPad).get(collation) ?? /nopad/.test(collation);
  }

  async #readNoPad(): Promise<Map<string, boolean>> {
    const columns = await this.#server.query(
      `SELECT COLUMN_NAME AS name FROM information_schema.COLUMNS WHERE TABLE_SCHEMA='information_schema'
       AND TABLE_NAME='COLLATIONS' AND COLUMN_NAME='PAD_ATTRIBUTE'`,
    );
    if (columns.length === 0) return new Map();
    const rows = await this.#server.query(
      'SELECT COLLATION_NAME AS name, PAD_ATTRIBUTE AS pad FROM information_schema.COLLATIONS',
    );
    return new Map(rows.map(({ name, pad }) => [name!, pad === 'NO PAD']));
  }

  async #ask(worker: number, sql: string): Promise<RawRow[]> {
    await this.#admit();
    const connection = await this.#connection(worker);
    try {
      return await rawRows(connection, sql);
    } catch (cause) {
      throw statementError(this.#server.name, sql, cause);
    }
  }

  #connection(worker: number): Promise<RawConnection> {
    this.#connections[worker] ??= this.#server.open();
    return this.#connections[worker];
  }
}

/** Also where it has looked already, and found nothing. */
function isByIndex(plan: readonly Record<string, string | null>[]): boolean {
  return plan.every(
    ({ type, Extra }) =>
      ['const', 'ref', 'range', 'eq_ref'].includes(type ?? '') || /no matching row/i.test(Extra ?? ''),
  );
}

const valueColumns = new WeakMap<TableDefinition, ValueColumn[]>();

/** Turns the server's answer to `selectByKeys` into canonical values. */
export function canonicalRow(
  definition: TableDefinition,
): (row: readonly (Buffer | null)[]) => (string | null)[] {
  const columns = answeredColumns(definition);
  return (row) => row.map((value, i) => (value === null ? null : serverValue(columns[i]!, value)));
}

/** What serverValue() has to know of each column. */
export function answeredColumns(definition: TableDefinition): readonly ValueColumn[] {
  let columns = valueColumns.get(definition);
  if (columns === undefined) {
    columns = definition.columns.map(valueColumn);
    valueColumns.set(definition, columns);
  }
  return columns;
}

function valueColumn(column: ColumnDefinition): ValueColumn {
  const binary = column.charset === null || column.charset === 'binary';
  return { type: LOG_TYPE[column.dataType] ?? -1, meta: 0, unsigned: column.unsigned, binary };
}

/** Only what `serverValue` tells apart: numbers (floating point, ZEROFILL) and fixed-length strings. */
const LOG_TYPE: Record<string, number> = {
  tinyint: 1,
  smallint: 2,
  mediumint: 9,
  int: 3,
  bigint: 8,
  decimal: 246,
  float: 4,
  double: 5,
  char: 254,
  binary: 254,
  uuid: 254,
  inet4: 254,
  inet6: 254,
};

/** `select`: what is asked of each row, else every column as its canonical value (see canonicalRow). */
export function selectByKeys(
  { definition, columns, keys, index, wholeRows, most, prefixes }: KeyLookUp,
  select = canonicalSelect(definition),
): string {
  const names = columns.map((column) => quoteName(definition.columns[column]!.name));
  const literals = keys.map((key) =>
    key.map((value, i) => keyLiteral(definition.columns[columns[i]!]!, value)),
  );
  // Row constructors, (a, b) IN ((1, 2)), make MariaDB scan: ORed conjunctions are ranges on every server.
  const where = wholeRows
    ? wholeRows.map((row) => wholeRowCondition(definition, row)).join(' OR ')
    : columns.length === 1 && !prefixes
      ? `${names[0]} IN (${literals.map((key) => key[0]).join(',')})`
      : literals
          .map((key, k) => {
            const parts = key.map((literal, i) =>
              prefixes?.[i]?.(keys[k]![i]!)
                ? `${names[i]} LIKE ${beginsWith(definition.columns[columns[i]!]!, keys[k]![i]!)}`
                : `${names[i]}=${literal}`,
            );
            return `(${parts.join(' AND ')})`;
          })
          .join(' OR ');
  const force = index === undefined ? '' : ` FORCE INDEX (${quoteName(index)})`;
  const limit = most === undefined ? '' : ` LIMIT ${most}`;
  return `SELECT ${select} FROM ${quoteName(definition.schema)}.${quoteName(definition.table)}${force} WHERE ${where}${limit}`;
}

/** Of a character set whose bytes below 128 are ASCII, wherever they stand. */
function beginsWith(column: ColumnDefinition, value: string): string {
  return keyLiteral(column, `${value.replace(/[\\%_]/g, '\\$&')}%`);
}

/** Asked for once a transaction: made once a table. */
const selects = new WeakMap<TableDefinition, string>();

function canonicalSelect(definition: TableDefinition): string {
  let select = selects.get(definition);
  if (select === undefined) {
    // A column may bear any name, one that the driver refuses as a result's name too (`__proto__`): ours never do.
    select = definition.columns.map((column, i) => `${selectExpression(column)} AS c${i}`).join(', ');
    selects.set(definition, select);
  }
  return select;
}

function weightExpression(column: ColumnDefinition, value: string, padded: boolean): string {
  const text = keyLiteral(column, value);
  // Trailing spaces do not count under a PAD SPACE collation, but WEIGHT_STRING would weigh them.
  const trimmed = padded ? `TRIM(TRAILING CONVERT(' ' USING ${column.charset}) FROM ${text})` : text;
  return `WEIGHT_STRING(${trimmed} COLLATE ${column.collation})`;
}

/**
 * Keys in one statement that locks what it reads, at most. While a table's statistics still say that it is empty, MySQL reads
 * the whole of an index that has all of its columns rather than some keys of it, and locks all of that. One key is never a scan.
 */
export function keysToLock({ columns, primaryKey }: TableDefinition, key: readonly number[]): number {
  const rest = columns.filter(({ name }, i) => !key.includes(i) && !primaryKey?.includes(name));
  return rest.length === 0 ? 1 : Number.POSITIVE_INFINITY;
}

/** The same look-up in as many statements as its keys need. Whole rows are not split: a row could come twice. */
export function inPieces<T extends KeyLookUp>(lookUp: T, most = Number.POSITIVE_INFINITY): T[] {
  const { keys } = lookUp;
  if (keys.length <= 1) return [lookUp];
  const pieces = inBatches(keys, Math.min(keys.length, most), bytesOfKey);
  return pieces.length === 1 ? [lookUp] : pieces.map((piece) => ({ ...lookUp, keys: piece }));
}

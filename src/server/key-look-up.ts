// The SQL text of a look-up by key: which rows of a table, by which index, in how many statements. Asks nobody.
import { canonicalSelect } from './canonical-row.ts';
import { keyLiteral } from './column-sql.ts';
import { bytesOfKey, inBatches } from './key-batches.ts';
import { quoteName } from './sql-text.ts';
import type { ColumnDefinition, TableDefinition } from './table-definition.ts';
import { wholeRowCondition } from './whole-rows.ts';

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

/** Values in one list: below MariaDB's in_predicate_conversion_threshold (1000), small enough for any parser. */
const LISTED_VALUES = 900;
const LISTED_KEYS = 500;
/** The server holds each row that it finds against one after the other. */
export const ORED_KEYS = 100;

/** Keys in one statement, at most. */
export function keysALookUp(definition: TableDefinition, columns: readonly number[]): number {
  if (!isList(definition, columns)) return ORED_KEYS;
  return Math.min(LISTED_KEYS, Math.floor(LISTED_VALUES / columns.length));
}

const INTEGERS = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint']);

/**
 * Whether the keys can be one list, which the server searches: (a, b) IN ((1, 2), …) of integers, which compare there as they
 * do alone. For every server that is a search of the index by ranges (see in_predicate_conversion_threshold in session-settings.ts).
 */
function isList({ columns: all }: TableDefinition, columns: readonly number[]): boolean {
  return columns.length === 1 || columns.every((column) => INTEGERS.has(all[column]!.dataType));
}

/** `select`: what is asked of each row, else every column as its canonical value (see canonicalRows). */
export function selectByKeys(
  { definition, columns, keys, index, wholeRows, most, prefixes }: KeyLookUp,
  select = canonicalSelect(definition),
): string {
  const names = columns.map((column) => quoteName(definition.columns[column]!.name));
  const literals = keys.map((key) =>
    key.map((value, i) => keyLiteral(definition.columns[columns[i]!]!, value)),
  );
  const rows = literals.map((key) => (key.length === 1 ? key[0] : `(${key.join(',')})`));
  const where = wholeRows
    ? wholeRows.map((row) => wholeRowCondition(definition, row)).join(' OR ')
    : isList(definition, columns) && !prefixes
      ? `${names.length === 1 ? names[0] : `(${names.join(',')})`} IN (${rows.join(',')})`
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

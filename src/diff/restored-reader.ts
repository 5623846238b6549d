// What the diff may ask of the restored primary. The diff itself never talks to a server: src/server answers these.
import type { ColumnDefinition, TableDefinition, UniqueKey } from '../server/catalogue.ts';

/** One statement's worth: a table to look into, and the columns (by position) to look up by. */
export interface LookUp {
  definition: TableDefinition;
  columns: number[];
  /** The index over those columns; undefined where only the columns are known. */
  index: string | undefined;
  /** Canonical values of those columns, one array a key asked for: keysALookUp() at most. No NULLs: NULL is never equal to anything. */
  keys: string[][];
  /** Whole rows to be found, in the place of keys: for a table without any. Rows that are merely similar may come too. */
  wholeRows?: readonly RestoredRow[];
  /** At most so many rows of the key, of which there is one: for columns that no unique key tells rows apart by. */
  most?: number;
  /** By column: whether a key's value is only the beginning of what is looked for. */
  prefixes?: readonly ((value: string) => boolean)[];
  /** Whether the window writes what is looked up (a replay locks it for that), or only needs it to stay (a parent row). */
  written: boolean;
}

export type RestoredRow = (string | null)[];

export type TakeRows<T extends LookUp> = (lookUp: T, rows: RestoredRow[]) => Promise<void> | void;

export interface RestoredReader {
  /**
   * Hands each look-up's rows over, those that have one of its keys: by index, never by a scan. Canonical values in the
   * definition's column order. The look-ups are asked for one by one, and their rows come in any order: what has been
   * taken is not held.
   */
  rows<T extends LookUp>(lookUps: Iterable<T>, take: TakeRows<T>): Promise<void>;
  /** For each value, bytes that are equal exactly where the column's collation calls the values equal. */
  collationKeys(column: ColumnDefinition, values: string[]): Promise<string[]>;
  /**
   * For each of these rows, the row there that has its value in a unique key over expressions; null: none. A text says why
   * that can't be asked.
   */
  rowsByExpression(
    definition: TableDefinition,
    key: UniqueKey,
    rows: readonly RestoredRow[],
  ): Promise<(RestoredRow | null)[] | string>;
  /** A number beyond every one that the AUTO_INCREMENT primary key `column` was given so far. */
  nextKey(definition: TableDefinition, column: ColumnDefinition): Promise<bigint>;
  /** Definitions of tables beside the window's (parents and children of its rows), by `schema.table`. */
  definitions(tables: { schema: string; table: string }[]): Promise<Map<string, TableDefinition>>;
}

// What the diff may ask of the restored primary. The diff itself never talks to a server: src/server answers these.
import type { ColumnDefinition, TableDefinition } from '../server/catalogue.ts';

/** A table to look into, and the columns (by position) to look up by. */
export interface LookUp {
  definition: TableDefinition;
  columns: number[];
  /** Canonical values of those columns, one array a key asked for. No NULLs: NULL is never equal to anything. */
  keys: string[][];
}

export interface RestoredReader {
  /** Rows that have one of the keys, by index, never by a scan. Canonical values in the definition's column order. */
  rows(lookUp: LookUp): Promise<(string | null)[][]>;
  /** For each value, bytes that are equal exactly where the column's collation calls the values equal. */
  collationKeys(column: ColumnDefinition, values: string[]): Promise<string[]>;
  /** Definitions of tables beside the window's (parents and children of its rows), by `schema.table`. */
  definitions(tables: { schema: string; table: string }[]): Promise<Map<string, TableDefinition>>;
}

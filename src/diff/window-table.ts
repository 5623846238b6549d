// A table of the window, as the log describes it and as the restored primary has it: which columns mean what, which
// keys identify a row, and whether the two agree. Never reads a row.
import { unsupportedColumn, type ValueColumn } from '../binlog/column-value.ts';
import type { TableMap } from '../binlog/table-map.ts';
import { tableName } from '../plan/window-counts.ts';
import { type ColumnDefinition, type Reference, rowKey, type TableDefinition } from '../server/catalogue.ts';
import { hasExactKeys } from '../server/column-sql.ts';
import { canFindRows } from '../server/whole-rows.ts';
import { columnDiffers, unsupportedDataType } from './logged-type.ts';
import { WHOLE_ROW } from './occurrences.ts';

/** A key as positions in the row. */
export interface TableKey {
  name: string;
  columns: number[];
}

export interface TableForeignKey extends TableKey {
  parent: string;
  parentColumns: string[];
}

export interface WindowTable {
  /** `schema.table`, as in the catalogue's map. */
  name: string;
  schema: string;
  table: string;
  definition: TableDefinition;
  columns: ValueColumn[];
  definitions: ColumnDefinition[];
  /** By which a row is known: the primary key, or a unique key without NULLs. WHOLE_ROW, without columns: none. */
  primaryKey: TableKey;
  uniqueKeys: TableKey[];
  foreignKeys: TableForeignKey[];
  /** Foreign keys of other tables (or this one) that refer to columns of this table. */
  referencedBy: (Reference & { positions: number[] })[];
}

export type MatchedTable =
  | { kind: 'table'; table: WindowTable }
  /** The log and the restored primary disagree about the table: a conflict of kind `schema-differs`. */
  | { kind: 'differs'; why: string }
  /** We can't read or judge it exactly: unsupported, loud. */
  | { kind: 'unsupported'; why: string };

export function matchTable(
  map: TableMap,
  definition: TableDefinition | undefined,
  charsetOf: (collationId: number) => string | undefined,
): MatchedTable {
  const name = tableName(map);
  if (!definition) return { kind: 'differs', why: `table ${name} does not exist on the restored primary` };
  const definitions = definition.columns;
  if (definitions.length !== map.columns.length) {
    return {
      kind: 'differs',
      why: `${name} has ${map.columns.length} columns in the log and ${definitions.length} on the restored primary`,
    };
  }
  const columns: ValueColumn[] = [];
  for (let i = 0; i < definitions.length; i++) {
    const logged = map.columns[i]!;
    const column = definitions[i]!;
    if (logged.name !== null && logged.name !== column.name) {
      return {
        kind: 'differs',
        why: `${name}: column ${i + 1} is ${logged.name} in the log and ${column.name} on the restored primary`,
      };
    }
    const differs = columnDiffers(logged, column, charsetOf);
    if (differs) return { kind: 'differs', why: `${name}.${column.name}: ${differs}` };
    const value: ValueColumn = {
      type: logged.type,
      meta: logged.meta,
      unsigned: column.unsigned,
      binary: column.charset === null || column.charset === 'binary',
    };
    const unsupported = unsupportedColumn(value) ?? unsupportedDataType(column);
    if (unsupported) return { kind: 'unsupported', why: `${name}.${column.name}: ${unsupported}` };
    columns.push(value);
  }
  if (definition.primaryKeyHasPrefix) {
    return { kind: 'unsupported', why: `${name}: its primary key holds only the beginning of a column` };
  }
  if (definition.kind !== 'table') {
    return {
      kind: 'unsupported',
      why: `${name} is a ${definition.kind} table, whose rows the log shows only in part`,
    };
  }
  if (!definition.transactional) {
    return {
      kind: 'unsupported',
      why: `${name} uses ${definition.engine}, which has no transactions: a replay could not be rolled back`,
    };
  }
  const inexact = definitions.find(
    (column) => rowKey(definition)?.columns.includes(column.name) && !hasExactKeys(column),
  );
  if (inexact) {
    const { name: column, columnType } = inexact;
    return {
      kind: 'unsupported',
      why: `${name}: values of key column ${column} (${columnType}) can't be looked up exactly`,
    };
  }
  return { kind: 'table', table: { ...catalogueTable(name, definition), columns } };
}

/** All of a table that the restored primary's catalogue tells: no log is needed to ask for its rows. */
export function catalogueTable(name: string, definition: TableDefinition): WindowTable {
  const definitions = definition.columns;
  const position = new Map(definitions.map((column, i) => [column.name, i]));
  const positions = (names: readonly string[]): number[] => names.map((column) => position.get(column)!);
  const key = rowKey(definition);
  const primaryKey = key
    ? { name: key.name, columns: positions(key.columns) }
    : { name: WHOLE_ROW, columns: [] };
  return {
    name,
    schema: definition.schema,
    table: definition.table,
    definition,
    columns: [],
    definitions,
    primaryKey,
    // A unique key over an expression, or one that no statement finds rows by, can't be looked up by value: the server itself refuses a duplicate when the replay
    // meets it. One over the beginning of a column is looked up behind the decision (prefix-keys.ts).
    uniqueKeys: definition.uniqueKeys
      .filter(
        (key) =>
          key.name !== primaryKey.name &&
          key.searchable &&
          !key.functional &&
          key.columns.every((part) => part.prefixLength === null),
      )
      .map((key) => ({ name: key.name, columns: positions(key.columns.map((part) => part.name)) }))
      .filter((key) => key.columns.every((i) => i !== undefined && hasExactKeys(definitions[i]!))),
    foreignKeys: definition.foreignKeys.map((key) => ({
      name: key.name,
      columns: positions(key.columns),
      parent: `${key.parentSchema}.${key.parentTable}`,
      parentColumns: key.parentColumns,
    })),
    referencedBy: definition.referencedBy.map((key) => ({
      ...key,
      positions: positions(key.parentColumns),
    })),
  };
}

/** Why rows of the table can't be updated or deleted; null: they can. */
export function unfindable({ name, definition: { wholeRows } }: WindowTable): string | null {
  if (wholeRows === null || canFindRows(wholeRows)) return null;
  const rows = Number.isFinite(wholeRows.rows) ? `about ${wholeRows.rows}` : 'nobody knows how many';
  return `${name} has no key and no index at all, and ${rows} rows: finding the one to change would read them all; an index on any of its columns, on the restored primary, is enough`;
}

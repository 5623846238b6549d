// A table of the window, as the log describes it and as the restored primary has it: which columns mean what, which
// keys identify a row, and whether the two agree. Never reads a row.
import { unsupportedColumn, type ValueColumn } from '../binlog/column-value.ts';
import type { LoggedColumn, TableMap } from '../binlog/table-map.ts';
import { tableName } from '../plan/window-counts.ts';
import type { ColumnDefinition, Reference, TableDefinition } from '../server/catalogue.ts';

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
  const position = new Map(definitions.map((column, i) => [column.name, i]));
  const positions = (names: readonly string[]): number[] => names.map((column) => position.get(column)!);
  if (definition.primaryKey === null) {
    return { kind: 'unsupported', why: `${name} has no primary key: its rows can't be told apart yet` };
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
  const primaryKey = { name: 'PRIMARY', columns: positions(definition.primaryKey) };
  const inexact = primaryKey.columns.find((i) => definitions[i]!.dataType === 'float');
  if (inexact !== undefined) {
    return {
      kind: 'unsupported',
      why: `${name}: FLOAT key column ${definitions[inexact]!.name} can't be looked up exactly`,
    };
  }
  return {
    kind: 'table',
    table: {
      name,
      schema: definition.schema,
      table: definition.table,
      definition,
      columns,
      definitions,
      primaryKey,
      // A unique key over an expression or a prefix can't be looked up by value; the server itself refuses a
      // duplicate when the replay meets it, and the transaction is then a conflict.
      uniqueKeys: definition.uniqueKeys
        .filter((key) => !key.functional && key.columns.every((part) => part.prefixLength === null))
        .map((key) => ({ name: key.name, columns: positions(key.columns.map((part) => part.name)) }))
        .filter((key) => key.columns.every((i) => i !== undefined && definitions[i]!.dataType !== 'float')),
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
    },
  };
}

/** Log types that a data type of the catalogue may have. Source: MySQL's `field_types.h`. */
const LOG_TYPES: Record<string, readonly number[]> = {
  tinyint: [1],
  smallint: [2],
  mediumint: [9],
  int: [3],
  bigint: [8],
  float: [4],
  double: [5],
  decimal: [246],
  bit: [16],
  year: [13],
  date: [10],
  time: [19, 11],
  datetime: [18, 12],
  timestamp: [17, 7],
  char: [254],
  binary: [254],
  varchar: [15],
  varbinary: [15],
  tinytext: [252],
  text: [252],
  mediumtext: [252],
  longtext: [252],
  tinyblob: [252],
  blob: [252],
  mediumblob: [252],
  longblob: [252],
  json: [245],
  enum: [247],
  set: [248],
};

const TEXT_TYPES = new Set(['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'enum', 'set']);
const TEMPORAL_WITH_FRACTION = new Set([17, 18, 19]);

function unsupportedDataType(column: ColumnDefinition): string | null {
  return column.dataType in LOG_TYPES ? null : `type ${column.columnType} is not read exactly yet`;
}

function columnDiffers(
  logged: LoggedColumn,
  column: ColumnDefinition,
  charsetOf: (collationId: number) => string | undefined,
): string | null {
  const types = LOG_TYPES[column.dataType];
  if (types && !types.includes(logged.type)) {
    return `type ${logged.type} in the log, ${column.columnType} on the restored primary`;
  }
  if (logged.unsigned !== null && isInteger(column.dataType) && logged.unsigned !== column.unsigned) {
    return `${logged.unsigned ? 'unsigned' : 'signed'} in the log, ${column.columnType} on the restored primary`;
  }
  if (column.dataType === 'decimal') {
    const declared = /\((\d+)(?:,(\d+))?\)/.exec(column.columnType);
    const precision = logged.meta >> 8;
    const scale = logged.meta & 0xff;
    if (declared && (Number(declared[1]) !== precision || Number(declared[2] ?? 0) !== scale)) {
      return `decimal(${precision},${scale}) in the log, ${column.columnType} on the restored primary`;
    }
  }
  if (TEMPORAL_WITH_FRACTION.has(logged.type)) {
    const digits = Number(/\((\d)\)/.exec(column.columnType)?.[1] ?? 0);
    if (digits !== logged.meta) {
      return `${logged.meta} fractional digits in the log, ${column.columnType} on the restored primary`;
    }
  }
  if (TEXT_TYPES.has(column.dataType) && logged.collation !== null && column.charset !== null) {
    const charset = charsetOf(logged.collation);
    if (charset !== undefined && charset !== column.charset) {
      return `character set ${charset} in the log, ${column.charset} on the restored primary`;
    }
  }
  // The catalogue's labels are UTF-8, the log's are in the column's character set: only ASCII is the same in both.
  if (
    logged.labels?.every((label) => /^[ -~]*$/.test(label)) &&
    column.labels !== null &&
    logged.labels.join('\0') !== column.labels.join('\0')
  ) {
    return `other members in the log than in ${column.columnType} on the restored primary`;
  }
  return null;
}

function isInteger(dataType: string): boolean {
  return ['tinyint', 'smallint', 'mediumint', 'int', 'bigint'].includes(dataType);
}

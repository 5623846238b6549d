// What is known about a table: types only, and the digest by which two definitions are compared.
import { createHash } from 'node:crypto';

export interface ColumnDefinition {
  name: string;
  /** From 1. */
  ordinal: number;
  /** `bigint`, `varchar`, `enum`: lower case. MariaDB's JSON is `longtext` here. */
  dataType: string;
  /** Whole: `bigint(20) unsigned`, `enum('a','b')`. */
  columnType: string;
  unsigned: boolean;
  nullable: boolean;
  /** Null for types without one. `utf8` of older servers is written utf8mb3. */
  charset: string | null;
  collation: string | null;
  generated: 'stored' | 'virtual' | null;
  invisible: boolean;
  autoIncrement: boolean;
  /** ENUM and SET only, in order: the first one is number 1. */
  labels: string[] | null;
  /** As information_schema has it: MariaDB writes an expression ('NULL', "'a'"), MySQL the bare value. */
  default: string | null;
}

export interface UniqueKey {
  name: string;
  /** Without the functional parts, if any. `prefixLength` in characters (bytes for binary types). */
  columns: { name: string; prefixLength: number | null }[];
  /** A NULL in one of its columns takes a row out of the key: it is no identity then. */
  nullable: boolean;
  functional: boolean;
  /** The functional parts as SQL text, names of columns in backquotes. */
  expressions: string[];
  /** False: no statement finds rows by it, though it holds. MariaDB: IGNORED, or a hash (of TEXT, BLOB, long VARCHAR). */
  searchable: boolean;
}

/** UNKNOWN: the account may not see the rule. Take the worst. */
export type ReferentialAction = 'CASCADE' | 'SET NULL' | 'SET DEFAULT' | 'RESTRICT' | 'NO ACTION' | 'UNKNOWN';

export interface ForeignKey {
  name: string;
  columns: string[];
  parentSchema: string;
  parentTable: string;
  parentColumns: string[];
  onDelete: ReferentialAction;
  onUpdate: ReferentialAction;
}

/** A foreign key of another table (or the same one) that points here. */
export interface Reference {
  schema: string;
  table: string;
  name: string;
  columns: string[];
  parentColumns: string[];
  onDelete: ReferentialAction;
  onUpdate: ReferentialAction;
}

export interface Trigger {
  name: string;
  timing: 'BEFORE' | 'AFTER';
  event: string;
}

export interface WholeRows {
  /** Any index at all; null: finding a row reads the table. */
  index: string | null;
  /** That index's first column. */
  indexed: string | null;
  /** The server's estimate of how many there are. */
  rows: number;
}

export interface TableDefinition {
  schema: string;
  table: string;
  kind: 'table' | 'system-versioned' | 'sequence';
  engine: string;
  transactional: boolean;
  columns: ColumnDefinition[];
  /** Column names, the generated invisible one (my_row_id) too; null where the table has none. */
  primaryKey: string[] | null;
  /** Whether the primary key holds only the first characters of a column: its key is not the column's value then. */
  primaryKeyHasPrefix: boolean;
  uniqueKeys: UniqueKey[];
  /** The columns, in order, of each index that a statement may use: without the expression in it and what follows. */
  indexes: string[][];
  /** Only of a table without any key to know a row by (see rowKey): how its rows can be found all the same. */
  wholeRows: WholeRows | null;
  foreignKeys: ForeignKey[];
  /** Only children in schemas that the account may see: `referencesKnown`. */
  referencedBy: Reference[];
  referencesKnown: boolean;
  triggers: Trigger[];
  /** False: the account lacks the TRIGGER privilege here, and an empty list proves nothing. */
  triggersKnown: boolean;
  /** See definitionDigest. */
  definitionDigest: string;
}

/**
 * The key that a row is known by: the primary key, else a unique key whose columns can't be NULL, as the server itself
 * takes it. null: the table has none.
 */
export function rowKey({
  primaryKey,
  uniqueKeys,
}: Pick<TableDefinition, 'primaryKey' | 'uniqueKeys'>): { name: string; columns: string[] } | null {
  if (primaryKey) return { name: 'PRIMARY', columns: primaryKey };
  const key = uniqueKeys.find(
    (one) =>
      !one.nullable &&
      !one.functional &&
      one.searchable &&
      one.columns.every((part) => part.prefixLength === null),
  );
  return key ? { name: key.name, columns: key.columns.map((part) => part.name) } : null;
}

export function columnNames(
  { columns }: Pick<TableDefinition, 'columns'>,
  positions: readonly number[],
): string[] {
  return positions.map((i) => columns[i]!.name);
}

/** Whether rows with given values of these columns are found without reading the table. */
export function hasIndexOver(
  { indexes }: Pick<TableDefinition, 'indexes'>,
  columns: readonly string[],
): boolean {
  return indexes.some((index) => {
    const leading = index.slice(0, columns.length);
    return columns.every((column) => leading.includes(column));
  });
}

/**
 * sha256 over what a row image and its keys mean: columns with types, character sets and generation, primary and
 * unique keys, whether the engine has transactions. Names of keys, defaults, foreign keys and triggers are not in it;
 * the display width of integers isn't either, for the servers' versions disagree on it.
 */
export function definitionDigest(table: Omit<TableDefinition, 'definitionDigest'>): string {
  const columns = table.columns.map((column) => [
    column.name,
    column.ordinal,
    withoutDisplayWidth(column),
    column.nullable,
    column.charset,
    column.collation,
    column.generated,
  ]);
  const uniqueKeys = table.uniqueKeys
    .map((key) => JSON.stringify([key.columns.map((part) => [part.name, part.prefixLength]), key.functional]))
    .sort();
  const matters = [
    table.kind,
    table.transactional,
    columns,
    table.primaryKey,
    table.primaryKeyHasPrefix,
    uniqueKeys,
  ];
  return createHash('sha256').update(JSON.stringify(matters)).digest('hex');
}

function withoutDisplayWidth(column: ColumnDefinition): string {
  if (!/^(tinyint|smallint|mediumint|int|bigint|year)$/.test(column.dataType)) return column.columnType;
  return column.columnType.replace(/\(\d+\)/, '');
}

// Rows of a table without any key, looked for by all that they hold. Never reads a table that is large and has no index.

import { crc32 } from 'node:zlib';
import { keyLiteral } from './column-sql.ts';
import type { Server } from './connection.ts';
import { quoteName, quoteText } from './sql-text.ts';
import type { TableDefinition, WholeRows } from './table-definition.ts';

/** Without an index, finding a row reads them all, and locks them while a replay does: more is not asked of a server. */
export const MOST_ROWS_WITHOUT_INDEX = 100_000;

export function canFindRows({ index, rows }: WholeRows): boolean {
  return index !== null || rows <= MOST_ROWS_WITHOUT_INDEX;
}

export async function readWholeRows(
  server: Server,
  flavor: 'mysql' | 'mariadb',
  /** What in information_schema.STATISTICS says 'YES' of an index that no statement may use. */
  ignored: string,
  { schema, table }: Pick<TableDefinition, 'schema' | 'table'>,
): Promise<WholeRows> {
  const [first] = await server.query(
    `SELECT INDEX_NAME AS name, COLUMN_NAME AS indexed FROM information_schema.STATISTICS
     WHERE TABLE_SCHEMA=${quoteText(schema)} AND TABLE_NAME=${quoteText(table)} AND INDEX_TYPE='BTREE'
       AND SEQ_IN_INDEX=1 AND ${ignored}='NO' AND COLUMN_NAME IS NOT NULL ORDER BY CARDINALITY DESC, INDEX_NAME LIMIT 1`,
  );
  // MySQL's information_schema.TABLES may be a day old: the optimiser's estimate is the engine's own. MariaDB's is never
  // old, and the driver can't read its EXPLAIN.
  const estimate =
    flavor === 'mysql'
      ? `EXPLAIN FORMAT=TRADITIONAL SELECT 1 FROM ${quoteName(schema)}.${quoteName(table)}`
      : `SELECT TABLE_ROWS AS \`rows\` FROM information_schema.TABLES
         WHERE TABLE_SCHEMA=${quoteText(schema)} AND TABLE_NAME=${quoteText(table)}`;
  const plan = await server.query(estimate).catch(() => []);
  // Not known (the account may not read it): take the worst.
  return {
    index: first?.name ?? null,
    indexed: first?.indexed ?? null,
    rows: Number(plan[0]?.rows ?? Number.POSITIVE_INFINITY),
  };
}

/** Compared as the collation does, a FLOAT as the server rounds it: what comes back may be more rows, never fewer. */
const COMPARABLE = new Set([
  'tinyint',
  'smallint',
  'mediumint',
  'int',
  'bigint',
  'decimal',
  'year',
  'bit',
  'enum',
  'set',
  'date',
  'time',
  'datetime',
  'timestamp',
  'char',
  'varchar',
  'tinytext',
  'text',
  'mediumtext',
  'longtext',
  'binary',
  'varbinary',
  'tinyblob',
  'blob',
  'mediumblob',
  'longblob',
]);

/** Longer values are asked for by their length and checksum: a statement with them would be larger than a packet. */
const LONG = 1024;
/** But the index finds a row by the value alone. */
const LONG_INDEXED = 60_000;

/** The condition that every row with these canonical values meets: the caller tells equal rows from similar ones. */
export function wholeRowCondition(
  { columns, wholeRows }: Pick<TableDefinition, 'columns' | 'wholeRows'>,
  row: readonly (string | null)[],
): string {
  const parts = columns.flatMap((column, i) => {
    const value = row[i]!;
    const name = quoteName(column.name);
    if (value === null) return [`${name} IS NULL`];
    if (!COMPARABLE.has(column.dataType)) return [];
    const most = column.name === wholeRows?.indexed ? LONG_INDEXED : LONG;
    if (value.length <= most) return [`${name}=${keyLiteral(column, value)}`];
    const bytes = Buffer.from(value, 'latin1');
    return [`LENGTH(${name})=${bytes.length}`, `CRC32(${name})=${crc32(bytes)}`];
  });
  return parts.length > 0 ? `(${parts.join(' AND ')})` : 'TRUE';
}

/** About as many bytes as the condition holds of the row. */
export function wholeRowBytes(row: readonly (string | null)[]): number {
  return row.reduce((sum, value) => sum + Math.min(value?.length ?? 0, LONG_INDEXED), 0);
}

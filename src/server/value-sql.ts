// How a canonical value is written and compared in SQL so that it is that value bit by bit: literals that the server
// stores as they are, and conditions that only that very value meets. Never interprets a value; src/server/column-sql.ts
// asks for one.
import type { ColumnDefinition } from './catalogue.ts';
import { NUMERIC, plainLiteral, selectExpression, TEMPORAL } from './column-sql.ts';
import { quoteName } from './sql-text.ts';

/** What is kept as bytes, whatever its character set: compared as bytes, for a collation would call others equal. */
const TEXT = new Set(['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext']);
const BYTES = new Set(['varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob']);
const BY_LITERAL = new Set([...NUMERIC, ...TEMPORAL, 'binary', 'uuid', 'inet4', 'inet6']);

/** For VALUES and SET. The session's sql_mode must let zero dates, invalid dates and 0 for an automatic id through. */
export function valueLiteral(column: ColumnDefinition, value: string | null): string {
  if (value === null) return 'NULL';
  if (BY_LITERAL.has(column.dataType)) return plainLiteral(column, value);
  // Only text becomes JSON; it is UTF-8 in the column and here.
  if (column.dataType === 'json') return `CAST(CONVERT(${hex(value)} USING utf8mb4) AS JSON)`;
  // Without an introducer the bytes are stored as they are: the server would refuse some under their character set.
  return hex(value);
}

/** A condition on the column, never NULL. */
export function valueCondition(column: ColumnDefinition, value: string | null): string {
  const name = quoteName(column.name);
  if (value === null) return `${name} IS NULL`;
  const { dataType } = column;
  if (dataType === 'json') return `CAST(CAST(${name} AS CHAR CHARACTER SET utf8mb4) AS BINARY)=${hex(value)}`;
  if (TEXT.has(dataType) || BYTES.has(dataType)) return `CAST(${name} AS BINARY)=${hex(value)}`;
  if (BY_LITERAL.has(dataType)) return `${selectExpression(column)}=${plainLiteral(column, value)}`;
  // Geometries and vectors are equal to nothing but themselves.
  return `HEX(${name})='${Buffer.from(value, 'latin1').toString('hex').toUpperCase()}'`;
}

function hex(value: string): string {
  return `X'${Buffer.from(value, 'latin1').toString('hex')}'`;
}

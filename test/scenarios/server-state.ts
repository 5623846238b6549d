// What a server holds, as something two moments or two servers can be compared by. Only reads.
import { createHash } from 'node:crypto';
import type { SandboxServer } from '../sandbox/index.ts';

const SYSTEM_SCHEMAS = "'mysql','sys','information_schema','performance_schema'";

/** Every table's checksum, and where the log stands: equal twice means that nothing was written in between. */
export async function serverState(server: SandboxServer): Promise<Record<string, unknown>> {
  const tables = await server.query(
    `SELECT TABLE_SCHEMA AS s, TABLE_NAME AS t FROM information_schema.TABLES
      WHERE TABLE_TYPE='BASE TABLE' AND TABLE_SCHEMA NOT IN (${SYSTEM_SCHEMAS}) ORDER BY 1, 2`,
  );
  const names = tables.map(({ s, t }) => `${quote(String(s))}.${quote(String(t))}`);
  const checksums = names.length > 0 ? await server.query(`CHECKSUM TABLE ${names.join(', ')}`) : [];
  const mysql = server.flavor === 'mysql';
  const [log] = await server.query(mysql ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS');
  const [gtids] = await server.query(
    mysql ? 'SELECT @@GLOBAL.gtid_executed AS gtids' : 'SELECT @@GLOBAL.gtid_current_pos AS gtids',
  );
  return {
    ...Object.fromEntries(checksums.map(({ Table, Checksum }) => [Table, Checksum])),
    file: log!.File,
    position: log!.Position,
    gtids: gtids!.gtids,
  };
}

/** A query's rows, each as its values joined by ' | '. */
export async function rowsAsText(server: SandboxServer, sql: string): Promise<string[]> {
  const rows = await server.query(sql);
  return rows.map((row) =>
    Object.values(row)
      .map((value) => (value === null ? 'NULL' : String(value)))
      .join(' | '),
  );
}

/** Every value of every table of a schema, as hexadecimal digits where text could hide a difference. */
export async function exactRows(server: SandboxServer, schema: string): Promise<Record<string, string[]>> {
  const columns = await server.query(
    `SELECT TABLE_NAME AS t, COLUMN_NAME AS c, DATA_TYPE AS type FROM information_schema.COLUMNS
      WHERE TABLE_SCHEMA=? ORDER BY TABLE_NAME, ORDINAL_POSITION`,
    [schema],
  );
  const tables = Map.groupBy(columns, ({ t }) => String(t));
  const found: Record<string, string[]> = {};
  for (const [table, list] of tables) {
    const values = list.map(({ c, type }, i) => `${exactValue(quote(String(c)), String(type))} AS v${i}`);
    const sql = `SELECT ${values.join(', ')} FROM ${quote(schema)}.${quote(table)} ORDER BY 1`;
    found[table] = (await rowsAsText(server, sql)).map((row) => row.split(' | ').map(shortened).join(' | '));
  }
  return found;
}

/** A failed comparison should be readable: a long value is its beginning and its digest. */
function shortened(value: string): string {
  if (value.length <= 120) return value;
  return `${value.slice(0, 60)}… ${createHash('sha256').update(value).digest('hex').slice(0, 16)}`;
}

/** TIMESTAMP depends on the session's zone, which is the same for both servers; FLOAT prints rounded, its DOUBLE does not. */
function exactValue(column: string, type: string): string {
  switch (type) {
    case 'float':
    case 'double':
      return `CAST(CAST(${column} AS DOUBLE) AS CHAR)`;
    case 'enum':
    case 'set':
    case 'bit':
      // Not + 0, which takes a SET through a DOUBLE and loses its 54th member.
      return `CAST(${column} | 0 AS CHAR)`;
    case 'json':
      return `HEX(CAST(${column} AS CHAR))`;
    default:
      return `HEX(CAST(${column} AS BINARY))`;
  }
}

function quote(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

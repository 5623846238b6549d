// What tables hold, asked by plain SQL and kept as counted rows. A difference of two is what was taken and what was added;
// differences add up in any order. Never reads a binary log.
import type { Connection } from 'mysql2/promise';
import type { Table } from './schema.ts';

/** `table|literal|literal…` to how many there are; in a difference, how many more (or, below 0, fewer). */
export type Rows = Map<string, number>;

/** Every value of every row, as the session of `connection` sees them. */
export async function snapshot(
  connection: Connection,
  schema: string,
  tables: readonly Table[],
): Promise<Rows> {
  const rows: Rows = new Map();
  const sql = tables.map((table) => `SELECT ${rowText(table)} AS r FROM ${schema}.${table.name}`).join('; ');
  const [results] = await connection.query({ sql, rowsAsArray: true });
  // Of one statement the answer is its rows, of several a list of those.
  const lists = (tables.length === 1 ? [results] : results) as string[][][];
  lists.forEach((list, i) => {
    for (const [row] of list) {
      const name = `${tables[i]!.name}|${row}`;
      rows.set(name, (rows.get(name) ?? 0) + 1);
    }
  });
  return rows;
}

/** An SQL expression: a whole row as its literals. */
export function rowText({ columns }: Table): string {
  const values = columns.map(({ name, type }) => `IFNULL(${type.read(name)}, 'NULL')`);
  return `CONCAT_WS('|', ${values.join(', ')})`;
}

export function difference(before: Rows, after: Rows): Rows {
  return sum(after, before, -1);
}

/** `to` with `change` so many times on top. */
export function sum(to: Rows, change: Rows, times = 1): Rows {
  const result = new Map(to);
  for (const [row, n] of change) {
    const there = (result.get(row) ?? 0) + n * times;
    if (there === 0) result.delete(row);
    else result.set(row, there);
  }
  return result;
}

/** Rows that a change takes away and that are not there. */
export function lacking(there: Rows, change: Rows): string[] {
  return [...change].filter(([row, n]) => n < 0 && (there.get(row) ?? 0) < -n).map(([row]) => row);
}

/** What two contents differ in, for a person; empty where they are alike. */
export function unlike(found: Rows, expected: Rows): string[] {
  return [...difference(expected, found)].map(([row, n]) => `${n > 0 ? 'too many' : 'lacking'}: ${row}`);
}

export function tableOf(row: string): string {
  return row.slice(0, row.indexOf('|'));
}

/** The literals of a table's rows. */
export function rowsOf(rows: Rows, table: string): string[][] {
  return [...rows.keys()].filter((row) => tableOf(row) === table).map((row) => row.split('|').slice(1));
}

/** Writes rows as they are into empty tables; generated columns make themselves. */
export async function copyRows(
  connection: Connection,
  schema: string,
  tables: readonly Table[],
  rows: Rows,
): Promise<void> {
  for (const table of tables) {
    const own = table.columns.flatMap(({ name, generated }, i) => (generated ? [] : [{ name, i }]));
    for (const [row, n] of rows) {
      if (tableOf(row) !== table.name) continue;
      const literals = row.split('|').slice(1);
      const sql = `INSERT INTO ${schema}.${table.name} (${own.map(({ name }) => name).join(', ')}) VALUES (${own.map(({ i }) => literals[i]).join(', ')})`;
      for (let i = 0; i < n; i++) await connection.query(sql);
    }
  }
}

// Random statements over a random schema: what an application does, and what it should not. Some are refused by the server,
// and that is as good. Chooses; never runs.
import { pick, type Random, whole } from '../chaos/random.ts';
import type { Flavor } from '../test/sandbox/index.ts';
import { type Rows, rowsOf } from './rows.ts';
import type { Column, Table } from './schema.ts';

export interface World {
  random: Random;
  flavor: Flavor;
  schema: string;
  tables: readonly Table[];
  /** What they hold where the statement will run. */
  rows: Rows;
}

export function randomStatement(world: World): string {
  const { random, tables } = world;
  const table = pick(random, tables);
  const choose = pick(random, [
    ...[insert, insert, insert, insert, update, update, update, update, remove, remove],
    ...[replace, upsert, upsert, moveKey, joined, copy],
  ]);
  return choose(world, table);
}

/** Two rows change places in their key, by way of a third: three statements of one transaction. */
export function swapKeys({ random, schema, tables, rows }: World): string[] {
  const table = tables.find(({ key, columns }) => key.length === 1 && columns[0]!.type.sql === 'INT');
  const [one, two] = table ? shuffled(random, rowsOf(rows, table.name)) : [];
  if (!table || !one || !two) return [];
  const move = (from: string, to: string): string =>
    `UPDATE ${schema}.${table.name} SET id = ${to} WHERE id = ${from}`;
  return [move(one[0]!, '9999'), move(two[0]!, one[0]!), move('9999', two[0]!)];
}

export function randomDdl({ random, schema, tables }: World): { sql: string; table: string } {
  const { name } = pick(random, tables);
  const sql = pick(random, [
    `ALTER TABLE ${schema}.${name} ADD COLUMN later INT`,
    `ALTER TABLE ${schema}.${name} COMMENT 'altered'`,
    `CREATE INDEX added ON ${schema}.${name} (n)`,
    `TRUNCATE TABLE ${schema}.${name}`,
  ]);
  return { sql, table: name };
}

function insert(world: World, table: Table, most = 3): string {
  const { random, schema } = world;
  const columns = table.columns.filter(({ generated, auto }) => !generated && !(auto && random() < 0.7));
  const rows = Array.from(
    { length: Math.min(most, pick(random, [1, 1, 1, 2, 3])) },
    () => `(${columns.map((column) => valueFor(world, table, column)).join(', ')})`,
  );
  return `INSERT INTO ${schema}.${table.name} (${names(columns)}) VALUES ${rows.join(', ')}`;
}

/** MySQL's own replicas stop at a row of a table without a key that one statement changes twice. */
function once({ key }: Table): number {
  return key.length === 0 ? 1 : 3;
}

function replace(world: World, table: Table): string {
  return insert(world, table, once(table)).replace('INSERT', 'REPLACE');
}

function upsert(world: World, table: Table): string {
  return `${insert(world, table, once(table))} ON DUPLICATE KEY UPDATE ${assignment(world, table)}`;
}

function update(world: World, table: Table): string {
  const { random, schema } = world;
  const set = [assignment(world, table), ...(random() < 0.3 ? [assignment(world, table)] : [])];
  return `UPDATE ${schema}.${table.name} SET ${set.join(', ')} WHERE ${where(world, table)}`;
}

function remove(world: World, table: Table): string {
  const { schema } = world;
  return `DELETE FROM ${schema}.${table.name} WHERE ${where(world, table)}`;
}

function moveKey(world: World, table: Table): string {
  const { random, schema } = world;
  const column = table.columns.find(({ name }) => name === table.key.at(-1)) ?? table.columns[0]!;
  const value =
    column.type.sql === 'INT' && random() < 0.5 ? `${column.name} + 100` : column.type.value(random);
  return `UPDATE ${schema}.${table.name} SET ${column.name} = ${value} WHERE ${where(world, table)}`;
}

function joined({ random, flavor, schema, tables }: World, table: Table): string {
  const other = pick(
    random,
    tables.filter((one) => one !== table && one.name !== 'audit'),
  );
  if (!other) return 'DO 0';
  const on = `${schema}.${table.name} x JOIN ${schema}.${other.name} y ON x.n = y.n`;
  // Where cascades leave no trace, it could not be told which rows of the two this has deleted itself.
  return flavor === 'mariadb' || random() < 0.6
    ? `UPDATE ${on} SET x.n = x.n + 1, y.n = y.n - 1`
    : `DELETE x, y FROM ${on}`;
}

/** Rows come back under another key. */
function copy(world: World, table: Table): string {
  const { random, schema } = world;
  const columns = table.columns.filter(({ generated, auto }) => !generated && !auto);
  const values = columns.map(({ name, type }) => (table.key.includes(name) ? type.value(random) : name));
  return `INSERT INTO ${schema}.${table.name} (${names(columns)}) SELECT ${values.join(', ')} FROM ${schema}.${table.name} WHERE ${where(world, table)}`;
}

function assignment(world: World, table: Table): string {
  const { random } = world;
  const column = pick(
    random,
    table.columns.filter(({ generated, auto }) => !generated && !auto),
  );
  if (column.name === 'n' && random() < 0.5) return 'n = n + 1';
  return `${column.name} = ${valueFor(world, table, column)}`;
}

/** Mostly one row that is there, by its key or by anything else. */
function where({ random, rows }: World, table: Table): string {
  const row = pick(random, rowsOf(rows, table.name));
  if (!row || random() < 0.05) return `n > ${whole(random, 0, 99)}`;
  const key = table.key.length > 0 && random() < 0.8 ? table.key : null;
  const candidates = table.columns.filter(({ name, type }) => (key ? key.includes(name) : type.comparable));
  const chosen = key ? candidates : [pick(random, candidates)];
  return chosen.map((column) => `${column.name} <=> ${row[table.columns.indexOf(column)]}`).join(' AND ');
}

function valueFor({ random, tables, rows }: World, table: Table, column: Column): string {
  if (random() < 0.1 && !table.key.includes(column.name)) return 'NULL';
  const reference = table.references.find((one) => one.column === column.name);
  const parent = reference && tables.find(({ name }) => name === reference.table);
  const there = parent && pick(random, rowsOf(rows, parent.name));
  if (there && random() < 0.9)
    return there[parent.columns.findIndex(({ name }) => name === reference.parentColumn)]!;
  return column.type.value(random);
}

function names(columns: readonly Column[]): string {
  return columns.map(({ name }) => name).join(', ');
}

function shuffled<T>(random: Random, list: readonly T[]): T[] {
  return list
    .map((one) => ({ one, rank: random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ one }) => one);
}

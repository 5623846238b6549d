// Plays transactions on a server, one after the other, and notes after each statement what every table holds: by that the judge
// knows what a transaction did, whatever the log says. A statement may be refused; a whole transaction may be rolled back.
import type { Connection } from 'mysql2/promise';
import { pick, type Random, whole } from '../chaos/random.ts';
import type { Flavor } from '../test/sandbox/index.ts';
import { difference, type Rows, snapshot } from './rows.ts';
import type { Table } from './schema.ts';
import { randomDdl, randomStatement, swapKeys } from './statements.ts';

export interface Place {
  file: string;
  position: number;
}

export interface Played {
  kind: 'rows' | 'ddl';
  /** All statements, as they ran. */
  sql: string[];
  /** Why the server refused a statement, by its number. */
  refused: Map<number, string>;
  /** What each statement that counts took and added, and its text. */
  steps: Rows[];
  by: string[];
  /** For DDL: its table. */
  table?: string;
  /** What stands in the log from here … */
  from: Place;
  /** … to here; nothing where they are the same. */
  to: Place;
  after: Rows;
}

export interface Stage {
  connection: Connection;
  flavor: Flavor;
  schema: string;
  tables: readonly Table[];
  random: Random;
  /** Statements that are passed over. */
  avoided?: (sql: string) => boolean;
}

const SAVEPOINT = 'SAVEPOINT half';
const ROLLBACK_TO = 'ROLLBACK TO SAVEPOINT half';

/** One random transaction, on what the tables hold. */
export async function playRandom(stage: Stage, rows: Rows, ddlShare: number): Promise<Played> {
  const { random } = stage;
  if (random() < ddlShare) return playDdl(stage, rows);
  const length = pick(random, [1, 1, 1, 2, 2, 3, 4]);
  const half = random() < 0.15 ? whole(random, 0, length - 1) : -1;
  const swap = random() < 0.1;
  return play(stage, rows, function* (there) {
    if (swap) yield* swapKeys({ ...stage, rows: there() });
    for (let i = 0; i < length; i++) {
      if (i === half) yield SAVEPOINT;
      yield randomStatement({ ...stage, rows: there() });
      if (i === half && random() < 0.8) yield ROLLBACK_TO;
    }
  });
}

async function playDdl(stage: Stage, rows: Rows): Promise<Played> {
  const { connection, schema, tables } = stage;
  const { sql, table } = randomDdl({ ...stage, rows });
  const refused = new Map<number, string>();
  const from = await logEnd(stage);
  await connection.query(sql).catch((error: Error) => refused.set(0, error.message));
  const after = await snapshot(connection, schema, tables);
  return {
    ...{ kind: 'ddl', sql: [sql], refused, steps: [difference(rows, after)], by: [sql], table, from },
    ...{ to: await logEnd(stage), after },
  };
}

/** A transaction of given statements, or of some that are chosen by what is there just before each. */
export async function play(
  stage: Stage,
  rows: Rows | undefined,
  statements: (there: () => Rows) => Iterable<string>,
): Promise<Played> {
  const { connection, schema, tables } = stage;
  const from = await logEnd(stage);
  await connection.query('START TRANSACTION');
  const before = rows ?? (await snapshot(connection, schema, tables));
  let now = before;
  let saved: { steps: number; rows: Rows } | undefined;
  const played: Played = {
    kind: 'rows',
    sql: [],
    refused: new Map(),
    steps: [],
    by: [],
    from,
    to: from,
    after: before,
  };
  for (const sql of statements(() => now)) {
    if (stage.avoided?.(sql)) continue;
    played.sql.push(sql);
    try {
      await connection.query(sql);
    } catch (error) {
      played.refused.set(played.sql.length - 1, (error as Error).message);
      continue;
    }
    if (sql === SAVEPOINT) saved = { steps: played.steps.length, rows: now };
    const after = await snapshot(connection, schema, tables);
    if (sql === ROLLBACK_TO && saved) {
      played.steps.length = saved.steps;
      played.by.length = saved.steps;
    } else if (sql !== SAVEPOINT) {
      played.steps.push(difference(now, after));
      played.by.push(sql);
    }
    now = after;
  }
  await connection.query('COMMIT');
  return { ...played, after: now, to: await logEnd(stage) };
}

export async function logEnd({ connection, flavor }: Stage): Promise<Place> {
  const [rows] = await connection.query(flavor === 'mysql' ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS');
  const [row] = rows as { File: string; Position: number }[];
  return { file: row!.File, position: Number(row!.Position) };
}

export function hasLogged({ from, to }: Played): boolean {
  return from.file !== to.file || from.position !== to.position;
}

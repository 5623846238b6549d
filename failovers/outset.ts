// How a round begins: the same rows on all servers, the failover, what the failed primary took, and what the restored one did
// since. Runs no command but `record`.
import { pick, whole } from '../chaos/random.ts';
import type { Commands } from './commands.ts';
import type { Ground } from './ground.ts';
import { playRandom, type Stage } from './history.ts';
import { playOnRestored } from './restored-history.ts';
import { copyRows, type Rows, snapshot, unlike } from './rows.ts';

const SESSIONS: Record<'mysql' | 'mariadb', readonly string[]> = {
  mysql: [
    'SET binlog_row_image = MINIMAL',
    'SET binlog_row_image = NOBLOB',
    'SET binlog_transaction_compression = ON',
    "SET binlog_row_value_options = 'PARTIAL_JSON'",
  ],
  mariadb: [
    'SET binlog_row_image = MINIMAL',
    'SET binlog_row_image = NOBLOB',
    'SET GLOBAL log_bin_compress = ON',
  ],
};
const DDL_SHARE = 0.02;

/** Answers a session on the restored primary, and what its tables hold. */
export async function setOut(ground: Ground, commands: Commands): Promise<{ a: Stage; rows: Rows }> {
  const { servers, random, schema, tables } = ground;
  const ddl = tables.flatMap((table) => table.ddl);
  const triggers = ddl.filter((sql) => sql.startsWith('CREATE TRIGGER'));
  await servers.seed([`CREATE DATABASE ${schema}`, ...ddl.filter((sql) => !triggers.includes(sql))]);
  const [a, b] = [await ground.stage(servers.restored), await ground.stage(servers.failed)];
  const start = await seedRows(ground, a);
  // Now only: the rows that they would write are there.
  await servers.seed(triggers);
  await servers.shareHistory();
  await commands.record();
  await playOnFailed(ground, b, start);
  let rows = start;
  for (let i = whole(random, 0, 12); i > 0; i--) rows = await onRestored(ground, a, rows);
  await servers.fence();
  return { a, rows };
}

/** One more transaction there; answers what the tables hold then. */
export async function onRestored(ground: Ground, a: Stage, rows: Rows): Promise<Rows> {
  const played = await playOnRestored(a, rows, ground.failed);
  ground.restored.push(played);
  return played.after;
}

async function seedRows(
  { servers, random, schema, tables, seeding, stage }: Ground,
  a: Stage,
): Promise<Rows> {
  await a.connection.query('SET sql_log_bin = 0');
  let rows: Rows = new Map();
  for (let i = whole(random, 6, 24); i > 0; i--) {
    const { sql, after } = await playRandom(a, rows, 0);
    seeding.push(...sql);
    rows = after;
  }
  await a.connection.query('SET sql_log_bin = 1');
  for (const server of servers.all.slice(1)) {
    const { connection } = await stage(server);
    await connection.query("SET sql_log_bin = 0, foreign_key_checks = 0, sql_mode = 'NO_AUTO_VALUE_ON_ZERO'");
    await copyRows(connection, schema, tables, rows);
    const wrong = unlike(await snapshot(connection, schema, tables), rows);
    if (wrong.length > 0) throw new Error(`the servers do not begin alike:\n${wrong.join('\n')}`);
  }
  return rows;
}

async function playOnFailed({ random, settings, failed }: Ground, b: Stage, start: Rows): Promise<void> {
  const setting = random() < 0.35 ? pick(random, SESSIONS[b.flavor]) : undefined;
  if (setting) {
    settings.push(setting);
    await b.connection.query(setting);
  }
  let rows = start;
  for (let i = whole(random, 4, 24); i > 0; i--) {
    const played = await playRandom(b, rows, DDL_SHARE);
    failed.push(played);
    rows = played.after;
  }
  if (setting?.includes('GLOBAL')) await b.connection.query(setting.replace('ON', 'OFF'));
}

// A tired operator's mistakes, each made through the real executable: one clear line, the contract's exit code, and
// nothing written, to no server and to no file.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stopAll } from '../sandbox/index.ts';
import { jsonOf, type Run, runReconcile, told } from './run-reconcile.ts';
import { addressOf, ServerPair } from './server-pair.ts';
import { serverState } from './server-state.ts';

/** Nothing listens there. */
const NOBODY = '127.0.0.1:1';

let pair: ServerPair;
let folder: string;
let good: Record<string, string>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mistakes-'));
  pair = await ServerPair.start('mysql-gtid');
  await pair.reset();
  const { a, b } = pair;
  await a.query(`CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY, status VARCHAR(10));
    INSERT INTO shop.orders VALUES (1, 'new'), (2, 'new')`);
  await pair.caughtUp();
  expect((await run('record', '--old', addressOf(a), '--new', addressOf(b))).code).toBe(0);
  await pair.promote();
  await b.query(
    `INSERT INTO shop.orders VALUES (3, 'new'); UPDATE shop.orders SET status = 'paid' WHERE id = 1`,
  );
  await b.query('SET GLOBAL super_read_only=ON');
  const diff = await run('diff');
  expect(diff.code, told(diff)).toBe(2);
  good = contents();
});

afterAll(async () => {
  await stopAll();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

interface Mistake {
  what: string;
  args: () => string[];
  env?: Record<string, string>;
  /** Files that stand in the folder for this one. */
  files?: () => Record<string, string>;
  code: 1 | 4;
  says: RegExp;
  /** A state of the servers that only this one has. */
  during?: { before: () => Promise<unknown>; after: () => Promise<unknown> };
}

const REPLAY = ['replay', '--apply', '--yes'];

const mistakes: Mistake[] = [
  {
    what: 'a wrong password for the restored primary',
    args: () => ['diff'],
    env: { RECONCILE_RESTORED_PASSWORD: 'wrong' },
    code: 1,
    says: /restored primary 127\.0\.0\.1:\d+.*access denied/,
  },
  {
    what: 'a wrong password for the failed primary',
    args: () => ['diff'],
    env: { RECONCILE_FAILED_PASSWORD: 'wrong' },
    code: 1,
    says: /failed primary 127\.0\.0\.1:\d+.*access denied/,
  },
  {
    what: 'a wrong password at the replay',
    args: () => REPLAY,
    env: { RECONCILE_RESTORED_PASSWORD: 'wrong' },
    code: 1,
    says: /access denied/,
  },
  {
    what: 'a failed primary that nobody reaches',
    args: () => ['diff', '--failed', NOBODY],
    code: 1,
    says: /failed primary 127\.0\.0\.1:1\b.*refused/,
  },
  {
    what: 'a restored primary that nobody reaches',
    args: () => [...REPLAY, '--restored', NOBODY],
    code: 1,
    says: /restored primary 127\.0\.0\.1:1\b.*refused/,
  },
  {
    what: 'a record that is cut short',
    args: () => ['diff'],
    files: () => ({ 'failover.json': good['failover.json']!.slice(0, 300) }),
    code: 1,
    says: /failover\.json is no JSON/,
  },
  {
    what: 'a record of a later version',
    args: () => ['diff'],
    files: () => ({ 'failover.json': good['failover.json']!.replace('"version": 1', '"version": 99') }),
    code: 1,
    says: /failover\.json is a failover record of version 99/,
  },
  {
    what: 'a record that is not there',
    args: () => ['diff', '--record', 'elsewhere.json'],
    code: 1,
    says: /elsewhere\.json can't be read: there is no such file/,
  },
  {
    what: 'another file taken for the record',
    args: () => ['diff', '--record', 'reconcile.plan.jsonl'],
    code: 1,
    says: /reconcile\.plan\.jsonl is no/,
  },
  {
    what: 'failed and restored swapped',
    args: () => ['diff', '--failed', addressOf(pair.a), '--restored', addressOf(pair.b)],
    code: 4,
    says: /swapped|the other way round/i,
  },
  {
    what: 'old and new the same server',
    args: () => ['record', '--old', addressOf(pair.a), '--new', addressOf(pair.a), '--out', 'other.json'],
    code: 4,
    says: /are one server/,
  },
  {
    what: 'a record inside the cool-off of the one before',
    args: () => ['record', '--old', addressOf(pair.a), '--new', addressOf(pair.b)],
    code: 4,
    says: /cool-off/,
  },
  {
    what: 'an option that does not exist',
    args: () => ['diff', '--aply'],
    code: 1,
    says: /unknown option '?--aply/,
  },
  {
    what: 'a command that does not exist',
    args: () => ['replya'],
    code: 1,
    says: /unknown command '?replya|replya/,
  },
  {
    what: 'an address that is none',
    args: () => ['diff', '--failed', 'mysql://127.0.0.1:port'],
    code: 1,
    says: /--failed/,
  },
  {
    what: 'a failed primary that still takes writes',
    args: () => ['diff'],
    during: {
      before: () => pair.b.query('SET GLOBAL super_read_only=OFF; SET GLOBAL read_only=OFF'),
      after: () => pair.b.query('SET GLOBAL super_read_only=ON'),
    },
    code: 4,
    says: /failed primary 127\.0\.0\.1:\d+.*(takes|accepts) writes|read_only/,
  },
  {
    what: 'a table that is nowhere',
    args: () => ['diff', '--tables', 'shop.orders,shop.order'],
    code: 1,
    says: /--tables: shop\.order: neither the window nor the restored primary has such a table/,
  },
  {
    what: 'a stop before the start',
    args: () => ['diff', '--stop-position', 'binlog.000001:4'],
    code: 1,
    says: /the window begins at binlog\.000001:\d+, behind binlog\.000001:4/,
  },
  {
    what: 'a plan with one changed byte',
    args: () => REPLAY,
    files: () => ({ 'reconcile.plan.jsonl': good['reconcile.plan.jsonl']!.replace('"insert"', '"imsert"') }),
    code: 4,
    says: /reconcile\.plan\.jsonl: the plan is damaged: it is not what was written/,
  },
  {
    what: 'a plan that is cut short',
    args: () => REPLAY,
    files: () => ({
      'reconcile.plan.jsonl': good['reconcile.plan.jsonl']!.split('\n').slice(0, 2).join('\n'),
    }),
    code: 4,
    says: /reconcile\.plan\.jsonl: the plan is damaged: it was cut short/,
  },
  {
    what: 'a damaged plan that --force of another check does not save',
    args: () => [...REPLAY, '--force', 'schema-changed'],
    files: () => ({ 'reconcile.plan.jsonl': good['reconcile.plan.jsonl']!.replace('{"id":3}', '{"id":4}') }),
    code: 4,
    says: /the plan is damaged: it is not what was written/,
  },
  {
    what: 'another file taken for the plan',
    args: () => ['replay', 'failover.json', '--apply', '--yes', '--force', 'plan-damaged'],
    code: 1,
    says: /failover\.json: the plan is damaged: line 1 is not a line of a plan/,
  },
  {
    what: 'a report of a damaged plan',
    args: () => ['report'],
    files: () => ({ 'reconcile.plan.jsonl': good['reconcile.plan.jsonl']!.replace('missing', 'missinG') }),
    code: 1,
    says: /reconcile\.plan\.jsonl/,
  },
  {
    what: 'a plan that is not there',
    args: () => ['verify', 'elsewhere.jsonl'],
    code: 1,
    says: /elsewhere\.jsonl.*no such file/,
  },
  {
    what: 'a replay to another server than the plan was made for',
    args: () => [...REPLAY, '--restored', addressOf(pair.b)],
    env: { RECONCILE_RESTORED_PASSWORD: '' },
    code: 4,
    says: /not the server that the plan was made for/,
  },
  {
    what: 'a replay from a script that did not say --yes',
    args: () => ['replay', '--apply'],
    code: 1,
    says: /there is no terminal to ask on before writing: nothing was written/,
  },
  {
    what: 'a lag that is no duration',
    args: () => [...REPLAY, '--max-lag', '5'],
    code: 1,
    says: /--max-lag: "5" is no duration/,
  },
  {
    what: 'a replay to a server that has become a replica',
    args: () => REPLAY,
    during: {
      before: () =>
        pair.a.query(`CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT=1, SOURCE_USER='x',
          SOURCE_CONNECT_RETRY=60; START REPLICA`),
      after: () => pair.a.query('STOP REPLICA; RESET REPLICA ALL'),
    },
    code: 4,
    says: /restored primary 127\.0\.0\.1:\d+.*(replicates|replica)/,
  },
  {
    what: 'a replay to a server that is read-only',
    args: () => REPLAY,
    during: {
      before: () => pair.a.query('SET GLOBAL super_read_only=ON'),
      after: () => pair.a.query('SET GLOBAL super_read_only=OFF; SET GLOBAL read_only=OFF'),
    },
    code: 4,
    says: /restored primary 127\.0\.0\.1:\d+.*read.only/,
  },
  {
    what: 'binlog files that are none',
    args: () => ['diff', '--binlog', 'failover.json'],
    code: 1,
    says: /failover\.json/,
  },
  {
    what: 'a folder without binlog files',
    args: () => ['diff', '--binlog', '.'],
    code: 1,
    says: /binlog/,
  },
];

describe('mistakes', () => {
  for (const { what, args, env = {}, files, code, says, during } of mistakes) {
    test(what, async () => {
      const password = env.RECONCILE_RESTORED_PASSWORD === '' ? pair.b.password : undefined;
      for (const [name, text] of Object.entries(files?.() ?? {})) writeFileSync(join(folder, name), text);
      await during?.before();
      const before = await world();
      const made = await run(...args(), {
        ...env,
        ...(password ? { RECONCILE_RESTORED_PASSWORD: password } : {}),
      });
      expect(await world(), told(made)).toEqual(before);
      await during?.after();
      for (const [name, text] of Object.entries(good)) writeFileSync(join(folder, name), text);

      expect(made.code, told(made)).toBe(code);
      expect(made.stdout, told(made)).toBe('');
      const [line, ...more] = made.stderr.trimEnd().split('\n');
      expect(line, told(made)).toMatch(says);
      expect(line, told(made)).toMatch(/^reconcile: /);
      expect(more.length, told(made)).toBeLessThanOrEqual(2);
      expect(made.stderr).not.toContain(pair.a.password);
    });
  }

  test('with --json the same is a document', async () => {
    const made = await run('diff', '--json', { RECONCILE_RESTORED_PASSWORD: 'wrong' });
    expect(made.code).toBe(1);
    expect(jsonOf(made).error).toMatchObject({ code: 'connection' });
  });

  test.each([
    ['a stop', ['--stop-datetime', '2001-01-01 00:00:00']],
    ['tables left out', ['--ignore-tables', 'shop.orders']],
  ])('%s: what was left out is never called converged', async (_, args) => {
    const made = await run('diff', ...args, '--plan', 'part.jsonl');
    rmSync(join(folder, 'part.jsonl'));
    expect(made.code, told(made)).toBe(0);
    expect(made.stdout, told(made)).toContain('Nothing is missing in what was asked for.');
    expect(made.stdout, told(made)).not.toMatch(/converged/i);
  });

  test('after all of them, the right command does it', async () => {
    const made = await run(...REPLAY);
    expect(made.code, told(made)).toBe(0);
  });

  // Last: the log is gone for good.
  test('a log that was purged', async () => {
    const { b } = pair;
    await b.query('SET GLOBAL super_read_only=OFF; FLUSH BINARY LOGS');
    await b.query("PURGE BINARY LOGS TO 'binlog.000002'; SET GLOBAL super_read_only=ON");
    const made = await run('diff');
    expect(made.code, told(made)).toBe(1);
    expect(made.stderr, told(made)).toMatch(/binlog\.000001 (was|is) purged/);
    expect(made.stderr, told(made)).toMatch(/--binlog/);
  });
});

function run(...words: (string | Record<string, string>)[]): Promise<Run> {
  const args = words.filter((word) => typeof word === 'string');
  const env = Object.assign({}, ...words.filter((word) => typeof word === 'object'));
  return runReconcile(args, { folder, env: { ...pair.credentials, ...env } });
}

/** All that could have been written to. */
async function world(): Promise<unknown> {
  return [contents(), await serverState(pair.a), await serverState(pair.b)];
}

function contents(): Record<string, string> {
  const names = readdirSync(folder).sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

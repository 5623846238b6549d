// A replay that ends in the middle, by every way it can: at each of them a transaction and its mark are both on the
// restored primary or neither is, and the same command goes on from there.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { stopAll } from '../sandbox/index.ts';
import { executable, jsonOf, type Run, runReconcile, told } from './run-reconcile.ts';
import type { Mode } from './scenario.ts';
import { addressOf, ServerPair } from './server-pair.ts';
import { exactRows, serverState } from './server-state.ts';

const TRANSFERS = 400;
const REPLAY = ['replay', '--apply', '--yes', '--json'];
/** Only then is what is done at any moment a prefix of the window. */
const ONE_WORKER = ['--workers', '1'];

// With GTIDs the server remembers what was replayed; on MariaDB the journal does.
describe.each<Mode>(['mysql-gtid', 'mariadb-11.8'])('%s', (mode) => {
  // Where the memory makes no difference, one flavour is enough.
  const onlyOnMysql = test.runIf(mode === 'mysql-gtid');
  let pair: ServerPair;
  let folder: string;

  beforeAll(async () => {
    pair = await ServerPair.start(mode);
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  afterAll(stopAll);

  async function failOver(): Promise<void> {
    folder = mkdtempSync(join(tmpdir(), 'interrupted-'));
    const { a, b } = pair;
    await pair.reset();
    await a.query(`CREATE DATABASE bank;
      CREATE TABLE bank.accounts (id INT PRIMARY KEY, balance INT NOT NULL);
      CREATE TABLE bank.transfers (id INT PRIMARY KEY, payer INT NOT NULL, payee INT NOT NULL);
      INSERT INTO bank.accounts VALUES (0, 1000), (1, 1000), (2, 1000), (3, 1000), (4, 1000)`);
    await pair.caughtUp();
    const recorded = await run('record', '--old', addressOf(a), '--new', addressOf(b));
    expect(recorded.code, told(recorded)).toBe(0);
    await pair.promote();
    const transfers = Array.from({ length: TRANSFERS }, (_, id) => {
      const [payer, payee] = [id % 5, (id * 3 + 1) % 5];
      return `BEGIN; UPDATE bank.accounts SET balance = balance - ${id} WHERE id = ${payer};
        UPDATE bank.accounts SET balance = balance + ${id} WHERE id = ${payee};
        INSERT INTO bank.transfers VALUES (${id}, ${payer}, ${payee}); COMMIT;`;
    });
    await b.query(transfers.join('\n'));
    await pair.fence();
    const diff = await run('diff');
    expect(diff.code, told(diff)).toBe(2);
  }

  function run(...args: string[]): Promise<Run> {
    return runReconcile(args, { folder, env: pair.credentials });
  }

  /** Starts a replay, and comes back when some of it is done. */
  async function halfWay(options: string[] = []): Promise<{
    child: ChildProcess;
    ended: Promise<number | null>;
    said: () => string;
  }> {
    const child = spawn(process.execPath, [executable(), ...REPLAY, ...options], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, ...pair.credentials },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (more: string) => {
        text += more;
      });
    }
    const ended = new Promise<number | null>((resolve) => {
      child.once('close', resolve);
    });
    while ((await transfersOnA()) < 20) {
      if (child.exitCode !== null) throw new Error(`The replay ended too early:\n${text}`);
      await sleep(2);
    }
    return { child, ended, said: () => text };
  }

  async function transfersOnA(): Promise<number> {
    const [row] = await pair.a.query('SELECT COUNT(*) AS n FROM bank.transfers');
    return Number(row!.n);
  }

  /** Money only moves: half a transfer would show in the sum. */
  async function isWhole(prefix = false): Promise<number> {
    const [row] = await pair.a.query(`SELECT COUNT(*) AS n, MAX(id) AS last,
      (SELECT SUM(balance) FROM bank.accounts) AS money FROM bank.transfers`);
    expect(Number(row!.money)).toBe(5000);
    if (prefix)
      expect(Number(row!.last), 'in the order of their commit, none left out').toBe(Number(row!.n) - 1);
    return Number(row!.n);
  }

  /** The same command does the rest, once. */
  async function goesOn(prefix = false): Promise<void> {
    // The server may still be at the COMMIT of a session that is gone.
    for (let before = -1, now = 0; before !== now; ) {
      before = now;
      await sleep(300);
      now = await transfersOnA();
    }
    const done = await isWhole(prefix);
    expect(done, 'it was interrupted in the middle').toBeLessThan(TRANSFERS);
    const rest = await run(...REPLAY);
    expect(rest.code, told(rest)).toBe(0);
    expect(jsonOf(rest)).toMatchObject({ applied: TRANSFERS - done, alreadyPresent: done, conflicts: [] });
    expect(await exactRows(pair.a, 'bank')).toEqual(await exactRows(pair.b, 'bank'));
    const before = await serverState(pair.a);
    expect(jsonOf(await run(...REPLAY))).toMatchObject({ applied: 0, alreadyPresent: TRANSFERS });
    expect(await serverState(pair.a)).toEqual(before);
    const verified = jsonOf(await run('verify', '--json'));
    expect(verified).toMatchObject({ wrong: 0, changedSince: 0 });
  }

  test('kill -9 of reconcile', async () => {
    await failOver();
    const { child, ended } = await halfWay();
    child.kill('SIGKILL');
    await ended;
    await goesOn();
  });

  onlyOnMysql('kill -9 of reconcile with one worker', async () => {
    await failOver();
    const { child, ended } = await halfWay(ONE_WORKER);
    child.kill('SIGKILL');
    await ended;
    await goesOn(true);
  });

  onlyOnMysql('Ctrl-C', async () => {
    await failOver();
    const { child, ended, said } = await halfWay();
    child.kill('SIGINT');
    expect(await ended, said()).toBe(130);
    expect(said()).toMatch(/interrupted/i);
    await goesOn();
  });

  test('kill -9 of the restored primary', async () => {
    await failOver();
    const { ended, said } = await halfWay();
    await pair.a.kill();
    expect(await ended, said()).toBe(1);
    expect(said()).toMatch(/restored primary 127\.0\.0\.1:\d+/);
    await pair.a.restart();
    await goesOn();
  });

  onlyOnMysql('the connection is cut', async () => {
    await failOver();
    const { ended, said } = await halfWay();
    const [own] = await pair.a.query('SELECT CONNECTION_ID() AS id');
    const threads = await pair.a.query(
      "SELECT ID AS id FROM information_schema.PROCESSLIST WHERE USER = 'sandbox'",
    );
    for (const { id } of threads) {
      // The pool's own may go too: it makes new ones.
      if (id !== own!.id) await pair.a.query(`KILL ${id}`).catch(() => {});
    }
    expect(await ended, said()).toBe(1);
    await goesOn();
  });

  onlyOnMysql('a second replay at the same time', async () => {
    await failOver();
    const { ended } = await halfWay();
    const second = await run(...REPLAY);
    expect(second.code, told(second)).toBe(4);
    expect(second.stderr).toMatch(/another reconcile is replaying/);
    expect(await ended).toBe(0);
    expect(await isWhole()).toBe(TRANSFERS);
    expect(await exactRows(pair.a, 'bank')).toEqual(await exactRows(pair.b, 'bank'));
  });
});

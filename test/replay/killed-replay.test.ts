// Kills in mid-replay: of reconcile by kill -9, of the restored primary by kill -9. The same command then finishes the
// work: nothing twice, nothing lost. Each transaction adds to a counter, so that one applied twice would show.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FailoverPair, MODES_OF_MARKING } from '../failover-pair.ts';

const TRANSACTIONS = 250;

describe.each(MODES_OF_MARKING)('%s', (_, options) => {
  let pair: FailoverPair;
  beforeAll(async () => {
    pair = await FailoverPair.start(options);
    await pair.begin(
      `CREATE DATABASE k; CREATE TABLE k.counter (id INT PRIMARY KEY, n INT) ENGINE=InnoDB;
       CREATE TABLE k.log (id INT PRIMARY KEY, n INT) ENGINE=InnoDB; INSERT INTO k.counter VALUES (1,0)`,
    );
    for (let i = 1; i <= TRANSACTIONS; i++) {
      await pair.onFailed(`UPDATE k.counter SET n=n+1 WHERE id=1; INSERT INTO k.log VALUES (${i}, ${i})`);
    }
    await pair.diff();
  });
  afterAll(() => pair?.remove());

  /** The real executable; resolves with its exit code, or null where it was killed. */
  async function replay(
    during: (kill: () => void) => Promise<void> = async () => {},
  ): Promise<number | null> {
    const { host, port, user, password } = pair.restored;
    const child = spawn(
      process.execPath,
      [
        'bin/reconcile.js',
        'replay',
        pair.plan,
        '--apply',
        '--yes',
        '--restored',
        `mysql://${user}@${host}:${port}`,
      ],
      { env: { ...process.env, RECONCILE_PASSWORD: password }, stdio: 'ignore' },
    );
    const exit = once(child, 'exit') as Promise<[number | null]>;
    await during(() => child.kill('SIGKILL'));
    return (await exit)[0];
  }

  async function counterReaches(number: number): Promise<void> {
    for (const end = Date.now() + 20_000; (await state()).counter < number; ) {
      if (Date.now() > end) throw new Error(`the replay did not reach ${number}`);
    }
  }

  async function state(): Promise<{ counter: number; rows: number }> {
    const [counter] = await pair.restored.query('SELECT n FROM k.counter');
    const [log] = await pair.restored.query('SELECT COUNT(*) AS n FROM k.log');
    return { counter: Number(counter!.n), rows: Number(log!.n) };
  }

  test('reconcile and the restored primary, killed again and again', async () => {
    for (const number of [20, 50, 80]) {
      const code = await replay(async (kill) => {
        await counterReaches(number);
        kill();
      });
      expect(code).toBeNull();
      const { counter, rows } = await state();
      expect(counter).toBe(rows);
      expect(counter).toBeLessThan(TRANSACTIONS);
    }
    const code = await replay(async () => {
      await counterReaches(100);
      await pair.restored.kill();
    });
    expect(code).toBe(1);
    await pair.restored.restart();
    const { counter, rows } = await state();
    expect(counter).toBe(rows);
    expect(counter).toBeGreaterThanOrEqual(100);
    for (let i = 0; i < 3 && (await replay()) !== 0; i++);
    expect(await state()).toEqual({ counter: TRANSACTIONS, rows: TRANSACTIONS });
    expect(await pair.verify()).toMatchObject({
      wrong: 0,
      transactions: { replayed: TRANSACTIONS, notReplayed: 0 },
    });
  });
});

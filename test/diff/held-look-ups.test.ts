// A diff asks nothing of a restored primary that customers keep busy: on real servers.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FailoverPair } from '../failover-pair.ts';

const CUSTOMERS = 3;
const SECONDS = 2;

describe.each([
  { name: 'MySQL', flavor: 'mysql' as const },
  { name: 'MariaDB', flavor: 'mariadb' as const },
])('$name', ({ flavor }) => {
  let pair: FailoverPair;
  beforeAll(async () => {
    pair = await FailoverPair.start({ flavor });
    await pair.begin('CREATE DATABASE busy; CREATE TABLE busy.t (id INT PRIMARY KEY, n INT)');
    await pair.onFailed('INSERT INTO busy.t VALUES (1, 1), (2, 2)');
  });
  afterAll(() => pair?.remove());

  /** How long customers had been gone when the diff was through, in milliseconds: below 0 while they were there. */
  async function diffBeside(maxLoad: number): Promise<number> {
    let gone = Number.POSITIVE_INFINITY;
    const customers = Promise.all(
      Array.from({ length: CUSTOMERS }, () => pair.restored.query(`SELECT SLEEP(${SECONDS})`)),
    ).then(() => {
      gone = performance.now();
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const { header } = await pair.diff({ maxLoad });
    const through = performance.now();
    expect(header.transactions.missing).toBe(1);
    await customers;
    return through - gone;
  }

  test('waits while more of them are at work than --max-load', async () => {
    expect(await diffBeside(1)).toBeGreaterThan(-50);
  });

  test('does not wait for fewer', async () => {
    expect(await diffBeside(10)).toBeLessThan(0);
  });
});

// A customer alters a table while the replay runs: no value goes into another column, and no row of his is overwritten.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NO_THROTTLE } from '../../src/replay/throttle.ts';
import { FailoverPair, type PairOptions } from '../failover-pair.ts';

const MODES: [string, PairOptions][] = [
  ['MySQL', { flavor: 'mysql' }],
  ['MariaDB', { flavor: 'mariadb' }],
];

describe.each(MODES)('%s', (_, options) => {
  let pair: FailoverPair;
  let schema = 0;

  beforeAll(async () => {
    pair = await FailoverPair.start(options);
  });
  afterAll(() => pair?.remove());

  async function window(...statements: string[]): Promise<string> {
    schema += 1;
    const t = `d${schema}.t`;
    await pair.begin(
      `CREATE DATABASE d${schema}; CREATE TABLE ${t} (id INT PRIMARY KEY, v INT, w INT) ENGINE=InnoDB;
       INSERT INTO ${t} VALUES (1,1,-1),(2,2,-2),(7,7,-7)`,
    );
    await pair.onFailed(...statements.map((one) => one.replaceAll('$', t)));
    await pair.diff();
    return t;
  }

  /** Alters it once the replay has written two rows; what became of the replay, and the rows by their columns' names. */
  async function alteredBetween(t: string, alter: string): Promise<{ error: unknown; rows: unknown[] }> {
    pair.throttle = { ...NO_THROTTLE, maxRate: 4 };
    const replay = pair.replay({ apply: true, workers: 1 }).catch((error: unknown) => error);
    const seen = async (): Promise<number> =>
      Number((await pair.restored.query(`SELECT COUNT(*) AS n FROM ${t}`))[0]!.n);
    await expect.poll(seen, { timeout: 10_000, interval: 20 }).toBeGreaterThan(4);
    await pair.restored.query(`ALTER TABLE ${t} ${alter}`);
    const error = await replay;
    pair.throttle = NO_THROTTLE;
    return { error, rows: await pair.restored.query(`SELECT id, v, w FROM ${t} ORDER BY id`) };
  }
  const inserts = Array.from({ length: 8 }, (_, i) => `INSERT INTO $ VALUES (${i + 10},7,-9)`);
  const updates = ['UPDATE $ SET v=20 WHERE id=2', 'UPDATE $ SET w=-70 WHERE id=7'];

  test.each([
    ['columns change their places', 'MODIFY v INT AFTER w'],
    ['a column comes in front', 'ADD COLUMN z INT NOT NULL DEFAULT 7 FIRST'],
  ])('%s: it stops, and all that it wrote is right', async (_, alter) => {
    const t = await window(...inserts, ...updates);
    const { error, rows } = await alteredBetween(t, alter);
    expect(error).toMatchObject({
      code: 'refused',
      check: 'schema-changed',
      message: expect.stringMatching(
        /was altered on the restored primary while the replay ran: nothing of it was written \(\d+ transactions of this run are replayed/,
      ),
    });
    expect(rows.length).toBeGreaterThan(4);
    expect(rows.length).toBeLessThan(11);
    for (const row of rows as { id: number; v: number; w: number }[])
      expect(row).toMatchObject(row.id < 10 ? { v: row.id, w: -row.id } : { v: 7, w: -9 });
  });

  test('an index more is no reason to stop', async () => {
    const t = await window(...inserts, ...updates);
    const { error, rows } = await alteredBetween(t, 'ADD INDEX (v), ADD INDEX (w)');
    expect(error).toMatchObject({ kind: 'replay', conflicts: [], verified: { wrong: 0 } });
    expect(rows).toHaveLength(11);
  });

  test('a transaction of thousands of rows, too', async () => {
    const many = Array.from({ length: 3000 }, (_, i) => `(${i + 100},7,-9)`).join(',');
    const t = await window(...inserts.slice(0, 4), `INSERT INTO $ VALUES ${many}`);
    const { error, rows } = await alteredBetween(t, 'MODIFY v INT AFTER w');
    expect(error).toMatchObject({ code: 'refused', check: 'schema-changed' });
    expect(rows.length).toBeLessThan(8);
  });
});

// What the failed primary's log holds on behalf of others: the restored primary's transactions, which reached it late or
// never. They are not divergence, and how many never came is said.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FailoverPair, type PairOptions } from './failover-pair.ts';
import { caughtUp, replicate, stopReplication } from './sandbox/index.ts';

const MODES: [string, PairOptions][] = [
  ['MySQL', { flavor: 'mysql' }],
  ['MariaDB', { flavor: 'mariadb' }],
];

describe.each(MODES)('%s', (_, options) => {
  const replica = options.flavor === 'mysql' ? 'REPLICA' : 'SLAVE';
  let pair: FailoverPair;

  beforeAll(async () => {
    pair = await FailoverPair.start(options);
    await pair.begin('CREATE DATABASE w; CREATE TABLE w.t (id INT PRIMARY KEY, v INT) ENGINE=InnoDB');
    await replicate({ from: pair.restored, to: pair.failed, gtid: true });
    await pair.onRestored('INSERT INTO w.t VALUES (1, 1)');
    await caughtUp({ from: pair.restored, to: pair.failed });
    await pair.failed.query(`STOP ${replica} SQL_THREAD`);
    await pair.onRestored('INSERT INTO w.t VALUES (2, 2)', 'UPDATE w.t SET v = 3 WHERE id = 2');
    await pair.begin('DO 1');
  });
  afterAll(() => pair?.remove());

  test('transactions that never reached it are counted in a warning', async () => {
    await pair.onFailed('INSERT INTO w.t VALUES (10, 10)');
    for (const binlog of [false, true]) {
      const { header } = await pair.diff({ binlog });
      expect(header.transactions).toMatchObject({ missing: 1, conflict: 0 });
      expect(header.account.transactions).toEqual({ own: 1, replicated: 0, skipped: 0 });
      expect(header.warnings).toEqual([
        expect.stringContaining('2 transactions of the restored primary had not reached it'),
      ]);
    }
  });

  test('those that came late stand in its log, and are no part of the window', async () => {
    await pair.failed.query(
      `SET GLOBAL ${options.flavor === 'mysql' ? 'super_' : ''}read_only=0; SET GLOBAL read_only=0; START ${replica} SQL_THREAD`,
    );
    await caughtUp({ from: pair.restored, to: pair.failed });
    await stopReplication(pair.failed);
    await pair.onFailed('INSERT INTO w.t VALUES (11, 11)');
    for (const binlog of [false, true]) {
      const { header } = await pair.diff({ binlog });
      expect(header.account.transactions).toEqual({ own: 2, replicated: 2, skipped: 0 });
      expect(header.account.closes).toBe(true);
      expect(header.window).toMatchObject({ transactions: 2, changes: 2 });
      expect(header.transactions).toEqual({ missing: 2, present: 0, conflict: 0, held: 0, unsupported: 0 });
    }
    await pair.replay({ apply: true });
    expect(await pair.restored.query('SELECT id, v FROM w.t ORDER BY id')).toEqual(
      [1, 2, 10, 11].map((id) => ({ id, v: id === 2 ? 3 : id })),
    );
  });
});

describe.each([
  ['MySQL with GTIDs', { flavor: 'mysql' }],
  ['MySQL without GTIDs', { flavor: 'mysql', gtid: false }],
  ['MariaDB', { flavor: 'mariadb' }],
] as [string, PairOptions][])('%s, under a third server id', (_, options) => {
  let pair: FailoverPair;

  beforeAll(async () => {
    pair = await FailoverPair.start(options);
    await pair.begin('CREATE DATABASE w; CREATE TABLE w.t (id INT PRIMARY KEY, v INT) ENGINE=InnoDB');
  });
  afterAll(() => pair?.remove());

  test('what the failed primary wrote is part of the window, and said', async () => {
    // The restored primary is further on: by MariaDB's watermarks it has passed all that the other wrote.
    await pair.onRestored(...[1, 2, 3, 4].map((id) => `INSERT INTO w.t VALUES (${100 + id}, 0)`));
    await pair.failed.query('SET GLOBAL server_id=77');
    await pair.onFailed('INSERT INTO w.t VALUES (1, 1)');
    await pair.failed.query('SET GLOBAL server_id=2');
    await pair.onFailed('INSERT INTO w.t VALUES (2, 2)');
    for (const binlog of [false, true]) {
      const { header } = await pair.diff({ binlog });
      expect(header.transactions).toMatchObject({ missing: 2, present: 0, conflict: 0 });
      expect(header.warnings).toEqual([expect.stringContaining("1 transactions bear a third server's id")]);
    }
    await pair.replay({ apply: true });
    expect(await pair.restored.query('SELECT id FROM w.t WHERE id < 100 ORDER BY id')).toEqual([
      { id: 1 },
      { id: 2 },
    ]);
  });
});

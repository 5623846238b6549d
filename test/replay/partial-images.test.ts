// Servers that log only what changed (binlog_row_image=MINIMAL): a replay, its undo and the replay after that, each found
// again by the next look. What is completed, and what is not, is in the scenarios.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadPlan } from '../../src/plan/planned-transactions.ts';
import { FailoverPair, type PairOptions } from '../failover-pair.ts';

const MODES: [string, PairOptions][] = [
  ['MySQL with GTIDs', { flavor: 'mysql' }],
  ['MariaDB 11.8', { flavor: 'mariadb', version: '11.8' }],
];

describe.each(MODES)('%s', (_, options) => {
  let pair: FailoverPair;

  beforeAll(async () => {
    pair = await FailoverPair.start({ ...options, args: ['--binlog-row-image=MINIMAL'] });
  });
  afterAll(() => pair?.remove());

  const rows = async (): Promise<unknown[]> =>
    (await pair.restored.query('SELECT id, a, b, note FROM t.t ORDER BY id')).map((row) =>
      Object.values(row),
    );
  const states = async (): Promise<string> => {
    await pair.diff();
    return (await pair.states()).join(' ');
  };

  test('replayed, taken back, replayed again', async () => {
    await pair.begin(
      `CREATE DATABASE t;
       CREATE TABLE t.t (id INT PRIMARY KEY, a INT DEFAULT 7, b INT, note TEXT) ENGINE=InnoDB;
       INSERT INTO t.t VALUES (1, 1, 1, 'one'), (2, 2, 2, 'two'), (3, 3, 3, 'three')`,
    );
    const before = await rows();
    await pair.onFailed(
      'UPDATE t.t SET a = 10 WHERE id = 1; UPDATE t.t SET note = NULL WHERE id = 2',
      'UPDATE t.t SET a = 1, b = 100 WHERE id = 1',
      'INSERT INTO t.t (id, b) VALUES (4, 4); UPDATE t.t SET a = 8 WHERE id = 4',
      'DELETE FROM t.t WHERE id = 3',
    );
    const replayed = [
      [1, 1, 100, 'one'],
      [2, 2, 2, null],
      [4, 8, 4, null],
    ];
    expect(await states()).toBe('missing missing missing missing');
    const { undo, verified } = await pair.replay({ apply: true });
    expect(verified).toMatchObject({ rows: 4, replayed: 4, wrong: 0 });
    expect(await rows()).toEqual(replayed);
    expect(await states()).toBe('present present present present');

    expect((await pair.undo(undo!, { apply: true })).undone).toHaveLength(4);
    expect(await rows()).toEqual(before);
    expect(await states()).toBe('missing missing missing missing');
    expect((await pair.replay({ apply: true })).applied).toHaveLength(4);
    expect(await rows()).toEqual(replayed);
    expect(await states()).toBe('present present present present');
    expect((await pair.replay({ apply: true })).applied).toHaveLength(0);
  });

  test('without a record nothing proves what a row was', async () => {
    await pair.begin(
      'CREATE DATABASE u; CREATE TABLE u.t (id INT PRIMARY KEY, a INT) ENGINE=InnoDB; INSERT INTO u.t VALUES (1, 1)',
    );
    await pair.onFailed('UPDATE u.t SET a = 10 WHERE id = 1', 'INSERT INTO u.t (id) VALUES (2)');
    const { file, position } = JSON.parse(readFileSync(pair.record, 'utf8')).new.coordinates;
    await pair.diff({ withoutRecord: true, startPosition: `${file}:${position}` });
    const { transactions } = await loadPlan(pair.plan);
    expect(transactions.map(({ planned }) => planned.unsupported?.join())).toEqual(
      options.flavor === 'mysql'
        ? // Where its log goes on is told by the GTIDs that the failed primary lacks: nobody altered the table's defaults.
          [
            expect.stringContaining('without a failover record it is not known what the failed primary had'),
            undefined,
          ]
        : [
            expect.stringContaining('can’t be told: without a failover record'),
            expect.stringContaining('others’ defaults can’t be told: without a failover record'),
          ],
    );
    // Of what the first test replayed and noted, the failed primary of this pair has received nothing.
    await pair.diff();
    const [update, insert] = (await loadPlan(pair.plan)).transactions;
    expect(update!.planned.unsupported).toEqual([
      expect.stringMatching(/promoted before \d+ transactions of the restored primary had reached it/),
    ]);
    expect(insert!.planned.state).toBe('missing');
  });
});

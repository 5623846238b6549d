// Rows of which the log holds only a part, where the restored primary has changed a table since by a statement that shows
// no row: other defaults, partitions that changed places with a table. Nothing may be completed from what is there now.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FailoverPair, type PairOptions } from '../failover-pair.ts';

const FLAVORS: [string, PairOptions][] = [
  ['MySQL', { flavor: 'mysql' }],
  ['MariaDB 11.8', { flavor: 'mariadb', version: '11.8' }],
];

const ROWS = 'id INT PRIMARY KEY, a INT DEFAULT 1, b INT';
const TABLES = ['fresh', 'short', 'parts', 'beside', 'untouched'];

describe.each(FLAVORS)('%s', (_, options) => {
  let pair: FailoverPair;
  beforeAll(async () => {
    pair = await FailoverPair.start({ ...options, failedArgs: ['--binlog-row-image=MINIMAL'] });
  });
  afterAll(() => pair?.remove());

  test('is not completed from rows and defaults that came later', async () => {
    await pair.begin(`CREATE DATABASE m; CREATE TABLE m.fresh (${ROWS}); CREATE TABLE m.short (${ROWS});
      CREATE TABLE m.untouched (${ROWS}); INSERT INTO m.untouched VALUES (5, 1, 2);
      CREATE TABLE m.beside (${ROWS}); INSERT INTO m.beside VALUES (5, 1, 2);
      CREATE TABLE m.parts (${ROWS}) PARTITION BY RANGE (id) (PARTITION low VALUES LESS THAN (10));
      INSERT INTO m.parts VALUES (5, 9, 9)`);
    await pair.onFailed(
      'INSERT INTO m.fresh (id) VALUES (1)',
      'INSERT INTO m.short (id) VALUES (1)',
      'UPDATE m.parts SET a = 3 WHERE id = 5',
      'UPDATE m.beside SET a = 3 WHERE id = 5',
      'UPDATE m.untouched SET a = 3 WHERE id = 5',
    );
    await pair.restored.query(
      `ALTER TABLE m.fresh ALTER COLUMN a SET DEFAULT 7; ALTER TABLE m.short ALTER a SET DEFAULT 8;
       ALTER TABLE m.parts EXCHANGE PARTITION low WITH TABLE m.beside`,
    );
    const rows = async (): Promise<unknown> =>
      Promise.all(TABLES.map((table) => pair.restored.query(`SELECT * FROM m.${table}`)));
    const before = (await rows()) as unknown[];
    await pair.diff();
    const states = await pair.states();
    expect(states.slice(0, 2)).toEqual(['unsupported', 'unsupported']);
    expect(states.slice(2, 4)).not.toContain('missing');
    expect(states[4]).toBe('missing');
    await pair.replay({ apply: true });
    expect(await rows()).toEqual([...before.slice(0, 4), [{ id: 5, a: 3, b: 2 }]]);
  });
});

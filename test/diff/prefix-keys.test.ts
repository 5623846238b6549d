// Unique keys over the beginning of a column: forecast in the diff, on real servers; where a value's beginning ends, pure.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beginning } from '../../src/diff/prefix-keys.ts';
import type { ColumnDefinition } from '../../src/server/catalogue.ts';
import { FailoverPair, type PairOptions } from '../failover-pair.ts';

const bytes = (text: string): string => Buffer.from(text).toString('latin1');

test.each([
  ['utf8mb4', bytes('žluťoučký'), 3, bytes('žlu')],
  ['utf8mb4', bytes('a😀bc'), 2, bytes('a😀')],
  ['utf8mb4', bytes('a😀'), 2, bytes('a😀')],
  ['utf8mb4', bytes('žž'), 5, bytes('žž')],
  ['latin1', '\xe4\xf6\xfc', 2, '\xe4\xf6'],
  [null, '\x00\xff\x00', 1, '\x00'],
  ['utf8mb4', '', 3, ''],
  ['utf8mb4', 'abc', null, 'abc'],
])('%s %j, %s characters', (charset, value, length, expected) => {
  expect(beginning({ charset } as ColumnDefinition, value, length)).toBe(expected);
});

const MODES: [string, PairOptions][] = [
  ['MySQL', { flavor: 'mysql' }],
  ['MariaDB', { flavor: 'mariadb', version: '11.8' }],
];

describe.each(MODES)('%s', (_, options) => {
  let pair: FailoverPair;
  beforeAll(async () => {
    pair = await FailoverPair.start(options);
  });
  afterAll(() => pair?.remove());

  test('a beginning that another row of the restored primary has is a conflict in the plan', async () => {
    await pair.begin(
      `CREATE DATABASE p; CREATE TABLE p.t (id INT PRIMARY KEY, area INT, path TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci,
         raw BLOB, UNIQUE KEY by_path (area, path(4)), UNIQUE KEY by_raw (raw(2)));
       INSERT INTO p.t VALUES (1,1,'gone',NULL),(2,1,'moved away',NULL),(3,1,'100% x',NULL),(4,1,'stays',NULL)`,
    );
    await pair.onFailed(
      "INSERT INTO p.t VALUES (10,1,'Žluťák',NULL)",
      "INSERT INTO p.t VALUES (11,2,'Žluťák',NULL)",
      "INSERT INTO p.t VALUES (12,1,'ab',NULL)",
      "INSERT INTO p.t VALUES (13,1,'abcdz',NULL)",
      'DELETE FROM p.t WHERE id=1',
      "INSERT INTO p.t VALUES (14,1,'gone again',NULL)",
      "UPDATE p.t SET path='else' WHERE id=2; INSERT INTO p.t VALUES (15,1,'move in',NULL)",
      "UPDATE p.t SET path='100%y' WHERE id=3",
      "INSERT INTO p.t VALUES (16,1,'100z',NULL)",
      "INSERT INTO p.t VALUES (17,1,NULL,X'25FF01')",
      "INSERT INTO p.t VALUES (18,1,NULL,X'255C01')",
      // Frees a beginning, and is a conflict itself.
      'DELETE FROM p.t WHERE id=4',
      "INSERT INTO p.t VALUES (19,1,'stay here',NULL)",
    );
    await pair.onRestored(
      "INSERT INTO p.t VALUES (90,1,'žLUŤ and more',NULL)",
      "INSERT INTO p.t VALUES (91,1,'AB',NULL)",
      "INSERT INTO p.t VALUES (92,1,'100zz',NULL)",
      "INSERT INTO p.t VALUES (93,1,NULL,X'25FF02')",
      "UPDATE p.t SET area=1, path='stays too' WHERE id=4",
    );
    const { conflicts, header } = await pair.diff();
    expect(await pair.states()).toEqual([
      'conflict',
      'missing',
      'conflict',
      'missing',
      'missing',
      'missing',
      'missing',
      'missing',
      'conflict',
      'conflict',
      'missing',
      'conflict',
      'conflict',
    ]);
    const found = conflicts.map(({ kind, key, columns, restored, changedBy }) => [
      kind,
      key!.id,
      columns.join(),
      restored!.id,
      changedBy?.length,
    ]);
    expect(found).toEqual([
      ['unique-taken', 10, 'area,path', 90, 1],
      ['unique-taken', 12, 'area,path', 91, 1],
      ['unique-taken', 16, 'area,path', 92, 1],
      ['unique-taken', 17, 'raw', 93, 1],
      ['changed-on-restored', 4, 'path', 4, 1],
      ['unique-taken', 19, 'area,path', 4, 1],
    ]);
    expect(header.warnings.join()).not.toMatch(/by_path|by_raw/);
    const { applied, conflicts: later } = await pair.replay({ apply: true });
    expect([applied.length, later]).toEqual([7, []]);
    expect((await pair.diff({ fenced: true })).header.transactions).toMatchObject({
      missing: 0,
      present: 7,
      conflict: 6,
    });
  });
});

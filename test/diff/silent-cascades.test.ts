// Foreign keys that change children without a word in the log, and those whose changes are logged: every pairing of MySQL's
// two ways (from 9.6 the SQL layer's, else InnoDB's own), and MariaDB. Nothing spreads to what only the restored primary has.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FailoverPair, type PairOptions } from '../failover-pair.ts';

interface Setup {
  name: string;
  options: PairOptions;
  /** Whether each side's InnoDB does it itself, unlogged. */
  native: { failed: boolean; restored: boolean };
}

const mysql = (failed: boolean, restored: boolean): Setup => ({
  name: `MySQL, the failed one ${failed ? 'silent' : 'logging'}, the restored one ${restored ? 'silent' : 'logging'}`,
  options: {
    flavor: 'mysql',
    failedArgs: [`--innodb-native-foreign-keys=${failed ? 'ON' : 'OFF'}`],
    restoredArgs: [`--innodb-native-foreign-keys=${restored ? 'ON' : 'OFF'}`],
  },
  native: { failed, restored },
});

const SETUPS: Setup[] = [
  mysql(true, true),
  mysql(true, false),
  mysql(false, true),
  mysql(false, false),
  {
    name: 'MariaDB',
    options: { flavor: 'mariadb', version: '11.8' },
    native: { failed: true, restored: true },
  },
];

describe.each(SETUPS)('$name', ({ options, native }) => {
  let pair: FailoverPair;
  beforeAll(async () => {
    pair = await FailoverPair.start(options);
  });
  afterAll(() => pair?.remove());

  test('ON DELETE CASCADE and SET NULL, ON UPDATE CASCADE', async () => {
    await pair.begin(
      `CREATE DATABASE c; USE c;
       CREATE TABLE parent (id INT PRIMARY KEY, code INT, UNIQUE KEY (code));
       CREATE TABLE child (id INT PRIMARY KEY, p INT, toy VARCHAR(9), FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE);
       CREATE TABLE grandchild (id INT PRIMARY KEY, c INT, FOREIGN KEY (c) REFERENCES child (id) ON DELETE CASCADE);
       CREATE TABLE loose (id INT PRIMARY KEY, code INT, FOREIGN KEY (code) REFERENCES parent (code) ON DELETE SET NULL ON UPDATE CASCADE);
       INSERT INTO parent VALUES (1,1),(2,2),(3,3),(4,4),(5,5),(6,6),(7,7),(8,8),(9,9);
       INSERT INTO child VALUES (11,1,'ball'),(12,1,'car'),(21,2,'ball'),(41,4,'doll'); INSERT INTO grandchild VALUES (1,11),(2,21);
       INSERT INTO loose VALUES (3,3),(5,5),(6,6)`,
    );
    await pair.onFailed(
      'DELETE FROM c.parent WHERE id=1', // 0: nobody touched its family
      'DELETE FROM c.parent WHERE id=2', // 1: the restored primary has a new child
      'DELETE FROM c.parent WHERE id=3', // 2: SET NULL
      'DELETE FROM c.parent WHERE id=4', // 3: the restored primary changed the child
      'UPDATE c.parent SET code=50 WHERE id=5', // 4: ON UPDATE CASCADE
      'UPDATE c.parent SET code=60 WHERE id=6', // 5: and the restored primary has another row there
      "INSERT INTO c.child VALUES (71,7,'book')", // 6, 7: the child is the window's own
      'DELETE FROM c.parent WHERE id=7',
      'INSERT INTO c.parent VALUES (7,70)', // 8: held by it
      'REPLACE INTO c.parent VALUES (8,80)', // 9: it comes back, but without the restored primary's new child
      // 10: the same, and nobody is to look at children.
      'SET foreign_key_checks=0; DELETE FROM c.parent WHERE id=9; INSERT INTO c.parent VALUES (9,90); SET foreign_key_checks=1',
    );
    await pair.onRestored(
      "INSERT INTO c.child VALUES (29,2,'kite')",
      "UPDATE c.child SET toy='bear' WHERE id=41",
      'INSERT INTO c.loose VALUES (66,6)',
      "INSERT INTO c.child VALUES (81,8,'kite'),(91,9,'kite')",
    );
    const { conflicts } = await pair.diff();
    const states = await pair.states();
    const found = conflicts.map(({ kind, key, children, oldChildren }) => [
      kind,
      key!.id,
      children?.length,
      oldChildren,
    ]);
    if (native.failed) {
      // Its log has the parents only.
      expect(states).toEqual([
        ...new Array(6).fill('conflict'),
        ...['missing', 'conflict', 'held', 'conflict', 'missing'],
      ]);
      expect(found).toEqual([
        ['children-exist', 1, 2, 2],
        ['children-exist', 2, 2, 1],
        ['children-exist', 3, 1, 1],
        ['children-exist', 4, 1, undefined],
        ['children-exist', 5, 1, 1],
        ['children-exist', 6, 2, 1],
        ['children-exist', 7, 1, undefined],
        ['children-exist', 8, 1, undefined],
      ]);
      expect(conflicts[0]!.why).toMatch(/They are as at the failover: the failed primary’s own foreign key/);
      expect(conflicts[1]!.children).toEqual(['c.child id=29', 'c.child id=21']);
      expect(conflicts[1]!.why).toMatch(/The last is as at the failover/);
      expect(conflicts[3]!.why).toMatch(/or spread to them$/);
    } else {
      expect(states).toEqual([
        ...['missing', 'conflict', 'missing', 'conflict', 'missing', 'conflict'],
        // The child came and went there; its parent is another one by now.
        ...['missing', 'missing', 'missing', 'conflict', 'missing'],
      ]);
      expect(found).toEqual([
        ['children-exist', 2, 1, undefined],
        ['changed-on-restored', 41, undefined, undefined],
        ['children-exist', 6, 1, undefined],
        ['children-exist', 8, 1, undefined],
      ]);
    }
    const { applied, conflicts: later } = await pair.replay({ apply: true });
    expect([applied.length, later]).toEqual([native.failed ? 2 : 7, []]);
    const family = async (sql: string) =>
      (await pair.restored.query(sql)).map((row) => Object.values(row).join());
    expect(await family('SELECT id, p, toy FROM c.child ORDER BY id')).toEqual([
      ...(native.failed ? ['11,1,ball', '12,1,car'] : []),
      '21,2,ball',
      '29,2,kite',
      '41,4,bear',
      ...(native.failed ? ['71,7,book'] : []),
      '81,8,kite',
      '91,9,kite',
    ]);
    expect(await family('SELECT id, code FROM c.loose ORDER BY id')).toEqual(
      native.failed ? ['3,3', '5,5', '6,6', '66,6'] : ['3,', '5,50', '6,6', '66,6'],
    );
    expect(await family('SELECT id FROM c.grandchild ORDER BY id')).toEqual(
      native.failed ? ['1', '2'] : ['2'],
    );
  });
});

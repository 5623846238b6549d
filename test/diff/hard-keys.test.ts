// Indexes that statements may not use, and foreign keys whose parents no unique key tells apart, on real servers: nothing is
// scanned, nothing spreads unseen.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FailoverPair, type PairOptions } from '../failover-pair.ts';

const MODES: [string, PairOptions][] = [
  ['MySQL', { flavor: 'mysql', args: ['--restrict-fk-on-non-standard-key=OFF'] }],
  ['MariaDB', { flavor: 'mariadb', version: '11.8' }],
];

describe.each(MODES)('%s', (name, options) => {
  let pair: FailoverPair;
  const mysql = name === 'MySQL';
  beforeAll(async () => {
    pair = await FailoverPair.start(options);
  });
  afterAll(() => pair?.remove());
  const kinds = (conflicts: readonly { kind: string; transaction: string }[]): string[] =>
    conflicts.map(({ kind }) => kind);

  test('an index that statements may not use', async () => {
    const hidden = mysql ? 'INVISIBLE' : 'IGNORED';
    await pair.begin(
      `CREATE DATABASE hidden; USE hidden;
       CREATE TABLE t (id INT PRIMARY KEY, code INT, UNIQUE KEY code (code) ${hidden});
       CREATE TABLE parent (id INT PRIMARY KEY);
       CREATE TABLE child (id INT PRIMARY KEY, p INT, KEY p (p), CONSTRAINT up FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE);
       ALTER TABLE child ALTER INDEX p ${hidden};
       CREATE TABLE bare (a INT, KEY a (a) ${hidden});
       CREATE TABLE keyed (a INT NOT NULL, b INT NOT NULL, UNIQUE KEY z (a), UNIQUE KEY b (b) ${hidden});
       INSERT INTO parent VALUES (1),(2); INSERT INTO child VALUES (2,2); INSERT INTO bare VALUES (1); INSERT INTO keyed VALUES (1,1)`,
    );
    await pair.onFailed(
      'INSERT INTO hidden.t VALUES (1,1)',
      'INSERT INTO hidden.t VALUES (2,2)',
      'DELETE FROM hidden.parent WHERE id=1',
      'DELETE FROM hidden.bare WHERE a=1',
      'UPDATE hidden.keyed SET b=5 WHERE a=1',
    );
    await pair.onRestored('INSERT INTO hidden.t VALUES (9,1)', 'INSERT INTO hidden.child VALUES (3,1)');
    const { header, conflicts } = await pair.diff();
    // MySQL's is hidden from others only. MariaDB's from everybody: what it guards, the server guards by itself.
    if (mysql) {
      expect(await pair.states()).toEqual(['conflict', 'missing', 'conflict', 'missing', 'missing']);
      expect(kinds(conflicts)).toEqual(['unique-taken', 'children-exist']);
    } else {
      expect(await pair.states()).toEqual(['missing', 'missing', 'unsupported', 'missing', 'missing']);
      expect(header.warnings.join('\n')).toMatch(
        /Unique key code of hidden\.t is one that no statement finds rows by/,
      );
      expect(readFileSync(pair.plan, 'utf8')).toMatch(
        /foreign key up.*no statement may use an index over hidden/,
      );
    }
    const { applied, conflicts: later } = await pair.replay({ apply: true });
    expect([applied.length, kinds(later)]).toEqual([3, mysql ? [] : ['unique-taken']]);
    expect(await pair.restored.query('SELECT id FROM hidden.child ORDER BY id')).toEqual([
      { id: 2 },
      { id: 3 },
    ]);
  });

  test('parents that share their value', async () => {
    await pair.begin(
      `CREATE DATABASE shared; USE shared;
       CREATE TABLE parent (id INT PRIMARY KEY, area VARCHAR(9), KEY (area));
       CREATE TABLE child (id INT PRIMARY KEY, area VARCHAR(9), CONSTRAINT up FOREIGN KEY (area) REFERENCES parent (area) ON DELETE CASCADE);
       CREATE TABLE strict (id INT PRIMARY KEY, area VARCHAR(9), CONSTRAINT sup FOREIGN KEY (area) REFERENCES parent (area));
       INSERT INTO parent VALUES (1,'a'),(2,'a'),(3,'b'),(4,'b'),(5,'c'),(6,'d'),(7,'e'),(8,'f'),(9,'f'); INSERT INTO child VALUES (1,'d')`,
    );
    await pair.onFailed(
      // 0: one of two parents goes, without children here; the restored primary has one by now.
      'DELETE FROM shared.parent WHERE id=1',
      // 1: as 0, and nobody minds.
      'DELETE FROM shared.parent WHERE id=3',
      // 2: refers to the other of the two.
      "INSERT INTO shared.strict VALUES (1,'B')",
      // 3: its only parent went on the restored primary.
      "INSERT INTO shared.child VALUES (3,'c')",
      // 4, 5: a new parent and its child.
      "INSERT INTO shared.parent VALUES (20,'new')",
      "INSERT INTO shared.child VALUES (4,'NEW')",
      // 6, 7: a parent whose key is taken, and its child.
      "INSERT INTO shared.parent VALUES (30,'mine')",
      "INSERT INTO shared.child VALUES (5,'mine')",
      // 8, 9: as those, but the restored primary has another parent with that value.
      "INSERT INTO shared.parent VALUES (31,'also')",
      "INSERT INTO shared.child VALUES (6,'also')",
      // 10: another value for a parent with a child of its own on the restored primary.
      "UPDATE shared.parent SET area='z' WHERE id=7",
      // 11: the same value in another spelling.
      "UPDATE shared.parent SET area='F' WHERE id=8",
    );
    await pair.onRestored(
      "INSERT INTO shared.child VALUES (90,'a')",
      'DELETE FROM shared.parent WHERE id=5',
      "INSERT INTO shared.parent VALUES (30,'other'),(31,'else'),(40,'ALSO')",
      "INSERT INTO shared.strict VALUES (91,'e')",
    );
    const { header, conflicts } = await pair.diff();
    expect(await pair.states()).toEqual(
      [
        'conflict',
        'missing',
        'missing',
        'conflict',
        'missing',
        'missing',
        'conflict',
        'held',
        'conflict',
        'missing',
      ].concat(['conflict', 'missing']),
    );
    expect(conflicts.map(({ kind, columns }) => `${kind} ${columns.join()}`)).toEqual([
      'children-exist area',
      'parent-missing area',
      'key-taken area',
      'key-taken area',
      'children-exist area',
    ]);
    expect(header.warnings.join('\n')).not.toMatch(/Foreign key/);
    const { applied, conflicts: later } = await pair.replay({ apply: true });
    expect([applied.length, later]).toEqual([6, []]);
    expect(await pair.restored.query('SELECT id FROM shared.child ORDER BY id')).toEqual(
      [1, 4, 6, 90].map((id) => ({ id })),
    );
    expect((await pair.diff({ fenced: true })).header.transactions).toMatchObject({ missing: 0, present: 6 });
  });
});

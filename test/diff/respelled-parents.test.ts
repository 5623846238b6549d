// A parent whose key only changes its spelling, its case or its trailing spaces: to the collation it is the same key, and yet
// every server lets its foreign keys work on the children. Every pairing of MySQL's two ways, and MariaDB.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FailoverPair, type PairOptions } from '../failover-pair.ts';

const mysql = (failed: 'ON' | 'OFF', restored: 'ON' | 'OFF'): [string, boolean, PairOptions] => [
  `MySQL, innodb_native_foreign_keys ${failed} on the failed, ${restored} on the restored one`,
  failed === 'ON',
  {
    flavor: 'mysql',
    failedArgs: [`--innodb-native-foreign-keys=${failed}`],
    restoredArgs: [`--innodb-native-foreign-keys=${restored}`],
  },
];

/** Whether the failed primary's cascades are in no log. */
const SETUPS: [string, boolean, PairOptions][] = [
  mysql('OFF', 'OFF'),
  mysql('OFF', 'ON'),
  mysql('ON', 'OFF'),
  mysql('ON', 'ON'),
  ['MariaDB', true, { flavor: 'mariadb', version: '11.8' }],
];

const CONFLICT = ['conflict', 'children-exist'];
const MISSING = ['missing'];

interface Family {
  rule: string;
  /** What the parent 'A' becomes. */
  to: string;
  /** What the child refers to; null: there is none. */
  child: string | null;
  both?: true;
  first?: string;
  /** Where the failed primary's log has the children it changed, and where not. */
  logged: string[];
  silent: string[];
  /** Parent and child after the replay, where it is not what the restored primary had. */
  left?: [string, string | null];
}

const held = { logged: CONFLICT, silent: CONFLICT };
const FAMILIES: Family[] = [
  // Children that only the restored primary has.
  { rule: 'RESTRICT', to: 'a', child: 'A', ...held },
  { rule: 'RESTRICT', to: 'a', child: 'a', ...held },
  { rule: 'NO ACTION', to: 'A ', child: 'a', ...held },
  { rule: 'CASCADE', to: 'a', child: 'A', ...held },
  { rule: 'CASCADE', to: 'a', child: 'a', ...held },
  { rule: 'SET NULL', to: 'a', child: 'A', ...held },
  // Children that both have. MySQL logs the cascade's child first; its own servers refuse the parent then.
  { rule: 'CASCADE', to: 'a', child: 'A', both: true, ...held },
  { rule: 'SET NULL', to: 'a', child: 'A', both: true, logged: MISSING, silent: CONFLICT, left: ['a', null] },
  // Nobody refers to it, or nobody is to look who does.
  { rule: 'RESTRICT', to: 'a', child: null, logged: MISSING, silent: MISSING, left: ['a', null] },
  {
    ...{ rule: 'RESTRICT', to: 'a', child: 'A', first: 'SET foreign_key_checks=0;' },
    ...{ logged: MISSING, silent: MISSING, left: ['a', 'A'] },
  },
];

describe.each(SETUPS)('%s', (_, silent, options) => {
  let pair: FailoverPair;
  beforeAll(async () => {
    pair = await FailoverPair.start(options);
  });
  afterAll(() => pair?.remove());

  test('is a conflict exactly where a foreign key would refuse, or spread to a child', async () => {
    const name = 'VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci';
    const insert = ({ child }: Family, i: number): string => `INSERT INTO s.child${i} VALUES (1, '${child}')`;
    await pair.begin(
      `CREATE DATABASE s; USE s; ${FAMILIES.map(
        (family, i) =>
          `CREATE TABLE parent${i} (name ${name} PRIMARY KEY) ENGINE=InnoDB;
           CREATE TABLE child${i} (id INT PRIMARY KEY, name ${name},
             FOREIGN KEY (name) REFERENCES parent${i} (name) ON UPDATE ${family.rule}) ENGINE=InnoDB;
           INSERT INTO parent${i} VALUES ('A'); ${family.both ? insert(family, i) : 'DO 0'}`,
      ).join(';')}`,
    );
    await pair.onFailed(
      ...FAMILIES.map(
        ({ to, first = '' }, i) => `${first} UPDATE s.parent${i} SET name='${to}'; SET foreign_key_checks=1`,
      ),
    );
    await pair.onRestored(
      ...FAMILIES.flatMap((family, i) => (family.child === null || family.both ? [] : [insert(family, i)])),
    );
    const { conflicts } = await pair.diff();
    const states = await pair.states();
    const kinds = (i: number): string[] =>
      conflicts.filter(({ table }) => table === `s.parent${i}`).map(({ kind }) => kind);
    const wanted = FAMILIES.map((family) => (silent ? family.silent : family.logged));
    expect(states.map((state, i) => [state, ...kinds(i)])).toEqual(wanted);
    expect(conflicts[0]!.why).toBe(
      '1 row of the restored primary refers to this row: changing its key would be refused, or spread to them',
    );

    const { applied, conflicts: later } = await pair.replay({ apply: true });
    expect([applied.length, later]).toEqual([wanted.filter((want) => want === MISSING).length, []]);
    for (const [i, { child, left }] of FAMILIES.entries()) {
      const found = await pair.restored.query(
        `SELECT HEX(parent.name) AS parent, HEX(child.name) AS child FROM s.parent${i} parent LEFT JOIN s.child${i} child ON 1=1`,
      );
      const hex = (text: string | null): string | null =>
        text && Buffer.from(text).toString('hex').toUpperCase();
      const [parent, referring] = wanted[i] === MISSING && left ? left : ['A', child];
      expect([i, found]).toEqual([i, [{ parent: hex(parent), child: hex(referring) }]]);
    }
  });
});

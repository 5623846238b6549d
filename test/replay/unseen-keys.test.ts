// Transactions that meet at a key which no look-up asks for run one behind the other: side by side, the one that takes a
// value would come before the one that frees it, and be refused.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FailoverPair, type PairOptions } from '../failover-pair.ts';

const PAIRS = 100;

interface Case {
  ddl: string;
  /** The i-th value of the key, in two spellings. */
  value: (i: number, spelling: 0 | 1) => string;
}

const CASES: Record<string, Case> = {
  'over the beginning of a column': {
    ddl: 'v VARCHAR(20), UNIQUE KEY u (v(4))',
    value: (i, spelling) => `'${1000 + i}${'ab'[spelling]}'`,
  },
  'over rounded values': { ddl: 'v FLOAT(7,3), UNIQUE KEY u (v)', value: (i) => `${i}.5` },
};
const MYSQL: Record<string, Case> = {
  ...CASES,
  'over an expression': {
    ddl: 'v VARCHAR(20), UNIQUE KEY u ((LOWER(v)))',
    value: (i, spelling) => `'${['a', 'A'][spelling]}${i}'`,
  },
};
const MARIADB: Record<string, Case> = {
  ...CASES,
  IGNORED: { ddl: 'v INT, UNIQUE KEY u (v) IGNORED', value: (i) => String(i) },
};

const MODES: [string, PairOptions, Record<string, Case>][] = [
  ['MySQL', { flavor: 'mysql' }, MYSQL],
  ['MariaDB', { flavor: 'mariadb' }, MARIADB],
];

describe.each(MODES)('%s', (flavor, options, cases) => {
  let pair: FailoverPair;
  let schema = 0;

  beforeAll(async () => {
    pair = await FailoverPair.start(options);
  });
  afterAll(() => pair?.remove());

  const numbers = Array.from({ length: PAIRS }, (_, i) => i);
  const rows = (table: string, server = pair.restored) => server.query(`SELECT * FROM ${table} ORDER BY id`);

  /** As many workers as make an order by chance unlikely. */
  async function replayAndUndo(table: string): Promise<void> {
    await pair.diff();
    expect(new Set(await pair.states())).toEqual(new Set(['missing']));
    const before = await rows(table);
    const { applied, conflicts, undo } = await pair.replay({ apply: true, workers: 12 });
    expect(conflicts).toEqual([]);
    expect(applied).toHaveLength(2 * PAIRS);
    expect(await rows(table)).toEqual(await rows(table, pair.failed));
    expect(await pair.undo(undo!, { apply: true })).toMatchObject({ conflicts: [], held: [] });
    expect(await rows(table)).toEqual(before);
  }

  test.each(Object.entries(cases))('a unique key %s', async (_, { ddl, value }) => {
    const name = `met${++schema}.t`;
    const seeded = numbers.map((i) => `(${i}, ${value(i, 0)})`);
    await pair.begin(
      `CREATE DATABASE met${schema}; CREATE TABLE ${name} (id INT PRIMARY KEY, ${ddl});
       INSERT INTO ${name} VALUES ${seeded.join(', ')}`,
    );
    await pair.onFailed(
      ...numbers.flatMap((i) => [
        `UPDATE ${name} SET v=NULL WHERE id=${i}`,
        `INSERT INTO ${name} VALUES (${1000 + i}, ${value(i, 1)})`,
      ]),
    );
    await replayAndUndo(name);
  });

  test.skipIf(flavor === 'MySQL')('parents that no statement may look up', async () => {
    const name = `met${++schema}`;
    await pair.begin(
      `CREATE DATABASE ${name}; CREATE TABLE ${name}.p (id INT PRIMARY KEY, code INT, KEY code (code));
       CREATE TABLE ${name}.t (id INT PRIMARY KEY, code INT, FOREIGN KEY code (code) REFERENCES ${name}.p (code));
       ALTER TABLE ${name}.p ALTER INDEX code IGNORED`,
    );
    await pair.onFailed(
      ...numbers.flatMap((i) => [
        `INSERT INTO ${name}.p VALUES (${i}, ${i})`,
        `INSERT INTO ${name}.t VALUES (${i}, ${i})`,
      ]),
    );
    await replayAndUndo(`${name}.t`);
  });
});

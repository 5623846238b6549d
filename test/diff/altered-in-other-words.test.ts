// Columns of one type that changed places on the restored primary after the failover, by statements in other words than
// most: the log has no names, so a row of the window would be written with its values exchanged.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FailoverPair, type PairOptions } from '../failover-pair.ts';

const ANSI = "SET SESSION sql_mode=CONCAT(@@sql_mode, ',ANSI_QUOTES')";

const WORDS: Record<string, string> = {
  quoted: `${ANSI}; ALTER TABLE "w"."quoted" MODIFY y INT AFTER id; SET SESSION sql_mode=DEFAULT`,
  hash: 'ALTER TABLE # hello\n w.hash MODIFY y INT AFTER id',
  dashes: 'ALTER TABLE -- hello\n w.dashes MODIFY y INT AFTER id',
  within: "ALTER TABLE w.within COMMENT='/*', MODIFY y INT AFTER id, ALGORITHM=COPY /* x */",
};

const OF_MARIADB: Record<string, string> = {
  versioned: '/*M!100000 ALTER TABLE w.versioned MODIFY y INT AFTER id */',
  settings: 'SET STATEMENT max_statement_time=100 FOR ALTER TABLE w.settings MODIFY y INT AFTER id',
};

describe.each([
  ['MySQL', { flavor: 'mysql' }, WORDS],
  ['MariaDB 11.8', { flavor: 'mariadb', version: '11.8' }, { ...WORDS, ...OF_MARIADB }],
] as [string, PairOptions, Record<string, string>][])('%s', (_, options, words) => {
  const tables = Object.keys(words);
  let pair: FailoverPair;
  beforeAll(async () => {
    pair = await FailoverPair.start(options);
    const create = (table: string): string =>
      `CREATE TABLE w.${table} (id INT PRIMARY KEY, x INT, y INT) ENGINE=InnoDB`;
    await pair.begin(`CREATE DATABASE w; ${[...tables, 'untouched'].map(create).join('; ')}`);
  });
  afterAll(() => pair?.remove());

  test('are known for altered, and no other table is', async () => {
    for (const table of [...tables, 'untouched'])
      await pair.onFailed(`INSERT INTO w.${table} (id, x, y) VALUES (1, 1, 2)`);
    for (const sql of Object.values(words)) await pair.restored.query(sql);
    await pair.diff();
    expect(await pair.states()).toEqual([...tables.map(() => 'conflict'), 'missing']);
  });

  test('where its log can’t be read, that is said', async () => {
    const { file, position } = JSON.parse(readFileSync(pair.record, 'utf8')).new.coordinates;
    const { header } = await pair.diff({
      binlog: true,
      withoutRecord: true,
      startPosition: `${file}:${position}`,
    });
    expect(header.warnings).toContainEqual(
      expect.stringMatching(
        /^Whether the restored primary altered w\..* can’t be told for certain: without a failover record/,
      ),
    );
  });
});

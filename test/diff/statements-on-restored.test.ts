// A restored primary that logs statements (binlog_format=MIXED, MariaDB's default): its log shows no rows of them, and what
// that leaves untold is said, never taken for nothing.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadPlan } from '../../src/plan/planned-transactions.ts';
import { readReport } from '../../src/report/report-data.ts';
import { renderText } from '../../src/report/report-text.ts';
import { FailoverPair } from '../failover-pair.ts';

let pair: FailoverPair;

beforeAll(async () => {
  pair = await FailoverPair.start({
    flavor: 'mariadb',
    restoredArgs: ['--binlog-format=MIXED'],
    failedArgs: ['--binlog-format=ROW'],
  });
});
afterAll(() => pair?.remove());

async function plan() {
  await pair.diff();
  const { header, transactions } = await loadPlan(pair.plan);
  const [{ planned }] = transactions as [(typeof transactions)[0]];
  return { warnings: header.warnings, state: planned.state, unsupported: planned.unsupported };
}

test('whether an insert was sent again under another id is said to be untold', async () => {
  await pair.begin(
    `CREATE DATABASE said; CREATE TABLE said.t (id INT PRIMARY KEY AUTO_INCREMENT, who VARCHAR(40), at DATETIME(6), amount INT);
     CREATE TABLE said.other (id INT PRIMARY KEY)`,
  );
  await pair.onFailed(
    `INSERT INTO said.t (who, at, amount) VALUES ('somebody with a name', '2026-01-02 03:04:05.678901', 4711)`,
  );
  expect(await plan()).toMatchObject({ state: 'missing', warnings: [] });
  await pair.onRestored('INSERT INTO said.other VALUES (1)');
  const { warnings } = await plan();
  expect(warnings.join()).toMatch(
    /^Whether the application sent inserts into said\.t again can’t be told for certain: its log has statements, which show no rows \(0-1-\d+; binlog_format is not ROW there\)\.$/,
  );
});

test('what it did to rows without a key can’t be told', async () => {
  await pair.begin(
    `CREATE DATABASE counted; CREATE TABLE counted.t (a INT, b VARCHAR(9)); INSERT INTO counted.t VALUES (1, 'x')`,
  );
  await pair.onFailed(`INSERT INTO counted.t VALUES (1, 'x')`);
  expect(await plan()).toMatchObject({ state: 'missing' });
  await pair.onRestored(`INSERT INTO counted.t VALUES (1, 'x')`);
  const { state, unsupported } = await plan();
  expect(state).toBe('unsupported');
  expect(unsupported?.join()).toMatch(
    /counted\.t has no key: which of its rows the restored primary wrote by itself .* can't be told \(a statement of 0-1-\d+ changed it there\)/,
  );
});

test('of the statements that may have changed a row in conflict only the latest are named', async () => {
  await pair.begin(
    `CREATE DATABASE many; CREATE TABLE many.t (id INT PRIMARY KEY, v INT); INSERT INTO many.t VALUES (1, 0), (2, 0)`,
  );
  await pair.onFailed('UPDATE many.t SET v = 9 WHERE id = 1');
  for (let i = 0; i < 12; i++) await pair.onRestored('UPDATE many.t SET v = v + 1 WHERE id = 1');
  const { conflicts } = await pair.diff();
  expect(conflicts).toMatchObject([{ kind: 'changed-on-restored', changedBy: { length: 8 } }]);
  const numbers = conflicts[0]!.changedBy!.map(({ transaction }) => Number(transaction.split('-')[2]));
  expect(numbers).toEqual(Array.from({ length: 8 }, (_, i) => numbers[0]! - i));
  // Which of its rows they wrote is nowhere.
  expect(conflicts[0]!.changedBy).toEqual(numbers.map(() => expect.objectContaining({ statement: true })));
  expect(renderText(await readReport(pair.plan), { color: false, most: 20 })).toContain(
    `perhaps changed on the restored primary by a statement of 0-1-${numbers[0]} at 20`,
  );
});

test('a replay is no statement of its own', async () => {
  await pair.begin(
    `CREATE DATABASE again; CREATE TABLE again.t (a INT, b VARCHAR(9)); INSERT INTO again.t VALUES (1, 'x')`,
  );
  await pair.onFailed(`INSERT INTO again.t VALUES (1, 'x')`, `INSERT INTO again.t VALUES (2, 'y')`);
  await pair.diff();
  expect((await pair.replay({ apply: true, engine: 'sql' })).applied).toHaveLength(2);
  expect(await plan()).toMatchObject({ state: 'present' });
});

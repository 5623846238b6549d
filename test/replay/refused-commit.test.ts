// The server refuses a COMMIT on a connection that lives on, as a cluster's certification does: nothing of another step may
// be sent until that one is sorted out. A real server; only its refusal is ours: a procedure in the COMMIT's place that
// takes its time, rolls back and signals the error.
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type * as batch from '../../src/server/statement-batch.ts';
import { FailoverPair } from '../failover-pair.ts';

/** Whether the next COMMIT that goes alone is refused. */
const fault = { armed: false, refused: 0 };

vi.mock('../../src/server/statement-batch.ts', async (original) => {
  const real = await original<typeof batch>();
  return {
    ...real,
    sendBatch(...[connection, statements, onFirst]: Parameters<typeof real.sendBatch>) {
      if (!fault.armed || statements[0] !== 'COMMIT' || statements.some((sql) => /^BINLOG/.test(sql)))
        return real.sendBatch(connection, statements, onFirst);
      fault.armed = false;
      fault.refused += 1;
      return real.sendBatch(connection, ['CALL fault.refuse()'], onFirst);
    },
  };
});

const UNHELD = { maxLag: null, maxLoad: null, maxShare: null };
let pair: FailoverPair;

beforeAll(async () => {
  pair = await FailoverPair.start({ flavor: 'mariadb' });
});
beforeEach(async () => {
  await pair.restored.query(
    `SET sql_log_bin=0; DROP DATABASE IF EXISTS fault; CREATE DATABASE fault;
     CREATE PROCEDURE fault.refuse() BEGIN DO SLEEP(0.3); ROLLBACK;
       SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO=1213, MESSAGE_TEXT='certification'; END`,
  );
  await pair.begin(
    `DROP DATABASE IF EXISTS t; CREATE DATABASE t;
     CREATE TABLE t.a (id INT PRIMARY KEY, v INT) ENGINE=InnoDB; INSERT INTO t.a VALUES (1,0),(2,0);
     CREATE TABLE t.n (id INT PRIMARY KEY, v VARCHAR(500)) ENGINE=InnoDB; INSERT INTO t.n SELECT seq, 'x' FROM t.seq_1_to_4000`,
  );
  fault.refused = 0;
});
afterAll(() => pair?.remove());

/** One replay whose first COMMIT that goes alone is refused; `marked`: transactions it marked in the journal. */
async function replayRefusedOnce() {
  fault.armed = true;
  const before = await marksOrNone();
  const outcome = await pair.replay({ apply: true, workers: 1 });
  expect(fault.refused).toBe(1);
  return { outcome, marked: (await marksOrNone()) - before };
}

test('while the next step rests: a large one that does not fit is not half committed', async () => {
  await pair.onFailed('UPDATE t.a SET v=1 WHERE id=1', `UPDATE t.n SET v=REPEAT('y',400)`);
  await pair.diff();
  await pair.onRestored(`UPDATE t.n SET v='theirs' WHERE id=3999`);
  pair.throttle = { ...UNHELD, maxRate: 20 };
  const { outcome } = await replayRefusedOnce();
  expect(outcome.applied).toHaveLength(1);
  expect(outcome.conflicts.map(({ kind }) => kind)).toEqual(['changed-on-restored']);
  expect(await pair.restored.query(`SELECT COUNT(*) AS n FROM t.n WHERE v LIKE 'y%'`)).toEqual([{ n: 0 }]);
  expect(await pair.restored.query('SELECT v FROM t.a WHERE id=1')).toEqual([{ v: 1 }]);
});

test('while the next small step rests: what is said to be applied is', async () => {
  await pair.onFailed('UPDATE t.a SET v=1 WHERE id=1', 'UPDATE t.a SET v=2 WHERE id=2');
  await pair.diff();
  pair.throttle = { ...UNHELD, maxRate: 20 };
  const { outcome, marked } = await replayRefusedOnce();
  expect(outcome.applied).toHaveLength(2);
  expect(outcome.verified).toMatchObject({ wrong: 0, replayed: 2 });
  expect(await pair.restored.query('SELECT v FROM t.a ORDER BY id')).toEqual([{ v: 1 }, { v: 2 }]);
  expect(marked).toBe(2);
});

test('of a large one, with others behind it that build on it', async () => {
  await pair.onFailed(
    `UPDATE t.n SET v=REPEAT('y',400); UPDATE t.a SET v=1 WHERE id=1`,
    'UPDATE t.a SET v=2 WHERE id=1',
    `UPDATE t.n SET v=REPEAT('z',300)`,
    'UPDATE t.a SET v=7 WHERE id=2',
  );
  await pair.diff();
  pair.throttle = { ...UNHELD, maxRate: null };
  const { outcome, marked } = await replayRefusedOnce();
  expect(outcome.applied).toHaveLength(4);
  expect(outcome.verified).toMatchObject({ wrong: 0, changedSince: 0 });
  expect(marked).toBe(4);
  expect(await pair.restored.query(`SELECT COUNT(*) AS n FROM t.n WHERE v LIKE 'z%'`)).toEqual([{ n: 4000 }]);
});

/** None before the journal is there. */
async function marksOrNone(): Promise<number> {
  const rows = await pair.restored
    .query(`SELECT COUNT(*) AS marks FROM reconcile.journal WHERE state='applied'`)
    .catch(() => []);
  return Number(rows[0]?.marks ?? 0);
}

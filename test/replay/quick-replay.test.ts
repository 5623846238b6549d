// The replay's quick way, on real servers: transactions in one packet each, one behind another on a connection, and what
// happens where one of them does not fit after all.
import mysql from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FailoverPair, MODES_OF_MARKING } from '../failover-pair.ts';

describe.each(MODES_OF_MARKING)('%s', (mode, options) => {
  let pair: FailoverPair;
  let schema = 0;

  beforeAll(async () => {
    pair = await FailoverPair.start(options);
  });
  afterAll(() => pair?.remove());

  async function accounts(more = ''): Promise<string> {
    schema += 1;
    const name = `q${schema}`;
    await pair.begin(
      `CREATE DATABASE ${name};
       CREATE TABLE ${name}.account (id INT PRIMARY KEY, owner VARCHAR(20) UNIQUE, balance INT) ENGINE=InnoDB;
       INSERT INTO ${name}.account VALUES (1,'ann',100),(2,'bob',100),(3,'cid',100);
       ${more.replaceAll('$', name)} SET @done=1`,
    );
    return name;
  }
  async function customer(): Promise<mysql.Connection> {
    const { host, port, user, password } = pair.restored;
    return mysql.createConnection({ host, port, user, password, multipleStatements: true });
  }

  test('a long chain of one row, beside others, ends as it ended on the failed primary', async () => {
    const t = await accounts();
    const steps = Array.from({ length: 150 }, (_, i) =>
      i % 3 === 0
        ? `INSERT INTO ${t}.account VALUES (${i + 10}, 'n${i}', ${i})`
        : `UPDATE ${t}.account SET balance=balance+${i} WHERE id=1; UPDATE ${t}.account SET balance=balance-${i} WHERE id=${1 + (i % 3)}`,
    );
    await pair.onFailed(...steps);
    await pair.diff();
    const { applied, verified, conflicts } = await pair.replay({ apply: true });
    expect(conflicts).toEqual([]);
    expect(applied).toHaveLength(150);
    expect(verified).toMatchObject({ wrong: 0, changedSince: 0 });
    const all = `SELECT * FROM ${t}.account ORDER BY id`;
    expect(await pair.restored.query(all)).toEqual(await pair.failed.query(all));
    expect((await pair.replay({ apply: true })).applied).toEqual([]);
  });

  // It holds -0.010000000000000009, and shows -0.01.
  test('a DOUBLE with decimals, which is rounded as it is stored, is the one of the log', async () => {
    const t = await accounts(
      'CREATE TABLE $.rate (id INT PRIMARY KEY, r DOUBLE(10,2), n INT); INSERT INTO $.rate VALUES (1,-0.01,1),(2,-0.07,1);',
    );
    await pair.onFailed(`UPDATE ${t}.rate SET n=2`, `INSERT INTO ${t}.rate VALUES (3,-0.03,1)`);
    await pair.diff();
    expect(await pair.states()).toEqual(['missing', 'missing']);
    const { applied, verified, undo } = await pair.replay({ apply: true });
    expect(applied).toHaveLength(2);
    expect(verified).toMatchObject({ rows: 3, replayed: 3 });
    expect(await pair.undo(undo!, { apply: true })).toMatchObject({ conflicts: [] });
    expect(await pair.restored.query(`SELECT id, n FROM ${t}.rate ORDER BY id`)).toEqual([
      { id: 1, n: 1 },
      { id: 2, n: 1 },
    ]);
  });

  test('in the middle of a chain live traffic changes the row: what is before is there, what is behind is held', async () => {
    const t = await accounts();
    await pair.onFailed(
      `UPDATE ${t}.account SET balance=1 WHERE id=1`,
      `UPDATE ${t}.account SET balance=2 WHERE id=1; UPDATE ${t}.account SET balance=2 WHERE id=2`,
      `UPDATE ${t}.account SET balance=3 WHERE id=2`,
      `UPDATE ${t}.account SET balance=4 WHERE id=3`,
    );
    await pair.diff();
    await pair.onRestored(`UPDATE ${t}.account SET balance=500 WHERE id=2`);
    const { applied, conflicts, held } = await pair.replay({ apply: true });
    expect(applied).toHaveLength(2);
    expect(held).toBe(2);
    expect(conflicts).toMatchObject([
      { kind: 'changed-on-restored', key: { id: 2 }, restored: { balance: 500 } },
    ]);
    expect(await pair.restored.query(`SELECT id, balance FROM ${t}.account ORDER BY id`)).toEqual([
      { id: 1, balance: 1 },
      { id: 2, balance: 500 },
      { id: 3, balance: 4 },
    ]);
  });

  // The server alone stands between an insert and what live traffic inserted a moment before.
  test.each(['STRICT', 'IDEMPOTENT'])(
    'keys taken since the plan was made are never overwritten, %s',
    async (execMode) => {
      const t = await accounts();
      await pair.onFailed(
        `INSERT INTO ${t}.account VALUES (10,'dan',10)`,
        `INSERT INTO ${t}.account VALUES (11,'eve',11)`,
        `INSERT INTO ${t}.account VALUES (12,'fay',12)`,
        `UPDATE ${t}.account SET balance=20 WHERE id=10`,
      );
      await pair.diff();
      await pair.onRestored(`INSERT INTO ${t}.account VALUES (10,'zoe',1000),(99,'EVE',1000)`);
      await pair.restored.query(`SET GLOBAL slave_exec_mode='${execMode}'`);
      try {
        const { applied, conflicts, held } = await pair.replay({ apply: true });
        expect(applied).toHaveLength(1);
        expect(held).toBe(3);
        expect(conflicts).toMatchObject([
          { kind: 'key-taken', key: { id: 10 }, restored: { owner: 'zoe' } },
          { kind: 'unique-taken', restored: { id: 99 } },
        ]);
      } finally {
        await pair.restored.query(`SET GLOBAL slave_exec_mode='STRICT'`);
      }
      expect(await pair.restored.query(`SELECT id, owner FROM ${t}.account WHERE id>3 ORDER BY id`)).toEqual([
        { id: 10, owner: 'zoe' },
        { id: 12, owner: 'fay' },
        { id: 99, owner: 'EVE' },
      ]);
    },
  );

  describe('a transaction of thousands of rows, in pieces', () => {
    // Enough for several packets of reads, and of writes.
    const ROWS = 1200;

    /** As many rows again are inserted, the even ones of before updated, the others deleted. */
    async function many(): Promise<string> {
      const t = await accounts(
        `CREATE TABLE $.n (id INT PRIMARY KEY, v VARCHAR(2000) NOT NULL);
         INSERT INTO $.n WITH RECURSIVE r AS (SELECT 0 AS i UNION ALL SELECT i + 1 FROM r WHERE i < ${ROWS / 10 - 1})
           SELECT a.i * 10 + b.id, CONCAT('row ', a.i) FROM r a, (SELECT 0 AS id UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION
           SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9) b;`,
      );
      await pair.onFailed(
        `INSERT INTO ${t}.n SELECT id + ${ROWS}, REPEAT('x', 1000 + id % 30) FROM ${t}.n;
         UPDATE ${t}.n SET v=CONCAT(v, '!') WHERE id < ${ROWS} AND id % 2 = 0;
         DELETE FROM ${t}.n WHERE id < ${ROWS} AND id % 2 = 1`,
        `UPDATE ${t}.n SET v='last' WHERE id=${2 * ROWS - 1}`,
      );
      await pair.diff();
      return t;
    }
    const rows = async (t: string, server = pair.restored) => {
      const [row] = await server.query(`SELECT COUNT(*) AS n, SUM(CRC32(CONCAT(id, v))) AS sum FROM ${t}.n`);
      return `${row!.n} ${row!.sum}`;
    };

    test('is replayed, verified and undone', async () => {
      const t = await many();
      const before = await rows(t);
      const { applied, verified, undo } = await pair.replay({ apply: true });
      expect(applied).toHaveLength(2);
      expect(verified).toMatchObject({ rows: 2 * ROWS, replayed: 2 * ROWS, wrong: 0, changedSince: 0 });
      expect(await rows(t)).toBe(await rows(t, pair.failed));
      expect((await pair.undo(undo!, { apply: true })).undone).toHaveLength(2);
      expect(await rows(t)).toBe(before);
    });

    test('is written by SQL too', async () => {
      const t = await many();
      expect((await pair.replay({ apply: true, engine: 'sql' })).applied).toHaveLength(2);
      expect(await rows(t)).toBe(await rows(t, pair.failed));
    });

    test.each([
      ['a row that was changed', `UPDATE $.n SET v='theirs' WHERE id=${ROWS - 2}`, 'changed-on-restored'],
      ['a row that was deleted', `DELETE FROM $.n WHERE id=${ROWS - 2}`, 'deleted-on-restored'],
      ['a key that was taken', `INSERT INTO $.n VALUES (${2 * ROWS - 1}, 'theirs')`, 'key-taken'],
    ])('%s at its end keeps all of it out, and what builds on it', async (_, sql, kind) => {
      const t = await many();
      await pair.onRestored(sql.replaceAll('$', t));
      const before = await rows(t);
      const { applied, conflicts, held } = await pair.replay({ apply: true });
      expect(applied).toEqual([]);
      expect(conflicts).toMatchObject([{ kind }]);
      expect(held).toBe(2);
      expect(await rows(t)).toBe(before);
    });

    test('waits for a customer’s lock on its last row, and goes on', async () => {
      const t = await many();
      const one = await customer();
      await one.query(`BEGIN; SELECT * FROM ${t}.n WHERE id=${ROWS - 1} FOR UPDATE`);
      const replayed = pair.replay({ apply: true });
      await new Promise((resolve) => setTimeout(resolve, 1500));
      await one.query('ROLLBACK');
      await one.end();
      expect((await replayed).applied).toHaveLength(2);
      expect(await rows(t)).toBe(await rows(t, pair.failed));
    });
  });

  test('a parent that live traffic deleted is missed, one that the transaction brings itself is not', async () => {
    const t = await accounts(
      'CREATE TABLE $.card (id INT PRIMARY KEY, account INT, FOREIGN KEY (account) REFERENCES $.account(id)) ENGINE=InnoDB;',
    );
    await pair.onFailed(
      `INSERT INTO ${t}.card VALUES (1, 2)`,
      `INSERT INTO ${t}.account VALUES (7,'gus',7); INSERT INTO ${t}.card VALUES (2, 7),(3, 1)`,
      `INSERT INTO ${t}.card VALUES (4, 7)`,
    );
    await pair.diff();
    await pair.onRestored(`DELETE FROM ${t}.account WHERE id=2`);
    const { applied, conflicts } = await pair.replay({ apply: true });
    expect(applied).toHaveLength(2);
    expect(conflicts).toMatchObject([{ kind: 'parent-missing', key: { id: 1 } }]);
    expect(await pair.restored.query(`SELECT id FROM ${t}.card ORDER BY id`)).toEqual([
      { id: 2 },
      { id: 3 },
      { id: 4 },
    ]);
  });

  test('a transaction of many packets is there whole, and one that meets a changed row is not there at all', async () => {
    const t = await accounts(
      `CREATE TABLE $.page (id INT PRIMARY KEY, text VARCHAR(2000)) ENGINE=InnoDB;
       INSERT INTO $.page WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<900) SELECT i, REPEAT('a', 2000) FROM n;`,
    );
    await pair.onFailed(
      `UPDATE ${t}.page SET text=REPEAT('b', 2000) WHERE id<=450`,
      `UPDATE ${t}.page SET text=REPEAT('c', 2000) WHERE id>450; DELETE FROM ${t}.account WHERE id=1`,
    );
    await pair.diff();
    await pair.onRestored(`UPDATE ${t}.page SET text='mine' WHERE id=777`);
    const { applied, conflicts } = await pair.replay({ apply: true });
    expect(applied).toHaveLength(1);
    expect(conflicts).toMatchObject([{ kind: 'changed-on-restored', key: { id: 777 } }]);
    expect(
      await pair.restored.query(
        `SELECT LEFT(text,1) AS t, COUNT(*) AS n FROM ${t}.page GROUP BY 1 ORDER BY 1`,
      ),
    ).toEqual([
      { t: 'a', n: 449 },
      { t: 'b', n: 450 },
      { t: 'm', n: 1 },
    ]);
    expect(await pair.restored.query(`SELECT id FROM ${t}.account ORDER BY id`)).toHaveLength(3);
  });

  test('a transaction that comes to nothing is present, and writes nothing', async () => {
    const t = await accounts();
    await pair.onFailed(
      `INSERT INTO ${t}.account VALUES (8,'hal',8); DELETE FROM ${t}.account WHERE id=8`,
      `UPDATE ${t}.account SET balance=2 WHERE id=2; UPDATE ${t}.account SET balance=100 WHERE id=2`,
      `UPDATE ${t}.account SET balance=5 WHERE id=3`,
    );
    await pair.diff();
    const { applied } = await pair.replay({ apply: true });
    expect(applied).toHaveLength((await pair.states()).filter((state) => state === 'missing').length);
    expect(await pair.restored.query(`SELECT id, balance FROM ${t}.account ORDER BY id`)).toEqual([
      { id: 1, balance: 100 },
      { id: 2, balance: 100 },
      { id: 3, balance: 5 },
    ]);
  });

  // Each behind the first: the one reads rows that tell it, the other has none to read.
  const SECONDS = {
    'that changes rows': {
      first: 'UPDATE $.account SET balance=1 WHERE id=1',
      second: "INSERT INTO $.account VALUES (9,'ida',9); UPDATE $.account SET balance=2 WHERE id=1",
    },
    'that only inserts': {
      first: 'UPDATE $.account SET balance=1 WHERE id=1; DELETE FROM $.account WHERE id=3',
      second: "INSERT INTO $.account VALUES (9,'cid',9)",
    },
  };
  test.runIf(mode === 'MySQL with GTIDs').each(Object.entries(SECONDS))(
    'a transaction %s that somebody else has executed meanwhile under its GTID is not taken for replayed',
    async (_, { first, second: text }) => {
      const t = await accounts();
      await pair.onFailed(first.replaceAll('$', t), text.replaceAll('$', t));
      const { header } = await pair.diff();
      const gtid = header.window.end.gtidSet!.split(',').at(-1)!;
      const second = `${gtid.split(':')[0]}:${gtid.split(/[:-]/).at(-1)}`;
      const other = await customer();
      await other.query(`START TRANSACTION; SELECT * FROM ${t}.account WHERE id=1 FOR UPDATE`);
      const replaying = pair.replay({ apply: true });
      await new Promise((resolve) => setTimeout(resolve, 700));
      const third = await customer();
      await third.query(`SET GTID_NEXT='${second}'; BEGIN; COMMIT; SET GTID_NEXT='AUTOMATIC'`);
      await other.query('ROLLBACK');
      await expect(replaying).rejects.toThrow(
        /has executed .* since this run began, by other means.*1 transactions of this run are replayed/,
      );
      await Promise.all([other.end(), third.end()]);
      expect(await pair.restored.query(`SELECT id, balance FROM ${t}.account WHERE id IN (1,9)`)).toEqual([
        { id: 1, balance: 1 },
      ]);
      // A plan that knows of it writes its rows under a name of their own.
      await pair.diff();
      expect((await pair.replay({ apply: true })).applied).toHaveLength(1);
    },
  );
});

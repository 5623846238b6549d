// Replaying by SQL statements, on real servers: as exact and as guarded as row events, and what it must refuse.
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
    const name = `s${schema}`;
    await pair.begin(
      `CREATE DATABASE ${name};
       CREATE TABLE ${name}.account (id INT AUTO_INCREMENT PRIMARY KEY, owner VARCHAR(20) UNIQUE, balance INT,
         half INT AS (balance / 2) STORED, shown VARCHAR(30) AS (CONCAT(owner, '!')) VIRTUAL,
         touched TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)) ENGINE=InnoDB;
       INSERT INTO ${name}.account (id, owner, balance, touched) VALUES (1,'ann',100,'2026-01-01'),(2,'bob',100,'2026-01-01'),(3,'cid',100,'2026-01-01');
       ${more.replaceAll('$', name)} SET @done=1`,
    );
    return name;
  }
  const everything = (t: string) => `SELECT * FROM ${t}.account ORDER BY id`;

  test('inserts, updates and deletes come out as they are on the failed primary, once, and can be taken back', async () => {
    const t = await accounts();
    const before = await pair.restored.query(everything(t));
    await pair.onFailed(
      `INSERT INTO ${t}.account (id, owner, balance) VALUES (10,'dan',10),(11,'eve',11)`,
      `SET @@sql_mode='NO_AUTO_VALUE_ON_ZERO'; INSERT INTO ${t}.account (id, owner, balance) VALUES (0,NULL,NULL)`,
      `UPDATE ${t}.account SET balance=balance-10 WHERE id=1; UPDATE ${t}.account SET balance=balance+10 WHERE id=10`,
      `UPDATE ${t}.account SET id=20, owner='DAN' WHERE id=10`,
      `DELETE FROM ${t}.account WHERE id=3`,
    );
    await pair.diff();
    const first = await pair.replay({ apply: true, engine: 'sql' });
    expect(first).toMatchObject({ engine: 'sql', conflicts: [], verified: { wrong: 0, changedSince: 0 } });
    expect(first.applied).toHaveLength(5);
    expect(first.gtids === '').toBe(mode !== 'MySQL with GTIDs');
    expect(await pair.restored.query(everything(t))).toEqual(await pair.failed.query(everything(t)));
    expect((await pair.replay({ apply: true, engine: 'sql' })).applied).toEqual([]);
    // What one engine has written, the other one knows and can take back.
    const { undone } = await pair.undo(first.undo!, { apply: true, engine: 'sql' });
    expect(undone).toHaveLength(5);
    expect(await pair.restored.query(everything(t))).toEqual(before);
    expect((await pair.replay({ apply: true, engine: 'row-events' })).applied).toHaveLength(5);
    expect(await pair.restored.query(everything(t))).toEqual(await pair.failed.query(everything(t)));
  });

  test('a key that is written in another case, beside another row of its table', async () => {
    schema += 1;
    const name = `s${schema}`;
    const collate = 'COLLATE utf8mb4_general_ci';
    await pair.begin(
      `CREATE DATABASE ${name}; CREATE TABLE ${name}.k (k VARCHAR(20) ${collate} PRIMARY KEY, v INT) ENGINE=InnoDB;
       INSERT INTO ${name}.k VALUES ('a',1),('b',1)`,
    );
    await pair.onFailed(`UPDATE ${name}.k SET k='B' WHERE k='b'; UPDATE ${name}.k SET v=2 WHERE k='a'`);
    await pair.diff();
    const outcome = await pair.replay({ apply: true, engine: 'sql' });
    expect(outcome).toMatchObject({ conflicts: [], verified: { wrong: 0, replayed: 2 } });
    expect(await pair.restored.query(`SELECT * FROM ${name}.k ORDER BY v`)).toEqual([
      { k: 'B', v: 1 },
      { k: 'a', v: 2 },
    ]);
  });

  test('what live traffic changed since the plan was made is a conflict, and never overwritten', async () => {
    const t = await accounts();
    await pair.onFailed(
      `UPDATE ${t}.account SET balance=1 WHERE id=1`,
      `UPDATE ${t}.account SET balance=2 WHERE id=1`,
      `INSERT INTO ${t}.account (id, owner, balance) VALUES (10,'dan',10)`,
      `UPDATE ${t}.account SET balance=3 WHERE id=3`,
    );
    await pair.diff();
    await pair.onRestored(
      `UPDATE ${t}.account SET owner='Ann' WHERE id=1; INSERT INTO ${t}.account (id, owner) VALUES (99, 'DAN')`,
    );
    const { applied, conflicts, held } = await pair.replay({ apply: true, engine: 'sql' });
    expect(applied).toHaveLength(1);
    expect(held).toBe(3);
    expect(conflicts).toMatchObject([
      { kind: 'changed-on-restored', key: { id: 1 }, restored: { owner: 'Ann' } },
      { kind: 'unique-taken', restored: { id: 99 } },
    ]);
    expect(await pair.restored.query(`SELECT id, owner, balance FROM ${t}.account ORDER BY id`)).toEqual([
      { id: 1, owner: 'Ann', balance: 100 },
      { id: 2, owner: 'bob', balance: 100 },
      { id: 3, owner: 'cid', balance: 3 },
      { id: 99, owner: 'DAN', balance: null },
    ]);
  });

  test('an undo by SQL takes back last first, and holds what live traffic has changed since, with all that is before it', async () => {
    const t = await accounts();
    await pair.onFailed(
      `UPDATE ${t}.account SET balance=1 WHERE id=1`,
      `UPDATE ${t}.account SET balance=2 WHERE id=1; UPDATE ${t}.account SET balance=2 WHERE id=2`,
      `INSERT INTO ${t}.account (id, owner, balance) VALUES (10,'dan',10)`,
      `UPDATE ${t}.account SET balance=3 WHERE id=3`,
    );
    await pair.diff();
    const { applied, undo } = await pair.replay({ apply: true, engine: 'sql' });
    expect(applied).toHaveLength(4);
    await pair.onRestored(
      `UPDATE ${t}.account SET balance=50 WHERE id=2`,
      `UPDATE ${t}.account SET owner='D' WHERE id=10`,
    );
    const { undone, conflicts, held } = await pair.undo(undo!, { apply: true, engine: 'sql' });
    expect(undone).toEqual([applied[3]]);
    expect(conflicts).toMatchObject([
      { transaction: applied[2], kind: 'changed-on-restored', key: { id: 10 }, changedBy: [{}] },
      { transaction: applied[1], kind: 'changed-on-restored', key: { id: 2 }, changedBy: [{}] },
    ]);
    expect(held).toEqual([{ transaction: applied[0], by: applied[1] }]);
    expect(await pair.restored.query(`SELECT id, owner, balance FROM ${t}.account ORDER BY id`)).toEqual([
      { id: 1, owner: 'ann', balance: 2 },
      { id: 2, owner: 'bob', balance: 50 },
      { id: 3, owner: 'cid', balance: 100 },
      { id: 10, owner: 'D', balance: 10 },
    ]);
  });

  test('tables whose triggers would fire are refused, unless told otherwise; others are not', async () => {
    const t = await accounts(
      `CREATE TABLE $.audit (id INT AUTO_INCREMENT PRIMARY KEY, account INT) ENGINE=InnoDB;
       CREATE TRIGGER $.watch AFTER UPDATE ON $.account FOR EACH ROW INSERT INTO $.audit (account) VALUES (NEW.id);`,
    );
    await pair.onFailed(`DELETE FROM ${t}.account WHERE id=3`);
    await pair.diff();
    expect((await pair.replay({ apply: true, engine: 'sql' })).applied).toHaveLength(1);
    await pair.failed.query('SET GLOBAL read_only=0');
    await pair.onFailed(`UPDATE ${t}.account SET balance=1 WHERE id=1`);
    await pair.diff();
    await expect(pair.replay({ apply: true, engine: 'sql' })).rejects.toMatchObject({
      code: 'refused',
      message: `SQL statements would fire triggers of the restored primary, whose effects are in the window already: ${t}.account: watch (AFTER UPDATE)`,
    });
    expect(await pair.restored.query(`SELECT account FROM ${t}.audit`)).toEqual([]);
    // So it is with the operator's leave: the log's row and the trigger's.
    expect((await pair.replay({ apply: true, engine: 'sql', allowTriggers: true })).applied).toHaveLength(1);
    expect(await pair.restored.query(`SELECT account FROM ${t}.audit`)).toEqual([
      { account: 1 },
      { account: 1 },
    ]);
  });

  test('a row that no packet holds is left out before anything is written, one just below is written', async () => {
    const t = await accounts('CREATE TABLE $.big (id INT PRIMARY KEY, b LONGBLOB) ENGINE=InnoDB;');
    await pair.onFailed(
      `INSERT INTO ${t}.big VALUES (1, REPEAT('x', 2000000)); INSERT INTO ${t}.account (id) VALUES (50)`,
      `INSERT INTO ${t}.big VALUES (2, REPEAT('y', 1000000))`,
    );
    await pair.diff();
    const [{ packet } = { packet: 0 }] = await pair.restored.query(
      'SELECT @@GLOBAL.max_allowed_packet AS packet',
    );
    await pair.restored.query('SET GLOBAL max_allowed_packet=2097152');
    try {
      const outcome = await pair.replay({ apply: true, engine: 'sql' });
      expect(outcome.applied).toHaveLength(1);
      expect(outcome.conflicts).toMatchObject([{ kind: 'too-large' }]);
    } finally {
      await pair.restored.query(`SET GLOBAL max_allowed_packet=${packet}`);
    }
    expect(await pair.restored.query(`SELECT id FROM ${t}.account WHERE id=50`)).toEqual([]);
    expect((await pair.replay({ apply: true, engine: 'sql' })).applied).toHaveLength(1);
  });

  test.runIf(options.flavor === 'mysql')(
    'JSON whose types its text does not show is left to row events',
    async () => {
      const t = await accounts('CREATE TABLE $.doc (id INT PRIMARY KEY, doc JSON) ENGINE=InnoDB;');
      await pair.onFailed(
        `INSERT INTO ${t}.doc VALUES (1, JSON_OBJECT('price', CAST(1.50 AS DECIMAL(5,2))))`,
        `INSERT INTO ${t}.doc VALUES (2, JSON_ARRAY(CAST('2026-11-20' AS DATE)))`,
        `INSERT INTO ${t}.doc VALUES (3, '{"b": 1, "a": [1.5, -0.0, 1e300, 18446744073709551615, "\\\\u0000\\\\ud83d\\\\ude00", null]}')`,
      );
      await pair.diff();
      const { applied, conflicts } = await pair.replay({ apply: true, engine: 'sql' });
      expect(applied).toHaveLength(1);
      expect(conflicts.map(({ kind, why }) => [kind, why])).toEqual([
        [
          'refused-by-restored',
          expect.stringContaining(`${t}.doc.doc holds a DECIMAL, a date or bytes inside its JSON`),
        ],
        [
          'refused-by-restored',
          expect.stringContaining(`${t}.doc.doc holds a DECIMAL, a date or bytes inside its JSON`),
        ],
      ]);
      expect((await pair.replay({ apply: true })).applied).toHaveLength(2);
      const documents = `SELECT id, CAST(doc AS CHAR) AS text, JSON_TYPE(JSON_EXTRACT(doc, '$.price')) AS type FROM ${t}.doc ORDER BY id`;
      expect(await pair.restored.query(documents)).toEqual(await pair.failed.query(documents));
    },
  );
});

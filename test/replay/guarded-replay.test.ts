// The replay against real servers: what it writes, what it refuses, and that a second run finds nothing to do.
import { readFileSync } from 'node:fs';
import mysql from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FailoverPair, MODES_OF_MARKING } from '../failover-pair.ts';

describe.each(MODES_OF_MARKING)('%s', (_, options) => {
  let pair: FailoverPair;
  let schema = 0;

  beforeAll(async () => {
    pair = await FailoverPair.start(options);
  });
  afterAll(() => pair?.remove());

  /** A schema of the test's own with a table of accounts. */
  async function accounts(more = ''): Promise<string> {
    schema += 1;
    const name = `t${schema}`;
    await pair.begin(
      `CREATE DATABASE ${name};
       CREATE TABLE ${name}.account (id INT PRIMARY KEY, owner VARCHAR(20) UNIQUE, balance INT) ENGINE=InnoDB;
       INSERT INTO ${name}.account VALUES (1,'ann',100),(2,'bob',100),(3,'cid',100);
       ${more.replaceAll('$', name)} SET @done=1`,
    );
    return name;
  }
  const balances = async (name: string): Promise<unknown[]> =>
    (await pair.restored.query(`SELECT id, balance FROM ${name}.account ORDER BY id`)).map(
      ({ id, balance }) => [id, balance],
    );

  test('a transfer comes back whole, once', async () => {
    const t = await accounts();
    await pair.onFailed(
      `UPDATE ${t}.account SET balance=balance-10 WHERE id=1; UPDATE ${t}.account SET balance=balance+10 WHERE id=2`,
    );
    await pair.diff();
    expect((await pair.replay({ apply: false })).applied).toHaveLength(1);
    expect(await balances(t)).toEqual([
      [1, 100],
      [2, 100],
      [3, 100],
    ]);
    const first = await pair.replay({ apply: true });
    expect(first.applied).toHaveLength(1);
    expect(first.verified).toMatchObject({ rows: 2, replayed: 2, wrong: 0 });
    expect(await balances(t)).toEqual([
      [1, 90],
      [2, 110],
      [3, 100],
    ]);
    const second = await pair.replay({ apply: true });
    expect(second).toMatchObject({ applied: [], alreadyPresent: first.applied, conflicts: [] });
    expect(await balances(t)).toEqual([
      [1, 90],
      [2, 110],
      [3, 100],
    ]);
    expect((await pair.diff()).header.transactions).toMatchObject({ missing: 0, present: 1 });
  });

  test('half a transfer that happens to be there is a conflict, not a whole one', async () => {
    const t = await accounts();
    await pair.onFailed(
      `UPDATE ${t}.account SET balance=90 WHERE id=1; UPDATE ${t}.account SET balance=110 WHERE id=2`,
      `UPDATE ${t}.account SET balance=95 WHERE id=1`,
    );
    await pair.onRestored(`UPDATE ${t}.account SET balance=90 WHERE id=1`);
    const { conflicts } = await pair.diff();
    expect(await pair.states()).toEqual(['conflict', 'held']);
    expect(conflicts.map(({ kind }) => kind)).toEqual(['partly-present', 'partly-present']);
    expect((await pair.replay({ apply: true })).applied).toEqual([]);
    expect(await balances(t)).toEqual([
      [1, 90],
      [2, 100],
      [3, 100],
    ]);
  });

  test('a row that live traffic changed after the plan was made is a new conflict, and what builds on it is held', async () => {
    const t = await accounts();
    await pair.onFailed(
      `UPDATE ${t}.account SET balance=1 WHERE id=1`,
      `UPDATE ${t}.account SET balance=2 WHERE id=2`,
      `UPDATE ${t}.account SET balance=3 WHERE id=1`,
    );
    await pair.diff();
    await pair.onRestored(`UPDATE ${t}.account SET balance=500 WHERE id=1`);
    const outcome = await pair.replay({ apply: true });
    expect(outcome.applied).toHaveLength(1);
    expect(outcome.conflicts).toMatchObject([
      { kind: 'changed-on-restored', key: { id: 1 }, restored: { balance: 500 }, before: { balance: 100 } },
    ]);
    expect(outcome.held).toBe(2);
    expect(await balances(t)).toEqual([
      [1, 500],
      [2, 2],
      [3, 100],
    ]);
  });

  test('what live traffic changes after the replay is told from what is wrong', async () => {
    const t = await accounts();
    await pair.onFailed(
      `UPDATE ${t}.account SET balance=1 WHERE id=1`,
      `UPDATE ${t}.account SET balance=2 WHERE id=2`,
    );
    await pair.diff();
    await pair.replay({ apply: true });
    await pair.onRestored(`UPDATE ${t}.account SET balance=7 WHERE id=1`);
    expect(await pair.verify()).toMatchObject({ rows: 2, replayed: 1, changedSince: 1, wrong: 0 });
    await pair.restored.query(
      `SET sql_log_bin=0; UPDATE ${t}.account SET balance=8 WHERE id=2; SET sql_log_bin=1`,
    );
    const { wrongRows, ...counts } = await pair.verify();
    expect(counts).toMatchObject({ rows: 2, replayed: 0, changedSince: 1, wrong: 1 });
    expect(wrongRows).toMatchObject([{ key: { id: 2 }, expected: { balance: 2 }, restored: { balance: 8 } }]);
  });

  test('a plan made after the replay still proves it', async () => {
    const t = await accounts();
    await pair.onFailed(
      `UPDATE ${t}.account SET balance=1 WHERE id=1`,
      `UPDATE ${t}.account SET balance=2 WHERE id=2`,
    );
    await pair.diff();
    await pair.replay({ apply: true });
    await pair.onRestored(`UPDATE ${t}.account SET balance=7 WHERE id=1`);
    expect((await pair.diff()).header.transactions).toMatchObject({ missing: 0, present: 2 });
    expect(await pair.verify()).toMatchObject({ rows: 2, replayed: 1, changedSince: 1, wrong: 0 });
  });

  test('a replayed row that a customer deleted stays deleted', async () => {
    const t = await accounts();
    await pair.onFailed(`INSERT INTO ${t}.account VALUES (4,'dan',4)`);
    await pair.diff();
    await pair.replay({ apply: true });
    await pair.onRestored(`DELETE FROM ${t}.account WHERE id=4`);
    expect((await pair.diff()).header.transactions).toMatchObject({ missing: 0, present: 1 });
    expect((await pair.replay({ apply: true })).applied).toEqual([]);
    expect(await balances(t)).toEqual([
      [1, 100],
      [2, 100],
      [3, 100],
    ]);
  });

  test('a plan from files and without a record knows what was replayed by a plan with both servers and a record', async () => {
    const t = await accounts();
    await pair.onFailed(`INSERT INTO ${t}.account VALUES (4,'dan',4)`);
    await pair.diff();
    await pair.replay({ apply: true });
    await pair.onRestored(`DELETE FROM ${t}.account WHERE id=4`);
    const { file, position } = JSON.parse(readFileSync(pair.record, 'utf8')).new.coordinates;
    const again = await pair.diff({
      binlog: true,
      withoutRecord: true,
      startPosition: `${file}:${position}`,
    });
    if (options.gtid !== false && options.flavor === 'mysql') {
      // The GTID is executed; whether with its rows only the log tells, and without a record nobody knows from where on.
      expect(pair.warnings.join()).toMatch(/without a record its log can’t be searched/);
    } else {
      expect(again.header.transactions).toMatchObject({ missing: 0, present: 1 });
      expect((await pair.replay({ apply: true })).applied).toEqual([]);
      expect(await balances(t)).toHaveLength(3);
    }
  });

  test('it waits for a customer who holds the row, and goes on when he is done', async () => {
    const t = await accounts();
    await pair.onFailed(`UPDATE ${t}.account SET balance=1 WHERE id=1`);
    await pair.diff();
    const { host, port, user, password } = pair.restored;
    const customer = await mysql.createConnection({ host, port, user, password });
    await customer.query('START TRANSACTION');
    await customer.query(`SELECT * FROM ${t}.account WHERE id=1 FOR UPDATE`);
    setTimeout(() => void customer.query('ROLLBACK'), 1500);
    expect((await pair.replay({ apply: true })).applied).toHaveLength(1);
    await customer.end();
    expect(await balances(t)).toEqual([
      [1, 1],
      [2, 100],
      [3, 100],
    ]);
  });

  test('two replays at once: one is refused', async () => {
    const t = await accounts();
    await pair.onFailed(`UPDATE ${t}.account SET balance=1 WHERE id=1`);
    await pair.diff();
    const { host, port, user, password } = pair.restored;
    const other = await mysql.createConnection({ host, port, user, password });
    await other.query(`SELECT GET_LOCK('reconcile.replay', 0)`);
    await expect(pair.replay({ apply: true })).rejects.toThrow(
      /another reconcile is replaying to restored primary/,
    );
    await other.end();
    expect(await balances(t)).toEqual([
      [1, 100],
      [2, 100],
      [3, 100],
    ]);
  });

  test('an interrupt before a transaction leaves it for the next run', async () => {
    const t = await accounts();
    await pair.onFailed(`UPDATE ${t}.account SET balance=1 WHERE id=1`);
    await pair.diff();
    await expect(pair.replay({ apply: true, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'interrupted',
      message:
        'interrupted: 0 of 1 transactions are replayed and committed by this run, 0 were there already, none is half done',
    });
    expect((await pair.replay({ apply: true })).applied).toHaveLength(1);
  });

  test('columns that changed places on the restored primary are never taken for each other', async () => {
    const t = await accounts(
      'CREATE TABLE $.pair (id INT PRIMARY KEY, n INT, m INT) ENGINE=InnoDB; CREATE TABLE $.other (id INT PRIMARY KEY, n INT) ENGINE=InnoDB;',
    );
    await pair.onFailed(`INSERT INTO ${t}.pair VALUES (1,-5,6)`, `INSERT INTO ${t}.other VALUES (1,1)`);
    await pair.restored.query(
      `ALTER TABLE ${t}.pair MODIFY n INT AFTER m; ALTER TABLE ${t}.other ADD INDEX (n)`,
    );
    const { conflicts } = await pair.diff();
    expect(await pair.states()).toEqual(['conflict', 'missing']);
    expect(conflicts).toMatchObject([{ kind: 'schema-differs', table: `${t}.pair` }]);
    await pair.replay({ apply: true });
    expect(await pair.restored.query(`SELECT * FROM ${t}.pair`)).toEqual([]);
  });

  test('a row that no packet of the restored primary holds is left out, and the rest is replayed', async () => {
    const t = await accounts('CREATE TABLE $.big (id INT PRIMARY KEY, b LONGBLOB) ENGINE=InnoDB;');
    await pair.onFailed(
      `INSERT INTO ${t}.big VALUES (1, REPEAT('x', 3000000))`,
      `UPDATE ${t}.account SET balance=1 WHERE id=1`,
    );
    await pair.diff();
    const [{ packet } = { packet: 0 }] = await pair.restored.query(
      'SELECT @@GLOBAL.max_allowed_packet AS packet',
    );
    await pair.restored.query('SET GLOBAL max_allowed_packet=2097152');
    try {
      const outcome = await pair.replay({ apply: true });
      expect(outcome.applied).toHaveLength(1);
      expect(outcome.conflicts).toMatchObject([{ kind: 'too-large', table: `${t}.big`, key: { id: 1 } }]);
      expect(outcome.conflicts[0]!.why).toMatch(
        /needs max_allowed_packet=\d+, and the restored primary has 2097152/,
      );
    } finally {
      await pair.restored.query(`SET GLOBAL max_allowed_packet=${packet}`);
    }
    expect((await pair.replay({ apply: true })).applied).toHaveLength(1);
  });

  // MariaDB's applier asks no CHECK, as its replication does not.
  test.runIf(options.flavor === 'mysql')(
    'what a CHECK of the restored primary alone refuses is said to be refused',
    async () => {
      const t = await accounts();
      await pair.onFailed(`UPDATE ${t}.account SET balance=-5 WHERE id=1`);
      // Behind the diff, which would see another table.
      await pair.restored.query(`ALTER TABLE ${t}.account ADD CONSTRAINT solvent CHECK (balance >= 0)`);
      await pair.diff();
      const outcome = await pair.replay({ apply: true });
      expect(outcome.applied).toEqual([]);
      expect(outcome.conflicts).toMatchObject([{ kind: 'refused-by-restored', key: { id: 1 } }]);
      expect(outcome.conflicts[0]!.why).toMatch(/refused it/);
    },
  );

  test('a table altered since the plan was made is refused', async () => {
    const t = await accounts();
    await pair.onFailed(`UPDATE ${t}.account SET balance=1 WHERE id=1`);
    await pair.diff();
    await pair.restored.query(`ALTER TABLE ${t}.account ADD COLUMN note INT`);
    await expect(pair.replay({ apply: true })).rejects.toMatchObject({
      code: 'refused',
      check: 'schema-changed',
      message: `${t}.account was altered on the restored primary since the plan was made`,
    });
  });

  test('an undo takes the replay back whole, last first, and leaves what live traffic changed since', async () => {
    const t = await accounts();
    await pair.onFailed(
      `UPDATE ${t}.account SET balance=1 WHERE id=1`,
      `UPDATE ${t}.account SET balance=11 WHERE id=1`,
      `INSERT INTO ${t}.account VALUES (4,'dan',4)`,
      `DELETE FROM ${t}.account WHERE id=3`,
      `UPDATE ${t}.account SET balance=2 WHERE id=2`,
    );
    await pair.diff();
    const { undo: file } = await pair.replay({ apply: true });
    expect(await balances(t)).toEqual([
      [1, 11],
      [2, 2],
      [4, 4],
    ]);
    await pair.onRestored(`UPDATE ${t}.account SET balance=77 WHERE id=2`);
    expect((await pair.undo(file!, { apply: false })).undone).toHaveLength(4);
    expect(await balances(t)).toEqual([
      [1, 11],
      [2, 77],
      [4, 4],
    ]);
    const back = await pair.undo(file!, { apply: true });
    expect(back.undone).toHaveLength(4);
    expect(back.conflicts).toMatchObject([
      { kind: 'changed-on-restored', key: { id: 2 }, restored: { balance: 77 } },
    ]);
    expect(await balances(t)).toEqual([
      [1, 100],
      [2, 77],
      [3, 100],
    ]);
    expect(await pair.undo(file!, { apply: true })).toMatchObject({
      undone: [],
      nothingToUndo: expect.objectContaining({ length: 4 }),
    });
    // What was taken back is missing again, and can be replayed again, under another name where GTIDs are spent.
    expect((await pair.diff()).header.transactions).toMatchObject({ missing: 4 });
    expect((await pair.replay({ apply: true })).applied).toHaveLength(4);
    expect(await balances(t)).toEqual([
      [1, 11],
      [2, 77],
      [4, 4],
    ]);
    expect((await pair.replay({ apply: true })).applied).toHaveLength(0);
  });

  // From MySQL 9.6 the log has the children of a new key, before it; MariaDB's has not, and the change is a conflict.
  test.runIf(options.flavor === 'mysql')(
    'an undo takes back a parent’s new key with the children that followed it',
    async () => {
      const t = await accounts(
        `CREATE TABLE $.card (id INT PRIMARY KEY, account INT, FOREIGN KEY (account) REFERENCES $.account (id) ON UPDATE CASCADE);
         CREATE TABLE $.pin (id INT PRIMARY KEY, account INT, FOREIGN KEY (account) REFERENCES $.account (id) ON UPDATE CASCADE);
         INSERT INTO $.card VALUES (1,1),(2,2),(3,3),(4,3);
         INSERT INTO $.pin VALUES (1,1),(3,3);`,
      );
      const all = async (): Promise<unknown[]> =>
        Promise.all(
          ['account', 'card', 'pin'].map((table) =>
            pair.restored.query(`SELECT * FROM ${t}.${table} ORDER BY 1`),
          ),
        );
      const before = await all();
      await pair.onFailed(
        `UPDATE ${t}.account SET id=13 WHERE id=3`,
        // Several parents by one statement; the value that one leaves is the next one's.
        `UPDATE ${t}.account SET id=id+1 WHERE id<3 ORDER BY id DESC; UPDATE ${t}.card SET account=13 WHERE id=1`,
      );
      await pair.diff();
      const { undo: file, applied } = await pair.replay({ apply: true });
      expect(applied).toHaveLength(2);
      expect(await all()).toEqual(
        await Promise.all(
          ['account', 'card', 'pin'].map((table) =>
            pair.failed.query(`SELECT * FROM ${t}.${table} ORDER BY 1`),
          ),
        ),
      );
      expect(await pair.undo(file!, { apply: true })).toMatchObject({
        undone: { length: 2 },
        conflicts: [],
      });
      expect(await all()).toEqual(before);
    },
  );

  test('without its undo file a replay writes nothing', async () => {
    const t = await accounts();
    await pair.onFailed(`UPDATE ${t}.account SET balance=1 WHERE id=1`);
    await pair.diff();
    await expect(pair.replay({ apply: true, undo: '/nowhere/undo.jsonl' })).rejects.toThrow(
      /the undo file \/nowhere\/undo.jsonl can't be written, so nothing was replayed/,
    );
    expect(await balances(t)).toEqual([
      [1, 100],
      [2, 100],
      [3, 100],
    ]);
  });

  test('triggers do not fire again', async () => {
    const t = await accounts(
      `CREATE TABLE $.audit (id INT AUTO_INCREMENT PRIMARY KEY, account INT) ENGINE=InnoDB;
       CREATE TRIGGER $.watch AFTER UPDATE ON $.account FOR EACH ROW INSERT INTO $.audit (account) VALUES (NEW.id);`,
    );
    await pair.onFailed(`UPDATE ${t}.account SET balance=1 WHERE id=1`);
    await pair.diff();
    expect((await pair.replay({ apply: true })).applied).toHaveLength(1);
    expect(await pair.restored.query(`SELECT id, account FROM ${t}.audit`)).toEqual([{ id: 1, account: 1 }]);
  });

  test('AUTO_INCREMENT is past the replayed ids', async () => {
    const t = await accounts(
      'CREATE TABLE $.ticket (id INT AUTO_INCREMENT PRIMARY KEY, title VARCHAR(20)) ENGINE=InnoDB;',
    );
    await pair.onFailed(`INSERT INTO ${t}.ticket VALUES (500,'lost')`);
    await pair.diff();
    await pair.replay({ apply: true });
    await pair.restored.query(`INSERT INTO ${t}.ticket (title) VALUES ('next')`);
    expect(await pair.restored.query(`SELECT id FROM ${t}.ticket ORDER BY id`)).toEqual([
      { id: 500 },
      { id: 501 },
    ]);
  });

  test('a delete that would spread to rows that only the restored primary has is held back', async () => {
    const t = await accounts(
      `CREATE TABLE $.card (id INT PRIMARY KEY, account INT, FOREIGN KEY (account) REFERENCES $.account(id) ON DELETE CASCADE) ENGINE=InnoDB;
       INSERT INTO $.card VALUES (1, 3);`,
    );
    await pair.onFailed(
      `DELETE FROM ${t}.card WHERE id=1; DELETE FROM ${t}.account WHERE id=3`,
      `DELETE FROM ${t}.account WHERE id=2`,
    );
    await pair.onRestored(`INSERT INTO ${t}.card VALUES (2, 2)`);
    const { conflicts } = await pair.diff();
    expect(await pair.states()).toEqual(['missing', 'conflict']);
    expect(conflicts).toMatchObject([
      { kind: 'children-exist', key: { id: 2 }, children: [`${t}.card id=2`] },
    ]);
    await pair.replay({ apply: true });
    expect(await pair.restored.query(`SELECT id FROM ${t}.card`)).toEqual([{ id: 2 }]);
    expect(await balances(t)).toEqual([
      [1, 100],
      [2, 100],
    ]);
  });

  test('a parent that comes back in the same transaction takes no row with it that only the restored primary has', async () => {
    const t = await accounts(
      `CREATE TABLE $.card (id INT PRIMARY KEY, account INT, FOREIGN KEY (account) REFERENCES $.account(id) ON DELETE CASCADE) ENGINE=InnoDB;
       CREATE TABLE $.note (id INT PRIMARY KEY, account INT, FOREIGN KEY (account) REFERENCES $.account(id) ON DELETE SET NULL) ENGINE=InnoDB;
       INSERT INTO $.card VALUES (3, 3);`,
    );
    await pair.onFailed(
      `REPLACE INTO ${t}.account VALUES (1, 'ann', 1)`,
      `DELETE FROM ${t}.account WHERE id=2; INSERT INTO ${t}.account VALUES (2, 'bob', 2)`,
      `DELETE FROM ${t}.card WHERE id=3; REPLACE INTO ${t}.account VALUES (3, 'cid', 3); INSERT INTO ${t}.card VALUES (4, 3)`,
    );
    await pair.onRestored(`INSERT INTO ${t}.card VALUES (1, 1)`, `INSERT INTO ${t}.note VALUES (2, 2)`);
    const { conflicts } = await pair.diff();
    expect(await pair.states()).toEqual(['conflict', 'conflict', 'missing']);
    expect(conflicts).toMatchObject([
      { kind: 'children-exist', key: { id: 1 }, children: [`${t}.card id=1`] },
      { kind: 'children-exist', key: { id: 2 }, children: [`${t}.note id=2`] },
    ]);
    await pair.replay({ apply: true });
    expect(await pair.restored.query(`SELECT id, account FROM ${t}.card ORDER BY id`)).toEqual([
      { id: 1, account: 1 },
      { id: 4, account: 3 },
    ]);
    expect(await pair.restored.query(`SELECT id, account FROM ${t}.note`)).toEqual([{ id: 2, account: 2 }]);
    expect(await balances(t)).toEqual([
      [1, 100],
      [2, 100],
      [3, 3],
    ]);
  });

  test('a missing parent, a taken key, a taken unique value: each named', async () => {
    const t = await accounts(
      'CREATE TABLE $.card (id INT PRIMARY KEY, account INT, FOREIGN KEY (account) REFERENCES $.account(id)) ENGINE=InnoDB;',
    );
    await pair.onFailed(
      `INSERT INTO ${t}.card VALUES (1, 3)`,
      `INSERT INTO ${t}.account VALUES (4,'dan',4)`,
      `INSERT INTO ${t}.account VALUES (5,'eve',5)`,
      `INSERT INTO ${t}.card VALUES (2, 5)`,
    );
    await pair.onRestored(
      `DELETE FROM ${t}.account WHERE id=3`,
      `INSERT INTO ${t}.account VALUES (4,'dora',1)`,
      `INSERT INTO ${t}.account VALUES (6,'EVE',1)`,
    );
    const { conflicts, held } = await pair.diff();
    expect(await pair.states()).toEqual(['conflict', 'conflict', 'conflict', 'held']);
    expect(conflicts).toMatchObject([
      { kind: 'parent-missing', key: { id: 1 } },
      { kind: 'key-taken', key: { id: 4 }, restored: { owner: 'dora' } },
      { kind: 'unique-taken', key: { id: 5 }, restored: { id: 6, owner: 'EVE' }, columns: ['owner'] },
    ]);
    expect(held).toMatchObject([{ because: 'parent-row' }]);
  });
});

describe('MySQL with GTIDs', () => {
  let pair: FailoverPair;
  beforeAll(async () => {
    pair = await FailoverPair.start({ flavor: 'mysql' });
  });
  afterAll(() => pair?.remove());

  test('a GTID recorded empty hides nothing: its rows come back, the journal remembers them', async () => {
    await pair.begin(
      'CREATE DATABASE e; CREATE TABLE e.t (id INT PRIMARY KEY, v INT); INSERT INTO e.t VALUES (1,1)',
    );
    await pair.onFailed('UPDATE e.t SET v=2 WHERE id=1');
    const before = await pair.diff();
    const [{ transaction }] = [{ transaction: (await pair.replay({ apply: false })).applied[0]! }];
    expect(before.header.transactions.missing).toBe(1);
    await pair.restored.query(`SET GTID_NEXT='${transaction}'; BEGIN; COMMIT; SET GTID_NEXT='AUTOMATIC'`);
    expect((await pair.diff()).header.transactions.missing).toBe(1);
    expect((await pair.replay({ apply: true })).applied).toEqual([transaction]);
    expect(await pair.restored.query('SELECT v FROM e.t')).toEqual([{ v: 2 }]);
    expect((await pair.replay({ apply: true })).applied).toEqual([]);
    await pair.restored.query('UPDATE e.t SET v=1');
    expect((await pair.diff()).header.transactions).toMatchObject({ missing: 0, present: 1 });
  });

  test('the replayed GTIDs are in the restored primary’s executed set', async () => {
    await pair.begin('CREATE DATABASE g; CREATE TABLE g.t (id INT PRIMARY KEY)');
    await pair.onFailed('INSERT INTO g.t VALUES (1)', 'INSERT INTO g.t VALUES (2)');
    await pair.diff();
    const { gtids } = await pair.replay({ apply: true });
    expect(
      await pair.restored.query(`SELECT GTID_SUBSET('${gtids}', @@GLOBAL.gtid_executed) AS has`),
    ).toEqual([{ has: 1 }]);
  });
});

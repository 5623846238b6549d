// Policies against real servers: what they make of conflicts is replayed under the same guards, once, and can be undone.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PlanTransaction } from '../../src/plan/plan.ts';
import type { PolicyRequest } from '../../src/policy/load-policy.ts';
import { FailoverPair, MODES_OF_MARKING } from '../failover-pair.ts';

describe.each(MODES_OF_MARKING)('%s', (_, options) => {
  let pair: FailoverPair;
  let schema = 0;

  beforeAll(async () => {
    pair = await FailoverPair.start(options);
  });
  afterAll(() => pair?.remove());

  async function shop(): Promise<string> {
    schema += 1;
    const name = `p${schema}`;
    await pair.begin(
      `CREATE DATABASE ${name};
       CREATE TABLE ${name}.account (id INT PRIMARY KEY, owner VARCHAR(20) UNIQUE, balance DECIMAL(10,2), note VARCHAR(20));
       CREATE TABLE ${name}.orders (id INT UNSIGNED PRIMARY KEY AUTO_INCREMENT, what VARCHAR(60), born TIMESTAMP(6) NOT NULL DEFAULT '2026-01-01', cut TIME(2) NULL, blobby BLOB, e ENUM('a','b'));
       CREATE TABLE ${name}.items (order_id INT UNSIGNED, line INT, what VARCHAR(20), PRIMARY KEY (order_id, line), FOREIGN KEY (order_id) REFERENCES ${name}.orders (id));
       INSERT INTO ${name}.account VALUES (1,'ann',100,'x'),(2,'bob',100,'x'),(3,'cid',100,'x');
       INSERT INTO ${name}.orders (id, what) VALUES (1,'first');
       SET @done=1`,
    );
    return name;
  }
  const policy = (text: string): PolicyRequest => {
    const file = join(pair.folder, 'policy.yaml');
    writeFileSync(file, `version: 1\n${text}\n`);
    return { file, onConflict: undefined };
  };
  const rows = async (sql: string): Promise<string[]> =>
    (await pair.restored.query(sql)).map((row) => Object.values(row as object).join('|'));
  const accounts = (name: string): Promise<string[]> =>
    rows(`SELECT id, owner, balance, note FROM ${name}.account ORDER BY id`);
  const planned = (path = pair.plan): PlanTransaction[] =>
    readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(({ type }) => type === 'transaction');

  test('counters are added, once; undo takes the sum away again', async () => {
    const t = await shop();
    await pair.onFailed(
      `UPDATE ${t}.account SET balance=balance-10 WHERE id=1; UPDATE ${t}.account SET balance=balance+10 WHERE id=2`,
      `UPDATE ${t}.account SET balance=balance-5.50 WHERE id=1; UPDATE ${t}.account SET balance=balance+5.50 WHERE id=3`,
    );
    await pair.onRestored(
      `UPDATE ${t}.account SET balance=balance-1 WHERE id=1; UPDATE ${t}.account SET balance=balance+1 WHERE id=2`,
    );
    const add = policy(`tables: { ${t}.account: { columns: { balance: add } } }`);
    const found = await pair.diff({ policy: add });
    expect(found.header).toMatchObject({
      transactions: { missing: 2, conflict: 0 },
      policy: { transactions: { resolved: 2, kept: 0 } },
    });
    expect(found.resolutions[0]).toMatchObject({
      kind: 'changed-on-restored',
      rule: 'add',
      columns: { balance: 'add' },
      restored: { balance: '99.00' },
      result: { balance: '89.00' },
    });
    const done = await pair.replay({ apply: true });
    expect(done).toMatchObject({ conflicts: [], verified: { wrong: 0 } });
    expect(done.applied).toHaveLength(2);
    const after = ['1|ann|83.50|x', '2|bob|111.00|x', '3|cid|105.50|x'];
    expect(await accounts(t)).toEqual(after);
    expect((await pair.replay({ apply: true })).applied).toEqual([]);
    // Also a new plan under the same policy, made without the restored primary's log at hand, adds nothing twice.
    const again = join(pair.folder, 'again.jsonl');
    for (const withoutRecord of [false, true]) {
      const { start } = found.header.window;
      const startPosition = `${start.file}:${start.position}`;
      const look = await pair.diff({ policy: add, fenced: true, plan: again, withoutRecord, startPosition });
      expect(look.header.transactions).toMatchObject({ missing: 0, present: 2, conflict: 0 });
      expect((await pair.replay({ apply: true, plan: again })).applied).toEqual([]);
      expect(await accounts(t)).toEqual(after);
    }
    expect((await pair.verify()).wrong).toBe(0);
    const undone = await pair.undo(done.undo!, { apply: true });
    expect(undone.undone).toHaveLength(2);
    expect(await accounts(t)).toEqual(['1|ann|99.00|x', '2|bob|101.00|x', '3|cid|100.00|x']);
    // Taken back, it can be had again.
    const anew = await pair.diff({ policy: add, fenced: true, plan: again });
    expect(anew.header.transactions).toMatchObject({ missing: 2, present: 0, conflict: 0 });
    expect((await pair.replay({ apply: true, plan: again })).applied).toHaveLength(2);
    expect(await accounts(t)).toEqual(after);
  });

  test('a colliding order gets a new key, its items and later changes follow', async () => {
    const t = await shop();
    await pair.onFailed(
      `INSERT INTO ${t}.orders (id, what, blobby, cut, e) VALUES (2,'of B',x'00ff27','-11:22:33.44','b'); INSERT INTO ${t}.items VALUES (2,1,'one')`,
      `INSERT INTO ${t}.items VALUES (2,2,'two')`,
      `UPDATE ${t}.orders SET what='of B, paid' WHERE id=2`,
      `DELETE FROM ${t}.items WHERE order_id=2 AND line=1`,
    );
    await pair.onRestored(
      `INSERT INTO ${t}.orders (id, what) VALUES (2,'of A')`,
      `INSERT INTO ${t}.items VALUES (2,7,'of A')`,
    );
    const held = await pair.diff();
    expect(held.header.transactions).toMatchObject({ conflict: 1, held: 3 });
    expect(held.conflicts[0]).toMatchObject({
      kind: 'key-taken',
      after: { what: 'of B' },
      restored: { what: 'of A' },
      references: [
        { table: `${t}.items`, key: { order_id: 2, line: 1 } },
        { table: `${t}.items`, key: { order_id: 2, line: 2 } },
      ],
    });
    const resolved = await pair.resolve(policy(`tables: { ${t}.orders: { on-conflict: rekey } }`));
    expect(resolved!.header.transactions).toMatchObject({ missing: 4, conflict: 0, held: 0 });
    expect(resolved!.header.warnings.join()).toContain('get new keys');
    expect(resolved!.resolutions.map(({ rule, result }) => [rule, result?.id ?? result?.order_id])).toEqual([
      ['rekey', 1003],
      ['rekey', 1003],
      ['rekey', 1003],
      ['rekey', 1003],
      ['rekey', undefined],
    ]);
    const done = await pair.replay({ apply: true, plan: resolved!.plan });
    expect(done).toMatchObject({ conflicts: [], verified: { wrong: 0 } });
    expect(await rows(`SELECT id, what, HEX(blobby), cut, e+0 FROM ${t}.orders ORDER BY id`)).toEqual([
      '1|first|||',
      '2|of A|||',
      '1003|of B, paid|00FF27|-11:22:33.44|2',
    ]);
    expect(await rows(`SELECT * FROM ${t}.items ORDER BY order_id, line`)).toEqual([
      '2|7|of A',
      '1003|2|two',
    ]);
    // The counter is past the new key.
    await pair.onRestored(`INSERT INTO ${t}.orders (what) VALUES ('next')`);
    expect(await rows(`SELECT id FROM ${t}.orders WHERE what='next'`)).toEqual(['1004']);
    const look = await pair.diff({ fenced: true, plan: join(pair.folder, 'again.jsonl') });
    expect(look.header.transactions).toMatchObject({ missing: 0, present: 4, conflict: 0, held: 0 });
    expect(planned(join(pair.folder, 'again.jsonl')).every(({ resolvedEarlier }) => resolvedEarlier)).toBe(
      true,
    );
  });

  test('what refers to a row with a new key is still told from the other row in a later look', async () => {
    const t = await shop();
    await pair.onFailed(
      `INSERT INTO ${t}.orders (id, what) VALUES (2,'of B')`,
      `INSERT INTO ${t}.items VALUES (2,1,'of B')`,
    );
    await pair.onRestored(`INSERT INTO ${t}.orders (id, what) VALUES (2,'of A')`);
    const rekey = `tables: { ${t}.orders: { on-conflict: rekey } }`;
    await pair.diff({ fenced: false });
    const [, second] = planned().map(({ id }) => id);
    const first = await pair.resolve(policy(`${rekey}\ndecisions: { "${second}": hold }`));
    expect(first!.header.transactions).toMatchObject({ missing: 1, held: 1 });
    expect((await pair.replay({ apply: true, plan: first!.plan })).applied).toHaveLength(1);
    // Without any policy: the item belongs to the order with the new key.
    const look = await pair.diff({ fenced: true });
    expect(look.header.transactions).toMatchObject({ missing: 1, present: 1 });
    expect((await pair.replay({ apply: true })).applied).toHaveLength(1);
    expect(await rows(`SELECT order_id, what FROM ${t}.items`)).toEqual(['1003|of B']);
  });

  test('what was left out stays left out: nothing is hung on the other row', async () => {
    const t = await shop();
    await pair.onFailed(
      `INSERT INTO ${t}.orders (id, what) VALUES (2,'of B'); UPDATE ${t}.account SET note='seen' WHERE id=1`,
      `INSERT INTO ${t}.items VALUES (2,1,'of B')`,
    );
    await pair.onRestored(`INSERT INTO ${t}.orders (id, what) VALUES (2,'of A')`);
    const found = await pair.diff({ policy: { file: undefined, onConflict: 'keep-restored' } });
    expect(found.header.transactions).toMatchObject({ missing: 1, conflict: 1 });
    expect(found.conflicts).toMatchObject([{ kind: 'parent-missing' }]);
    expect((await pair.replay({ apply: true })).applied).toHaveLength(1);
    expect(await accounts(t)).toContain('1|ann|100.00|seen');
    const look = await pair.diff({ fenced: true });
    expect(look.header.transactions).toMatchObject({ missing: 0, present: 1, conflict: 1 });
    expect(look.conflicts).toMatchObject([{ kind: 'parent-missing' }]);
    expect(await rows(`SELECT COUNT(*) FROM ${t}.items`)).toEqual(['0']);
  });

  test('what changed after the policy was applied to the plan is a new conflict, and a second resolution takes it in', async () => {
    const t = await shop();
    await pair.onFailed(`UPDATE ${t}.account SET owner='ann B', note='b' WHERE id=1`);
    await pair.onRestored(`UPDATE ${t}.account SET balance=1 WHERE id=1`);
    await pair.diff();
    const merge = policy(`tables: { ${t}.account: { on-conflict: merge-columns } }`);
    const first = await pair.resolve(merge);
    expect(first!.header.transactions).toMatchObject({ missing: 1, conflict: 0 });
    await pair.onRestored(`UPDATE ${t}.account SET balance=2 WHERE id=1`);
    const refused = await pair.replay({ apply: true, plan: first!.plan });
    expect(refused.conflicts).toMatchObject([{ kind: 'changed-on-restored', restored: { balance: '2.00' } }]);
    expect(refused.applied).toEqual([]);
    const second = await pair.resolve(merge);
    expect(second!.plan).not.toBe(first!.plan);
    expect((await pair.replay({ apply: true, plan: second!.plan })).applied).toHaveLength(1);
    expect(await accounts(t)).toContain('1|ann B|2.00|b');
  });

  test('taken and kept, by rule and by decision, with deletes on either side', async () => {
    const t = await shop();
    await pair.onFailed(
      `UPDATE ${t}.account SET note='b1' WHERE id=1`,
      `UPDATE ${t}.account SET note='b2' WHERE id=2`,
      `DELETE FROM ${t}.account WHERE id=3`,
    );
    await pair.onRestored(
      `UPDATE ${t}.account SET note='a1' WHERE id=1`,
      `DELETE FROM ${t}.account WHERE id=2`,
      `UPDATE ${t}.account SET note='a3' WHERE id=3`,
    );
    const held = await pair.diff();
    expect(held.header.transactions).toMatchObject({ conflict: 3 });
    const ids = planned().map(({ id }) => id);
    const resolved = await pair.resolve(
      policy(`default: take-failed\ndecisions: { "${ids[0]}": keep-restored }`),
    );
    expect(resolved!.header).toMatchObject({
      transactions: { missing: 2, present: 1, conflict: 0 },
      policy: { transactions: { resolved: 2, kept: 1 }, rows: { 'keep-restored': 1, 'take-failed': 2 } },
    });
    expect(await pair.resolve({ file: undefined, onConflict: 'hold' })).toBeNull();
    const done = await pair.replay({ apply: true, plan: resolved!.plan });
    expect(done.verified).toMatchObject({ rows: 2, wrong: 0 });
    expect(await accounts(t)).toEqual(['1|ann|100.00|a1', '2|bob|100.00|b2']);
    await pair.undo(done.undo!, { apply: true });
    expect(await accounts(t)).toEqual(['1|ann|100.00|a1', '3|cid|100.00|a3']);
  });

  test('values of every kind travel with a resolved row as they are', async () => {
    schema += 1;
    const t = `p${schema}`;
    await pair.begin(
      `CREATE DATABASE ${t};
       CREATE TABLE ${t}.doc (id INT PRIMARY KEY, n INT, j JSON, f FLOAT, d DOUBLE, dt DATETIME(3), y YEAR, b BIT(9), s SET('a','b'), g GEOMETRY, x VARBINARY(9), u BIGINT UNSIGNED, tx TEXT CHARACTER SET latin1);
       INSERT INTO ${t}.doc VALUES (1,1,'{"k": [1, 2.5, null]}',1.1,-0.0,'2026-01-02 03:04:05.678',2026,b'101',3,ST_GeomFromText('POINT(1 2)'),x'00ff00',18446744073709551615,'na\u00efve'),
         (2,1,'{"k": 1}',1,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL); SET @done=1`,
    );
    await pair.onFailed(`UPDATE ${t}.doc SET n=2 WHERE id=1`, `UPDATE ${t}.doc SET n=2 WHERE id=2`);
    await pair.onRestored(
      `UPDATE ${t}.doc SET n=3, dt='1999-01-01', g=ST_GeomFromText('POINT(7 8)') WHERE id=1`,
      `UPDATE ${t}.doc SET n=3, j='{"k": 2}' WHERE id=2`,
    );
    const found = await pair.diff({
      policy: policy(`tables: { ${t}.doc: { on-conflict: merge-columns, columns: { n: take-failed } } }`),
    });
    // MySQL's binary JSON is not made from text: a row that only the restored primary has so is held. MariaDB's is text.
    const held = options.flavor === 'mysql' ? 1 : 0;
    expect(found.header.transactions).toMatchObject({ missing: 2 - held, conflict: held });
    if (held) expect(found.conflicts[0]!.undecided).toContain('JSON values are not written from their text');
    const done = await pair.replay({ apply: true });
    expect(done.verified).toMatchObject({ wrong: 0 });
    expect(
      await rows(
        `SELECT n, CAST(j AS CHAR), f, 1/d, dt, y, b+0, s+0, ST_AsText(g), HEX(x), u, HEX(tx) FROM ${t}.doc WHERE id=1`,
      ),
    ).toEqual([
      '2|{"k": [1, 2.5, null]}|1.1||1999-01-01 00:00:00.000|2026|5|3|POINT(7 8)|00FF00|18446744073709551615|6E61EF7665',
    ]);
    await pair.undo(done.undo!, { apply: true });
    expect(await rows(`SELECT id, n, dt, ST_AsText(g) FROM ${t}.doc`)).toEqual([
      '1|3|1999-01-01 00:00:00.000|POINT(7 8)',
      '2|3||',
    ]);
  });

  test('an order that the application may have sent again: inserted, or left out', async () => {
    const t = await shop();
    const order = `(what, born) VALUES ('a chair of oak, blue, with arms', '2026-05-05')`;
    await pair.onFailed(`INSERT INTO ${t}.orders (id, ${order.slice(1)}`.replace('VALUES (', 'VALUES (5, '));
    await pair.onRestored(`INSERT INTO ${t}.orders ${order}`);
    const plain = await pair.diff();
    expect(plain.conflicts).toMatchObject([{ kind: 'likely-retry' }]);
    const kept = await pair.resolve({ file: undefined, onConflict: 'keep-restored' });
    expect(kept!.header).toMatchObject({
      transactions: { present: 1, conflict: 0 },
      policy: { transactions: { kept: 1 } },
    });
    const taken = await pair.resolve({ file: undefined, onConflict: 'take-failed' });
    expect(taken!.resolutions).toMatchObject([
      { kind: 'likely-retry', rule: 'take-failed', result: { id: 5 } },
    ]);
    expect((await pair.replay({ apply: true, plan: taken!.plan })).applied).toHaveLength(1);
    expect(await rows(`SELECT id FROM ${t}.orders ORDER BY id`)).toEqual(['1', '2', '5']);
  });

  test('rows of a table without a key go with their transaction as they were logged, and are edited by no rule', async () => {
    schema += 1;
    const t = `p${schema}`;
    await pair.begin(
      `CREATE DATABASE ${t};
       CREATE TABLE ${t}.counter (id INT PRIMARY KEY AUTO_INCREMENT, n INT);
       CREATE TABLE ${t}.log (what VARCHAR(20), counter_id INT);
       CREATE TABLE ${t}.note (what VARCHAR(20), counter_id INT, FOREIGN KEY (counter_id) REFERENCES ${t}.counter (id));
       INSERT INTO ${t}.counter VALUES (1,1); INSERT INTO ${t}.log VALUES ('same',1),('same',1),('gone',1); SET @done=1`,
    );
    await pair.onFailed(
      `INSERT INTO ${t}.log VALUES ('same',1); UPDATE ${t}.counter SET n=n+1 WHERE id=1; DELETE FROM ${t}.log WHERE what='same' LIMIT 1; INSERT INTO ${t}.log VALUES ('same',1)`,
      `UPDATE ${t}.log SET what='went' WHERE what='gone'`,
      `INSERT INTO ${t}.counter VALUES (2,2); INSERT INTO ${t}.note VALUES ('of B',2)`,
    );
    await pair.onRestored(
      `UPDATE ${t}.counter SET n=n+5 WHERE id=1`,
      `DELETE FROM ${t}.log WHERE what='gone'`,
      `INSERT INTO ${t}.counter VALUES (2,9)`,
    );
    const found = await pair.diff({
      policy: policy(
        `default: take-failed\ntables: { ${t}.counter: { on-conflict: rekey, columns: { n: add } } }`,
      ),
    });
    expect(found.header.transactions).toMatchObject({ missing: 1, conflict: 2 });
    expect(found.conflicts.map(({ undecided }) => undecided).join()).toMatch(
      /no key to tell its rows by.*no key to tell its rows by/s,
    );
    expect((await pair.replay({ apply: true })).verified).toMatchObject({ wrong: 0 });
    expect(await rows(`SELECT n FROM ${t}.counter ORDER BY id`)).toEqual(['7', '9']);
    expect(await rows(`SELECT what, COUNT(*) FROM ${t}.log GROUP BY what`)).toEqual(['same|3']);
    expect(await rows(`SELECT * FROM ${t}.note`)).toEqual([]);
    const look = await pair.diff({ fenced: true });
    expect(look.header.transactions).toMatchObject({ missing: 0, present: 1, conflict: 2 });
  });

  test('where nothing tells any more what a rule made of it, no rule makes it again', async () => {
    if (options.flavor !== 'mysql' || options.gtid === false) return;
    const t = await shop();
    await pair.onFailed(`UPDATE ${t}.account SET balance=balance-10 WHERE id=1`);
    await pair.onRestored(`UPDATE ${t}.account SET balance=balance-1 WHERE id=1`);
    const add = policy(`tables: { ${t}.account: { columns: { balance: add } } }`);
    const { header } = await pair.diff({ policy: add });
    expect((await pair.replay({ apply: true })).applied).toHaveLength(1);
    await pair.restored.query('DROP DATABASE reconcile');
    const startPosition = `${header.window.start.file}:${header.window.start.position}`;
    // A running failed primary's executed set would tell where the restored one's log has to be read.
    const files = { binlog: true, withoutRecord: true, startPosition };
    const blind = await pair.diff({ policy: add, fenced: true, ...files });
    expect(blind.header.transactions).toMatchObject({ missing: 0, conflict: 1 });
    expect(blind.conflicts[0]!.undecided).toContain('has executed its GTID');
    // The restored primary's own log tells.
    const told = await pair.diff({ policy: add, fenced: true });
    expect(told.header.transactions).toMatchObject({ missing: 0, present: 1, conflict: 0 });
    expect(await accounts(t)).toContain('1|ann|89.00|x');
  });
});

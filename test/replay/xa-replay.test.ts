// Two-phase XA and JSON differences through diff, replay, verify and undo on real pairs: what is marked as done, what a
// second look finds, and that an undo takes all of it back.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadPlan } from '../../src/plan/planned-transactions.ts';
import { connectTo } from '../binlog/reading.ts';
import { FailoverPair, type PairOptions } from '../failover-pair.ts';

const MODES: [string, PairOptions][] = [
  ['MySQL', { flavor: 'mysql' }],
  ['MySQL without GTIDs', { flavor: 'mysql', gtid: false }],
  ['MariaDB', { flavor: 'mariadb' }],
];

const account = 'SELECT id, cents FROM x.account ORDER BY id';

describe.each(MODES)('%s', (_, options) => {
  const gtids = options.flavor === 'mysql' && options.gtid !== false;
  let pair: FailoverPair;
  let uuid = '';

  beforeAll(async () => {
    pair = await FailoverPair.start(options);
    await pair.begin(
      'CREATE DATABASE x; CREATE TABLE x.account (id INT PRIMARY KEY, cents INT) ENGINE=InnoDB; INSERT INTO x.account VALUES (1, 100), (2, 200)',
    );
    await pair.failed.query(
      "XA START 'move'; UPDATE x.account SET cents = 90 WHERE id = 1; UPDATE x.account SET cents = 210 WHERE id = 2; XA END 'move'; XA PREPARE 'move'; XA COMMIT 'move'",
    );
    await pair.failed.query(
      "XA START 'not'; DELETE FROM x.account; XA END 'not'; XA PREPARE 'not'; XA ROLLBACK 'not'",
    );
    await pair.failed.query('INSERT INTO x.account VALUES (3, 300)');
    if (gtids) uuid = String((await pair.failed.query('SELECT @@server_uuid AS uuid'))[0]!.uuid);
  });
  afterAll(() => pair?.remove());

  test('counts at the commit, live and from files', async () => {
    for (const binlog of [true, false]) {
      const { header } = await pair.diff({ binlog });
      expect(header.transactions).toEqual({ missing: 2, present: 3, conflict: 0, held: 0, unsupported: 0 });
      expect(header.account).toMatchObject({ changes: 3, rolledBack: 2, undecoded: [], closes: true });
    }
    expect(await pair.states()).toEqual(['present', 'missing', 'present', 'present', 'missing']);
  });

  test('is replayed once, under the GTID of its commit', async () => {
    const undo = join(pair.folder, 'undo.jsonl');
    const result = await pair.replay({ apply: true, undo });
    expect(result.applied.length).toBe(2);
    if (gtids) {
      const [executed] = await pair.restored.query('SELECT @@GLOBAL.gtid_executed AS gtids');
      expect(String(executed!.gtids).replaceAll('\n', '')).toContain(`${uuid}:2:5`);
    }
    const after = [
      { id: 1, cents: 90 },
      { id: 2, cents: 210 },
      { id: 3, cents: 300 },
    ];
    expect(await pair.restored.query(account)).toEqual(after);
    expect(await pair.verify()).toMatchObject({ wrong: 0, replayed: 3 });
    expect((await pair.replay({ apply: true })).applied).toEqual([]);
    expect(await pair.restored.query(account)).toEqual(after);
  });

  test.runIf(gtids)('a window inferred from the executed sets asks for nothing more', async () => {
    const { header } = await pair.diff({ withoutRecord: true });
    expect(header.account).toMatchObject({ transactions: { own: 3, skipped: 2 }, undecoded: [] });
    expect(header.transactions).toEqual({ missing: 0, present: 3, conflict: 0, held: 0, unsupported: 0 });
  });

  test('is undone whole', async () => {
    const result = await pair.undo(join(pair.folder, 'undo.jsonl'), { apply: true });
    expect(result.undone.length).toBe(2);
    expect(await pair.restored.query(account)).toEqual([
      { id: 1, cents: 100 },
      { id: 2, cents: 200 },
    ]);
  });
});

describe.each(MODES)('%s: prepared before the failover', (_, options) => {
  let pair: FailoverPair;

  beforeAll(async () => {
    pair = await FailoverPair.start(options);
    await pair.begin(
      'CREATE DATABASE x; CREATE TABLE x.account (id INT PRIMARY KEY, cents INT) ENGINE=InnoDB',
    );
    const session = await connectTo(pair.failed);
    await session.query(
      "XA START 'early'; INSERT INTO x.account VALUES (1, 100); XA END 'early'; XA PREPARE 'early'",
    );
    await session.end();
    await pair.begin('DO 1');
    await pair.onFailed('INSERT INTO x.account VALUES (2, 200)');
    await pair.failed.query("XA COMMIT 'early'");
  });
  afterAll(() => pair?.remove());

  test('its commit is loud, with its place; what stands beside it is replayed', async () => {
    for (const binlog of [true, false]) {
      const { header } = await pair.diff({ binlog });
      expect(header.transactions).toEqual({ missing: 1, present: 0, conflict: 0, held: 0, unsupported: 1 });
      const { start, end } = header.window;
      expect(header.account.undecoded).toEqual([
        {
          reason: 'xa',
          file: end.file,
          position: expect.any(Number),
          detail: expect.stringMatching(/^XA COMMIT X'6561726c79',X'',1: prepared before what was read/),
        },
      ]);
      expect(header.account.undecoded[0]!.position).toBeGreaterThan(start.position);
      expect(header.account.undecoded[0]!.position).toBeLessThan(end.position);
    }
    expect((await pair.replay({ apply: true })).applied.length).toBe(1);
    expect(await pair.restored.query(account)).toEqual([{ id: 2, cents: 200 }]);
  });

  test('read from where it was prepared, it is whole', async () => {
    const [log] = await pair.failed.query('SHOW BINARY LOGS');
    const { header } = await pair.diff({ startPosition: `${log!.Log_name}:4` });
    expect(header.account.undecoded).toEqual([]);
    expect(header.transactions).toMatchObject({ missing: 1, conflict: 0, unsupported: 0 });
  });
});

describe.each(MODES)('%s: XA on the restored primary', (_, options) => {
  let pair: FailoverPair;

  beforeAll(async () => {
    pair = await FailoverPair.start(options);
    await pair.begin(
      'CREATE DATABASE x; CREATE TABLE x.account (id INT PRIMARY KEY, cents INT) ENGINE=InnoDB; INSERT INTO x.account VALUES (1, 100), (2, 200)',
    );
    await pair.onFailed(
      'UPDATE x.account SET cents = 111 WHERE id = 1',
      'UPDATE x.account SET cents = 222 WHERE id = 2',
    );
    await pair.restored.query(
      "XA START 'here'; UPDATE x.account SET cents = 1 WHERE id = 1; XA END 'here'; XA PREPARE 'here'; XA COMMIT 'here'",
    );
  });
  afterAll(() => pair?.remove());

  test('a conflict names the XA COMMIT as what changed the row', async () => {
    await pair.diff();
    const { transactions } = await loadPlan(pair.plan);
    expect(transactions.map(({ planned }) => planned.state)).toEqual(['conflict', 'missing']);
    const events = await pair.restored.query("SHOW BINLOG EVENTS IN 'binlog.000001'");
    const opening = events[events.findIndex(({ Info }) => String(Info).startsWith('XA COMMIT')) - 1]!;
    const { transaction } = transactions[0]!.planned.conflicts![0]!.changedBy![0]!;
    if (options.gtid === false) expect(transaction).toBe(`binlog.000001:${opening.Pos}`);
    else expect(String(opening.Info)).toContain(transaction);
  });
});

describe('what XA keeps locked on the restored primary', () => {
  let pair: FailoverPair;

  beforeAll(async () => {
    pair = await FailoverPair.start({ flavor: 'mysql' });
    await pair.begin(
      'CREATE DATABASE x; CREATE TABLE x.account (id INT PRIMARY KEY, cents INT) ENGINE=InnoDB; INSERT INTO x.account VALUES (1, 100)',
    );
    await pair.onFailed('UPDATE x.account SET cents = 111 WHERE id = 1');
    const session = await connectTo(pair.restored);
    await session.query(
      "XA START 'stuck'; UPDATE x.account SET cents = 1 WHERE id = 1; XA END 'stuck'; XA PREPARE 'stuck'",
    );
    await session.end();
  });
  afterAll(() => pair?.remove());

  test('stops the replay with a word on where to look; once decided, it goes on', async () => {
    await pair.diff();
    await expect(pair.replay({ apply: true })).rejects.toMatchObject({
      message: expect.stringContaining('its rows stayed locked by other sessions'),
      hint: expect.stringContaining('XA RECOVER'),
    });
    await pair.restored.query("XA ROLLBACK 'stuck'");
    expect((await pair.replay({ apply: true })).applied.length).toBe(1);
    expect(await pair.restored.query(account)).toEqual([{ id: 1, cents: 111 }]);
  });
});

describe('JSON differences', () => {
  const document =
    "JSON_OBJECT('list', JSON_ARRAY(1, 2, 3), 'text', REPEAT('x', 500), 'price', 12.50, 'at', TIME'10:11:12')";
  const rows = 'SELECT id, CAST(doc AS CHAR) AS doc, JSON_TYPE(doc->"$.price") AS type FROM d.t ORDER BY id';
  let pair: FailoverPair;

  beforeAll(async () => {
    pair = await FailoverPair.start({ flavor: 'mysql' });
    await pair.begin(
      `CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY, doc JSON); INSERT INTO d.t VALUES (1, ${document}), (2, ${document})`,
    );
  });
  afterAll(() => pair?.remove());

  test('are replayed and undone to the same values', async () => {
    const before = await pair.restored.query(rows);
    await pair.failed.query(
      `SET binlog_row_value_options = PARTIAL_JSON;
       UPDATE d.t SET doc = JSON_SET(doc, '$.list[1]', -0e0, '$.new', x'00ff');
       UPDATE d.t SET doc = JSON_REMOVE(JSON_REPLACE(doc, '$.price', 0.5e0), '$.list[0]') WHERE id = 1`,
    );
    const wanted = await pair.failed.query(rows);
    expect(wanted).not.toEqual(before);
    const { header } = await pair.diff();
    expect(header.account.events.PARTIAL_UPDATE_ROWS).toBe(2);
    expect(header.transactions).toMatchObject({ missing: 2, unsupported: 0 });
    const undo = join(pair.folder, 'undo.jsonl');
    await pair.replay({ apply: true, undo });
    expect(await pair.restored.query(rows)).toEqual(wanted);
    expect(await pair.verify()).toMatchObject({ wrong: 0 });
    await pair.undo(undo, { apply: true });
    expect(await pair.restored.query(rows)).toEqual(before);
  });
});

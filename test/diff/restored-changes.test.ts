// Who wrote a row on the restored primary, told by its own log: against real servers of both flavours.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Transaction } from '../../src/binlog/transaction.ts';
import { RestoredChanges } from '../../src/diff/restored-changes.ts';
import { matchTable, type WindowTable } from '../../src/diff/window-table.ts';
import { isReplay } from '../../src/replay/is-replay.ts';
import { readCharsets } from '../../src/server/charsets.ts';
import type { Server } from '../../src/server/connection.ts';
import { type Coordinates, readCoordinates } from '../../src/server/coordinates.ts';
import { RowReader } from '../../src/server/row-reader.ts';
import { readRestoredLog } from '../../src/window/restored-log.ts';
import { connectRestored } from '../connect-restored.ts';
import { type SandboxServer, startServer, stopAll } from '../sandbox/index.ts';

afterAll(stopAll);

describe.each(['mysql', 'mariadb'] as const)('%s', (flavor) => {
  let server: SandboxServer;
  let restored: Server;
  let failover: Coordinates;
  let charsetOf: (id: number) => string | undefined;
  let reads = 0;

  beforeAll(async () => {
    const gtid = ['--gtid-mode=ON', '--enforce-gtid-consistency=ON'];
    server = await startServer({ name: 'a', flavor, serverId: 1, args: flavor === 'mysql' ? gtid : [] });
    restored = await connectRestored(server);
    charsetOf = await readCharsets(restored);
  });
  afterAll(() => restored?.close());

  /** `sql` after the failover; each statement is a transaction. */
  async function wrote(schema: string, before: string, sql: string): Promise<void> {
    await server.query(
      `DROP DATABASE IF EXISTS ${schema}; CREATE DATABASE ${schema}; USE ${schema}; ${before}`,
    );
    failover = await readCoordinates(restored);
    await server.query(`SET binlog_row_image=FULL; USE ${schema}; ${sql}`);
  }
  function changes(): RestoredChanges {
    const read = (): AsyncIterable<Transaction> => {
      reads += 1;
      return readRestoredLog(restored, failover);
    };
    const log = { read, isReplay: (one: Transaction) => isReplay(one, new Set(), 'reconcile') };
    return new RestoredChanges(log, new RowReader(restored), charsetOf);
  }
  /** The table as the window would name it: by the first rows event of its own. */
  async function table(schema: string, name: string): Promise<WindowTable> {
    const definitions = await new RowReader(restored).definitions([{ schema, table: name }]);
    for await (const { changes: rows } of readRestoredLog(restored, failover)) {
      for (const { table: map } of rows) {
        if (map.table !== name) continue;
        const found = matchTable(map, definitions.get(`${schema}.${name}`), charsetOf);
        if (found.kind === 'table') return found.table;
        throw new Error(found.why);
      }
    }
    throw new Error(`no rows of ${name} in the log`);
  }

  test('names the transactions that wrote a row, last first, by the key as its collation sees it', async () => {
    await wrote(
      'who',
      `CREATE TABLE t (code VARCHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci, n INT, PRIMARY KEY (code, n));
       CREATE TABLE other (id INT PRIMARY KEY); INSERT INTO t VALUES ('gone', 1), ('Ann', 1), ('still', 1)`,
      `UPDATE t SET code='ANN' WHERE code='ann'; INSERT INTO other VALUES (1); DELETE FROM t WHERE code='gone';
       INSERT INTO t VALUES ('new ', 7); UPDATE t SET n=2 WHERE code='Ann'`,
    );
    const t = await table('who', 't');
    const all = changes();
    for (const key of [
      ['ann', '1'],
      ['aNN', '2'],
      ['GONE', '1'],
      ['New', '7'],
      ['still', '1'],
      ['never', '1'],
    ]) {
      all.wantRow(t, key);
    }
    reads = 0;
    await all.settle();
    const ops = (...key: string[]) => all.touched(t, key).map(({ op }) => op);
    expect(ops('ann', '1')).toEqual(['update', 'update']);
    expect(ops('aNN', '2')).toEqual(['update']);
    expect(ops('GONE', '1')).toEqual(['delete']);
    expect(ops('New', '7')).toEqual(['insert']);
    expect(ops('still', '1')).toEqual([]);
    expect(ops('never', '1')).toEqual([]);
    expect(all.blind(t)).toBe(null);
    const [last, first] = all.touched(t, ['ann', '1']);
    expect(last!.transaction).toBe(all.touched(t, ['aNN', '2'])[0]!.transaction);
    expect(first!.transaction).not.toBe(last!.transaction);
    expect(Math.abs(last!.committedAt / 1e6 - Date.now() / 1000)).toBeLessThan(60);
    await all.settle();
    expect(reads, 'what was answered is not read again').toBe(1);
  });

  test('reads nothing where nothing is asked', async () => {
    await wrote('idle', 'CREATE TABLE t (id INT PRIMARY KEY)', 'INSERT INTO t VALUES (1)');
    reads = 0;
    await changes().settle();
    expect(reads).toBe(0);
  });

  test('a row event that holds the key only (MINIMAL) names its row', async () => {
    await wrote(
      'minimal',
      'CREATE TABLE t (id INT PRIMARY KEY, a INT, b VARCHAR(9)); INSERT INTO t VALUES (1,1,1),(2,2,2),(3,3,3)',
      `SET binlog_row_image=MINIMAL; UPDATE t SET a=5 WHERE id=1; DELETE FROM t WHERE id=2; UPDATE t SET id=4 WHERE id=3`,
    );
    const t = await table('minimal', 't');
    const all = changes();
    for (const key of ['1', '2', '3', '4', '5']) all.wantRow(t, [key]);
    await all.settle();
    const found = ['1', '2', '3', '4', '5'].map((key) => all.touched(t, [key]).map(({ op }) => op));
    expect(found).toEqual([['update'], ['delete'], ['update'], ['update'], []]);
    expect(all.blind(t)).toBe(null);

    const contents = all.watch(t, [1, 2], 'exact');
    contents.want(['1', '1']);
    await all.settle();
    expect(all.blind(t), 'whole rows need whole images').toMatch(/only some of the columns/);
  });

  test('a replay is nobody’s own change; a TRUNCATE is everybody’s; an index added is nobody’s', async () => {
    await wrote(
      'ours',
      `CREATE TABLE t (id INT PRIMARY KEY, a INT); INSERT INTO t VALUES (1,1),(2,2);
       CREATE TABLE u (id INT PRIMARY KEY); CREATE DATABASE IF NOT EXISTS reconcile;
       DROP TABLE IF EXISTS reconcile.journal; CREATE TABLE reconcile.journal (id INT)`,
      `BEGIN; UPDATE t SET a=7 WHERE id=1; INSERT INTO reconcile.journal VALUES (1); COMMIT;
       INSERT INTO u VALUES (1); ALTER TABLE t ADD INDEX (a); UPDATE t SET a=8 WHERE id=2; TRUNCATE u`,
    );
    const t = await table('ours', 't');
    const u = await table('ours', 'u');
    const all = changes();
    all.wantRow(t, ['1']);
    all.wantRow(t, ['2']);
    all.wantRow(u, ['1']);
    await all.settle();
    expect(all.touched(t, ['1'])).toEqual([]);
    expect(all.watchRows(t).of(['1'])).toMatchObject({ count: 0, net: 0, replayed: 0 });
    expect(all.touched(t, ['2']).map(({ op }) => op)).toEqual(['update']);
    expect(all.touched(u, ['1']).map(({ op }) => op)).toEqual(['statement', 'insert']);
  });

  test('counts whole rows: inserts less deletes, an update from one content to another', async () => {
    await wrote(
      'net',
      'CREATE TABLE t (id INT PRIMARY KEY, a INT, b VARCHAR(9)); INSERT INTO t VALUES (1,1,NULL),(2,1,NULL)',
      `INSERT INTO t VALUES (3,1,NULL); DELETE FROM t WHERE id<3; UPDATE t SET b='x'; INSERT INTO t VALUES (4,1,'X')`,
    );
    const t = await table('net', 't');
    const all = changes();
    const contents = all.watch(t, [1, 2], 'exact');
    for (const row of [
      ['1', null],
      ['1', 'x'],
      ['1', 'X'],
      ['2', null],
    ])
      contents.want(row);
    await all.settle();
    const net = [
      ['1', null],
      ['1', 'x'],
      ['1', 'X'],
      ['2', null],
    ].map((row) => contents.of(row).net);
    expect([...net, all.blind(t)]).toEqual([-2, 1, 1, 0, null]);
    const [seen] = contents.of(['1', 'X']).last;
    expect(seen).toMatchObject({ op: 'insert', side: 'after', key: ['4'] });
  });

  test('a table that was another one then, and a log that is gone, are said', async () => {
    await wrote('altered', 'CREATE TABLE t (id INT PRIMARY KEY, a INT)', 'INSERT INTO t VALUES (1,1)');
    const before = failover;
    await server.query('ALTER TABLE altered.t ADD b INT');
    failover = await readCoordinates(restored);
    await server.query('INSERT INTO altered.t VALUES (2,2,2)');
    const t = await table('altered', 't');
    failover = before;
    const all = changes();
    all.wantRow(t, ['1']);
    await all.settle();
    expect(all.blind(t)).toMatch(/shows another table .*2 columns in the log and 3/);
    expect(all.touched(t, ['1']).map(({ op }) => op)).toEqual(['statement']);

    failover = { ...before, file: 'binlog.999999' };
    const gone = changes();
    gone.wantRow(t, ['1']);
    await gone.settle();
    expect(gone.blind(t)).toMatch(/can’t be read \(binlog\.999999 was purged/);
    expect(gone.touched(t, ['1'])).toEqual([]);
  });
});

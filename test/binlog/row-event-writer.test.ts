// What the log says, applied by BINLOG statements, gives the same rows on a real server; and comes back the same when
// our own events are read again.
import type { Connection } from 'mysql2/promise';
import { afterAll, describe, expect, it } from 'vitest';
import * as T from '../../src/binlog/column-type.ts';
import { openFileSource } from '../../src/binlog/file-source.ts';
import { formatDescriptionEvent, rowEvents } from '../../src/binlog/row-event-writer.ts';
import { valueEnd } from '../../src/binlog/row-image.ts';
import type { TableMap } from '../../src/binlog/table-map.ts';
import type { Change, RowImage, Transaction } from '../../src/binlog/transaction.ts';
import { encodeRow } from '../../src/binlog/value-encoder.ts';
import { type SandboxServer, type ServerOptions, startServer } from '../sandbox/index.ts';
import { connectTo, endOf, servers, transactionsOf, valuesOf } from './reading.ts';
import { seeded, testColumns } from './value-columns.ts';

describe.each(servers)('$name', ({ flavor, version, args }) => {
  let server: SandboxServer | undefined;
  let other: SandboxServer | undefined;
  afterAll(async () => {
    await server?.remove();
    await other?.remove();
  });

  it('applies inserts, updates and deletes of all types', async () => {
    const options = {
      name: `writer-${version}`,
      flavor,
      version,
      serverId: 41,
      args: [
        ...args,
        '--sql-mode=ALLOW_INVALID_DATES',
        '--max-allowed-packet=64M',
        ...(flavor === 'mysql' || version !== '10.11' ? ['--binlog-row-metadata=FULL'] : []),
      ],
    } satisfies ServerOptions;
    server = await startServer(options);
    const columns = testColumns(flavor, version !== '10.11').filter(({ ddl }) => ddl !== 'GEOMETRY');
    const connection = await connectTo(server, { rowsAsArray: true });
    try {
      await connection.query(
        "CREATE DATABASE w; USE w; SET NAMES utf8mb4; SET sql_mode = 'ALLOW_INVALID_DATES'",
      );
      const list = columns.map(({ name, ddl }) => `${name} ${ddl}${/NULL$/.test(ddl) ? '' : ' NULL'}`);
      const table = `CREATE TABLE t (id INT PRIMARY KEY, ${list.join(', ')}, made INT AS (id * 2) STORED) ROW_FORMAT=DYNAMIC`;
      const plainTables = 'CREATE TABLE nokey (a INT, b VARCHAR(20)); CREATE TABLE log (what VARCHAR(20))';
      const trigger = "CREATE TRIGGER tr AFTER INSERT ON nokey FOR EACH ROW INSERT INTO log VALUES ('fired')";
      for (const ddl of [table, plainTables, trigger]) await connection.query(ddl);
      const start = await endOf(server);
      const random = seeded(7);
      for (let at = 0; at < 100; at += 20) {
        const rows = Array.from(
          { length: 20 },
          (_, i) =>
            `(${at + i}, ${columns.map((c) => (random() < 0.1 ? 'NULL' : c.literal(random))).join(', ')})`,
        );
        await connection.query(
          `INSERT IGNORE INTO t (id, ${columns.map(({ name }) => name).join(', ')}) VALUES ${rows.join(', ')}`,
        );
      }
      await connection.query(
        'UPDATE t SET c3 = 77, c22 = NULL WHERE id % 3 = 0; DELETE FROM t WHERE id % 7 = 0; UPDATE t SET id = id + 1000 WHERE id = 8',
      );
      await connection.query(
        'SET binlog_row_image = MINIMAL; UPDATE t SET c3 = 5 WHERE id = 10; DELETE FROM t WHERE id = 11; SET binlog_row_image = FULL',
      );
      await connection.query(
        "INSERT INTO nokey VALUES (1, 'x'), (1, 'x'), (2, NULL); DELETE FROM nokey WHERE a = 1 LIMIT 1",
      );
      const stop = await endOf(server);
      const wanted = await contents();

      const source = await openFileSource({
        paths: [await server.binlogDirectory()],
        start: { kind: 'position', ...start },
        stop,
      });
      const { transactions } = await transactionsOf(source);
      await connection.query(
        'SET sql_log_bin = 0; DELETE FROM t; DELETE FROM nokey; DELETE FROM log; SET sql_log_bin = 1',
      );
      await applyAll(connection, transactions);
      expectSame(await contents(), wanted);

      // On another server, of rows encoded from their texts.
      other = await startServer({ ...options, name: `encoded-${version}`, serverId: 42 });
      const second = await connectTo(other, { rowsAsArray: true });
      await second.query("CREATE DATABASE w; USE w; SET sql_mode = 'ALLOW_INVALID_DATES'");
      for (const ddl of [table, plainTables, trigger]) await second.query(ddl);
      await applyAll(second, transactions.map(encodedAgain));
      expectSame(await contents(second), wanted);
      second.destroy();

      // Rolled back: nothing is left, and the session can go on.
      await connection.query('BEGIN');
      for (const statement of statementsOf(transactions.at(-1)!, 100)) await connection.query(statement);
      await connection.query('ROLLBACK');
      expect((await contents()).length).toBe(wanted.length);
      await connection.query('BEGIN');
      await expect(connection.query(statementsOf(transactions[0]!, 1_000_000)[0]!)).rejects.toThrow(
        /Duplicate entry/,
      );
      await connection.query('ROLLBACK');
    } finally {
      connection.destroy();
    }

    async function contents(of = connection): Promise<string[]> {
      const hex = columns.map(({ name }) => `HEX(${name})`).join(', ');
      const [t] = await of.query(`SELECT id, made, ${hex} FROM t ORDER BY id`);
      const [nokey] = await of.query('SELECT a, b FROM nokey ORDER BY a');
      const [log] = await of.query('SELECT COUNT(*) FROM log');
      return [...(t as unknown[]), ...(nokey as unknown[]), log].map((row) => JSON.stringify(row));
    }

    async function applyAll(to: Connection, transactions: readonly Transaction[]): Promise<void> {
      await to.query(`BINLOG '${formatDescriptionEvent(flavor, server!.version).toString('base64')}'`);
      if (flavor === 'mysql') await to.query("SET gtid_next = 'AUTOMATIC'");
      for (const transaction of transactions) {
        await to.query('BEGIN');
        for (const statement of statementsOf(transaction, 4000)) await to.query(statement);
        await to.query('COMMIT');
      }
    }

    function statementsOf(transaction: Transaction, maxBytes: number): string[] {
      let tableId = 900;
      return runsOfOneTable(transaction.changes).map((changes) => {
        tableId += 1;
        const events = rowEvents({
          flavor,
          table: changes[0]!.table,
          tableId,
          changes,
          maxBytes,
          flagsMask: 0,
        });
        return `BINLOG '${events.map((event) => event.toString('base64')).join('\n')}'`;
      });
    }
  });
});

function expectSame(found: readonly string[], wanted: readonly string[]): void {
  expect(found.length).toBe(wanted.length);
  for (const [i, row] of found.entries())
    expect(row === wanted[i] || `differs: ${row.slice(0, 300)} ${wanted[i]!.slice(0, 300)}`).toBe(true);
}

/** The same transaction with every value but JSON's decoded to its text and encoded again. */
function encodedAgain(transaction: Transaction): Transaction {
  const again = (image: RowImage | null, table: TableMap): RowImage | null => {
    if (image === null) return null;
    const columns = table.columns.map(({ type, meta, unsigned, collation }) => ({
      type,
      meta,
      unsigned: unsigned ?? false,
      binary: collation === 63,
    }));
    const values = valuesOf(image, columns).map((value, i) =>
      typeof value === 'string' && columns[i]!.type === T.JSON_TYPE
        ? image.bytes.subarray(image.offsets[i]!, valueEnd(image, i))
        : value,
    );
    return encodeRow(columns, values);
  };
  const changes = transaction.changes.map(({ kind, table, flags, place, before, after }) => {
    return { kind, table, flags, place, before: again(before, table), after: again(after, table) };
  });
  return { ...transaction, changes };
}

function runsOfOneTable(changes: readonly Change[]): Change[][] {
  const runs: Change[][] = [];
  for (const change of changes) {
    const run = runs.at(-1);
    if (run !== undefined && run[0]!.table === change.table) run.push(change);
    else runs.push([change]);
  }
  return runs;
}

describe('events', () => {
  const folder = `${import.meta.dirname}/fixtures/mysql-9.7`;

  it('keep the order, end the statement once, and split at the limit', async () => {
    const { transactions } = await transactionsOf(
      await openFileSource({ paths: [folder], start: { kind: 'beginning' } }),
    );
    const changes = transactions
      .flatMap((transaction) => transaction.changes)
      .filter(({ table }) => table.table === 'orders');
    const events = rowEvents({
      flavor: 'mysql',
      table: changes[0]!.table,
      tableId: 0x1234567890,
      changes,
      maxBytes: 60,
    });
    expect(events[0]![4]).toBe(19);
    expect(events[0]!.readUIntLE(19, 6)).toBe(0x1234567890);
    const flags = events.slice(1).map((event) => event.readUInt16LE(25));
    expect(flags.map((flag) => flag & 1)).toEqual([...flags.slice(1).map(() => 0), 1]);
    // MySQL 9.6 marks its row events with 0x10.
    expect(flags.every((flag) => (flag & 0x10) !== 0)).toBe(true);
    for (const event of events) expect(event.readUInt32LE(9)).toBe(event.length);
    expect(
      rowEvents({ flavor: 'mysql', table: changes[0]!.table, tableId: 1, changes: [], maxBytes: 60 }),
    ).toEqual([]);
    expect(
      valuesOf(
        changes[0]!.after!,
        changes[0]!.table.columns.map(({ type, meta }) => ({ type, meta, unsigned: false, binary: false })),
      )[1],
    ).toBe('one');
  });
});

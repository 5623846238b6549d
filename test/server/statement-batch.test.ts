// Several statements in one packet, on real servers: each answer as it was sent, and how far the server came.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RawConnection, Server } from '../../src/server/connection.ts';
import type { RowSet } from '../../src/server/row-set.ts';
import { type Answer, affectedRows, sendBatch } from '../../src/server/statement-batch.ts';
import { connectRestored } from '../connect-restored.ts';
import { type SandboxServer, startServer } from '../sandbox/index.ts';

const rowsOf = (answer: Answer | undefined): (Buffer | null)[][] =>
  Array.from(answer as RowSet, (row) =>
    row.texts().map((text) => (text === null ? null : Buffer.from(text, 'latin1'))),
  );

describe.each([
  ['MySQL', { flavor: 'mysql' as const }],
  ['MariaDB', { flavor: 'mariadb' as const }],
])('%s', (flavor, options) => {
  let sandbox: SandboxServer;
  let server: Server;
  let connection: RawConnection;

  beforeAll(async () => {
    sandbox = await startServer({ name: 'batch', serverId: 1, ...options });
    server = await connectRestored(sandbox);
    connection = await server.open({ multipleStatements: true });
    await connection.query('CREATE DATABASE b');
    await connection.query('CREATE TABLE b.t (id INT PRIMARY KEY, v LONGBLOB) ENGINE=InnoDB');
  });
  afterAll(async () => {
    await server?.close();
    await sandbox?.remove();
  });

  const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

  test('rows are the bytes that were sent: NULL, empty, short, and of any length', async () => {
    const lengths = [0, 1, 250, 251, 252, 65_535, 65_536, 300_000, 17_000_000];
    await connection.query('SET GLOBAL max_allowed_packet=67108864').catch(() => {});
    const wide = await server.open({ multipleStatements: true });
    const { answers, fault } = await sendBatch(wide, [
      `SELECT NULL, '', 'a', X'00FF', ${lengths.map((length) => `REPEAT('x', ${length})`).join(', ')}`,
      'SELECT 1 FROM b.t WHERE id<0',
      "SELECT 'one' UNION ALL SELECT NULL UNION ALL SELECT 'three'",
    ]);
    expect(fault).toBeNull();
    const [wideRows, none, three] = answers.map(rowsOf);
    const [first] = wideRows!;
    expect(first!.slice(0, 4)).toEqual([null, bytes(''), bytes('a'), Buffer.from([0, 255])]);
    const long = first!.slice(4);
    expect(long.map((value) => value!.length)).toEqual(lengths);
    expect(long.every((value) => value!.every((byte) => byte === 120))).toBe(true);
    expect(none).toEqual([]);
    expect(three).toEqual([[bytes('one')], [null], [bytes('three')]]);
  });

  test('what a statement did is told, whatever its size', async () => {
    const values = Array.from({ length: 300 }, (_, i) => `(${i},'v')`).join();
    const { answers, fault } = await sendBatch(connection, [
      'SET @a=1',
      `INSERT INTO b.t VALUES ${values}`,
      'DELETE FROM b.t WHERE id=5',
      'SELECT COUNT(*) FROM b.t',
    ]);
    expect(fault).toBeNull();
    const [set, insert, removed, count] = answers;
    expect([set, insert, removed].map((answer) => affectedRows(answer!))).toEqual([0, 300, 1]);
    expect(rowsOf(count)).toEqual([[bytes('299')]]);
  });

  test('a failing statement: whether the first was carried out, and nothing behind it', async () => {
    let first = 0;
    const late = await sendBatch(connection, ['SET @b=1', 'SELECT nothing', 'SET @b=2'], () => {
      first += 1;
    });
    expect(late).toMatchObject({ answers: [], firstDone: true, fault: { errno: 1054 } });
    expect(first).toBe(1);
    const early = await sendBatch(connection, ['SELECT nothing', 'SET @b=3'], () => {
      first += 1;
    });
    expect(early).toMatchObject({ answers: [], firstDone: false, fault: { errno: 1054 } });
    expect(first).toBe(1);
    expect((await sendBatch(connection, ['SELECT @b'])).answers.map(rowsOf)).toEqual([[[bytes('1')]]]);
  });

  test('an answer that is not announced is a fault: it is never taken for the next one’s', async ({
    skip,
  }) => {
    if (flavor !== 'MySQL') skip('MariaDB announces it');
    const other = await server.open({ multipleStatements: true });
    // MySQL forgets to say that something follows behind BINLOG.
    const empty = Buffer.alloc(0).toString('base64');
    const { fault } = await sendBatch(other, ['SELECT 1', `BINLOG '${empty}'`, 'SELECT 2']);
    expect(fault).toBeInstanceOf(Error);
    other.destroy();
  });

  test('a connection that is cut, or was, is a fault', async () => {
    const cut = await server.open({ multipleStatements: true });
    const running = sendBatch(cut, ['SET @c=1', 'SELECT SLEEP(20)']);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await server.query(`KILL ${cut.threadId}`);
    expect(await running).toMatchObject({ answers: [], fault: expect.any(Error) });
    expect(await sendBatch(cut, ['SELECT 1'])).toMatchObject({
      answers: [],
      firstDone: false,
      fault: expect.any(Error),
    });
  });
});

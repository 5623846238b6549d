// Compressed transactions too large to be held whole: read bit by bit, they hold what they hold uncompressed; damage in
// them is told as it is in others.
import { mkdtemp, open, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, crc32, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFileSource } from '../../src/binlog/file-source.ts';
import { openLiveSource } from '../../src/binlog/live-source.ts';
import type { Transaction } from '../../src/binlog/transaction.ts';
import { type SandboxServer, startServer } from '../sandbox/index.ts';
import { type BuiltEvent, builtSource, gtid, query, tableMap, writeRow, xid } from './event-builder.ts';
import { connectTo, endOf, logsOf, transactionsOf } from './reading.ts';
import { seeded } from './value-columns.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reconcile-payload-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const random = seeded(11);
/** Rows that do not compress: what is stored is about as long as what comes out. */
const ROWS = Array.from({ length: 60_000 }, () => Math.floor(random() * 2 ** 31));

async function inner(events: BuiltEvent[]): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const batch of builtSource([{ file: 'inner', events }]).batches()) {
    for (const { bytes, position } of batch) {
      if (position === 4) continue;
      // Inside a payload events have no checksum.
      const cut = Buffer.from(bytes.subarray(0, -4));
      cut.writeUInt32LE(cut.length, 9);
      parts.push(cut);
    }
  }
  return Buffer.concat(parts);
}

function payload(events: Buffer, compressed: boolean, stated = events.length): BuiltEvent {
  const level = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };
  const body = compressed ? zstdCompressSync(events, level) : events;
  const number = (value: number): Buffer => {
    const bytes = Buffer.alloc(9);
    bytes[0] = 254;
    bytes.writeBigUInt64LE(BigInt(value), 1);
    return bytes;
  };
  const field = (type: number, value: number): Buffer =>
    Buffer.concat([Buffer.from([type, 9]), number(value)]);
  const kind = compressed ? Buffer.from([2, 1, 0]) : Buffer.from([2, 3, 252, 255, 0]);
  const fields = [field(1, body.length), kind, field(3, stated), Buffer.from([0])];
  return { type: 40, body: Buffer.concat([...fields, body]) };
}

async function logFile(name: string, events: BuiltEvent[]): Promise<string> {
  const path = join(folder, name);
  const parts: Buffer[] = [Buffer.from('fe62696e', 'hex')];
  for await (const batch of builtSource([{ file: name, events }]).batches())
    for (const { bytes } of batch) parts.push(bytes);
  await writeFile(path, Buffer.concat(parts));
  return path;
}

const read = async (path: string, partBytes?: number) =>
  transactionsOf(
    await openFileSource({ paths: [path], start: { kind: 'beginning' } }),
    partBytes === undefined ? {} : { partBytes },
  );

const rowsIn = (transactions: Transaction[]): number[] =>
  transactions.flatMap(({ changes }) => changes.map(({ after }) => after!.bytes.readInt32LE(0)));

const small = (number: number, value: number): BuiltEvent[] => [
  gtid(number),
  query('BEGIN'),
  tableMap(),
  writeRow(value),
  xid,
];

describe.each([true, false])('compressed: %s', (compressed) => {
  let path: string;
  let events: Buffer;
  beforeAll(async () => {
    const rows = ROWS.map((value, i) => writeRow(value, { flags: i === ROWS.length - 1 ? 1 : 0 }));
    events = await inner([query('BEGIN'), tableMap(), ...rows, xid]);
    path = await logFile(`binlog.00000${compressed ? 1 : 2}`, [
      ...small(1, -1),
      gtid(2),
      payload(events, compressed),
      ...small(3, -2),
    ]);
  });

  it('is read whole and in parts, and the account closes', async () => {
    const whole = await read(path);
    expect(rowsIn(whole.transactions)).toEqual([-1, ...ROWS, -2]);
    expect(whole.transactions.length).toBe(3);
    expect(whole.account.closes()).toBe(true);
    expect(whole.account.compressedEvents).toMatchObject({ WRITE_ROWS: ROWS.length, XID: 1 });
    const parts = await read(path, 100_000);
    expect(parts.transactions.filter(({ part }) => part).length).toBeGreaterThan(20);
    expect(rowsIn(parts.transactions)).toEqual([-1, ...ROWS, -2]);
    expect(JSON.stringify(parts.account)).toBe(JSON.stringify(whole.account));
    const [, large] = whole.transactions;
    expect(parts.transactions.filter(({ part }) => !part)[1]).toMatchObject({
      gtid: large!.gtid,
      bytes: large!.bytes,
      end: large!.end,
    });
    expect(large!.bytes).toBe(large!.end.position - large!.start.position);
  });

  it('from a compressed copy too', async () => {
    const copy = `${path}.gz`;
    await writeFile(copy, gzipSync(await readFile(path), { level: 1 }));
    expect(rowsIn((await read(copy)).transactions)).toEqual([-1, ...ROWS, -2]);
  });

  it('torn at its end is a torn tail, damaged in the middle is damage', async () => {
    const { transactions } = await read(path);
    const { start, end } = transactions[1]!;
    const copy = join(folder, 'binlog.000009');
    await writeFile(copy, await readFile(path));
    const handle = await open(copy, 'r+');
    const middle = (start.position + end.position) >> 1;
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, middle);
    await handle.write(Buffer.from([buffer[0]! ^ 1]), 0, 1, middle);
    await handle.close();
    await expect(read(copy)).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringMatching(/^binlog\.000009 position \d+: the checksum does not match, but whole/),
    });
    for (const size of [middle, end.position - 1]) {
      await writeFile(copy, await readFile(path));
      await truncate(copy, size);
      const { transactions: found, account } = await read(copy, 100_000);
      expect(rowsIn(found)).toEqual([-1]);
      expect(account.tornTail).toMatchObject({
        position: start.position,
        bytes: size - start.position,
      });
      expect(account.closes()).toBe(true);
    }
    // Damage in the last transaction of a log that was not closed: it was never committed.
    await truncate(copy, middle);
    await writeFile(copy, (await readFile(path)).subarray(0, end.position));
    const last = await open(copy, 'r+');
    await last.write(Buffer.from([buffer[0]! ^ 1]), 0, 1, middle);
    await last.close();
    expect((await read(copy)).account.tornTail).toMatchObject({
      reason: expect.stringContaining('the checksum does not match'),
    });
  });

  it('never believes a length beyond what is there', async () => {
    const broken = Buffer.from(events);
    broken.writeUInt32LE(0x3fffffff, 9);
    const bad = async (event: BuiltEvent) => read(await logFile('binlog.000008', [gtid(2), event]));
    await expect(bad(payload(broken, compressed))).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringMatching(/^binlog\.000008 position \d+: an event of 1073741823 bytes inside/),
    });
    if (!compressed) return;
    for (const stated of [events.length - 1, events.length + 1, 2 ** 40]) {
      await expect(bad(payload(events, true, stated))).rejects.toMatchObject({
        code: 'corrupt',
        message: expect.stringMatching(/stated|inside a transaction payload|does not decompress/),
      });
    }
    const noise = payload(events, true);
    noise.body.fill(0x55, 60);
    await expect(bad(noise)).rejects.toMatchObject({
      message: expect.stringMatching(/^binlog\.000008 position \d+: a compressed transaction that does not/),
    });
  });
});

it('is the same from MySQL, live and from files, as the same rows uncompressed', async () => {
  const server: SandboxServer = await startServer({
    name: 'payload',
    serverId: 31,
    args: ['--gtid-mode=ON'],
  });
  try {
    const connection = await connectTo(server);
    await connection.query(`CREATE DATABASE p; USE p; SET SESSION cte_max_recursion_depth=100000;
      CREATE TABLE plain (id INT PRIMARY KEY, a CHAR(128), b LONGTEXT); CREATE TABLE packed LIKE plain`);
    // Digests do not compress much: the event is some megabytes. And one row longer than a block.
    const rows = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000)
      SELECT i, SHA2(i, 512), IF(i = 17, REPEAT(SHA2('x', 512), 20000), NULL) FROM n`;
    await connection.query(`INSERT INTO plain ${rows}`);
    await connection.query(`SET binlog_transaction_compression=ON; INSERT INTO packed ${rows}`);
    connection.destroy();
    const stop = await endOf(server);
    const start = { kind: 'position', file: 'binlog.000001', position: 4 } as const;
    const { host, port, user, password } = server;
    const live = await openLiveSource({
      connection: { host, port, user, password },
      start,
      stop,
      files: await logsOf(server),
    });
    const files = await openFileSource({ paths: [await server.binlogDirectory()], start, stop });
    const [l, f] = [await transactionsOf(live), await transactionsOf(files)];
    expect(JSON.stringify(l.account)).toBe(JSON.stringify(f.account));
    expect(f.account.events.TRANSACTION_PAYLOAD).toBe(1);
    const sum = ({ changes }: Transaction): number =>
      changes.reduce((before, { after }) => crc32(after!.bytes, before), changes.length);
    for (const { transactions } of [l, f]) {
      const [plain, packed] = transactions.slice(-2);
      expect(packed!.bytes).toBeGreaterThan(1_100_000);
      expect(packed!.bytes).toBeLessThan(plain!.bytes);
      expect(plain!.changes.length).toBe(30_000);
      expect(sum(packed!)).toBe(sum(plain!));
    }
  } finally {
    await server.remove();
  }
});

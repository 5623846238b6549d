// Logs as a crash, a bad copy or a bad disk leave them: a torn tail is said and left out, damage anywhere else stops.
import { appendFile, cp, mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { binlogFileHeads } from '../../src/binlog/file-heads.ts';
import { type FileSourceOptions, openFileSource } from '../../src/binlog/file-source.ts';
import { LiveFraming } from '../../src/binlog/live-framing.ts';
import type { RawEvent } from '../../src/binlog/raw-event.ts';
import { formatDescriptionEvent } from '../../src/binlog/row-event-writer.ts';
import type { ReconcileError } from '../../src/reconcile-error.ts';
import { builtSource, gtid, query, tableMap, writeRow, xid } from './event-builder.ts';
import { failure, transactionsOf } from './reading.ts';

const made: string[] = [];
afterEach(async () => {
  for (const folder of made.splice(0)) await rm(folder, { recursive: true });
});

async function copyOf(fixture: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'reconcile-binlog-'));
  made.push(folder);
  await cp(join(import.meta.dirname, 'fixtures', fixture), folder, { recursive: true });
  return folder;
}

async function read(paths: string[], more: Partial<FileSourceOptions> = {}) {
  return transactionsOf(await openFileSource({ paths, start: { kind: 'beginning' }, ...more }));
}

describe.each(['mysql-9.7', 'mariadb-11.8', 'mysql-9.7-anonymous'])('%s', (fixture) => {
  it('cut anywhere in its last file, gives exactly the transactions that are whole', async () => {
    const folder = await copyOf(fixture);
    const last = join(folder, 'binlog.000003');
    const whole = await readFile(last);
    const { transactions } = await read([folder]);
    const inLast = transactions.filter(({ start }) => start.file === 'binlog.000003');
    for (let size = whole.length - 1; size >= 4; size--) {
      await truncate(last, size);
      const { transactions: found, account } = await read([last]);
      const expected = inLast.filter(({ end }) => end.position <= size);
      expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
      expect(account.closes()).toBe(true);
      expect(account.tornTails.length).toBeLessThanOrEqual(1);
      const next = inLast[expected.length]?.start.position;
      if (next !== undefined && size > next) {
        expect([size, account.tornTail]).toMatchObject([size, { position: next, bytes: size - next }]);
      }
    }
  });

  it('takes zeros behind the last event for a torn tail', async () => {
    const folder = await copyOf(fixture);
    await appendFile(join(folder, 'binlog.000003'), Buffer.alloc(4096));
    const { account } = await read([folder]);
    expect(account.tornTail).toMatchObject({
      file: 'binlog.000003',
      bytes: 4096,
      reason: 'zeros stand where an event should',
    });
    expect(account.closes()).toBe(true);
  });

  it('stops at a flipped byte, naming file and position', async () => {
    const folder = await copyOf(fixture);
    for (const file of ['binlog.000001', 'binlog.000003']) {
      const path = join(folder, file);
      const whole = await readFile(path);
      const { transactions } = await read([path]);
      const last = transactions.at(-1)!;
      const step = file === 'binlog.000003' ? 3 : 97;
      for (let at = 4; at < last.start.position; at += step) {
        const damaged = Buffer.from(whole);
        damaged[at]! ^= 0x10;
        await writeFile(path, damaged);
        const error = await read([folder]).then(
          () => null,
          (thrown: unknown) => thrown,
        );
        expect([file, at, (error as ReconcileError | null)?.code]).toEqual([file, at, 'corrupt']);
        expect((error as ReconcileError).message).toContain(`${file} position `);
        const named = Number(/position (\d+)/.exec((error as ReconcileError).message)![1]);
        expect(named).toBeLessThanOrEqual(at);
      }
      await writeFile(path, whole);
    }
  });

  it('calls a flipped byte in the last event a torn tail', async () => {
    const folder = await copyOf(fixture);
    const path = join(folder, 'binlog.000003');
    const whole = await readFile(path);
    whole[whole.length - 6]! ^= 1;
    await writeFile(path, whole);
    const { account } = await read([folder]);
    expect(account.tornTail?.reason).toBe('the checksum does not match');
    expect(account.closes()).toBe(true);
  });

  it('is refused where a file in the middle is cut but was closed', async () => {
    const folder = await copyOf(fixture);
    await truncate(join(folder, 'binlog.000002'), (await readFile(join(folder, 'binlog.000002'))).length - 5);
    const error = await failure(read([folder]));
    expect(error.code).toBe('corrupt');
    expect(error.message).toMatch(/^binlog\.000002 position \d+: .*the log goes on in another file$/);
  });

  it('reads compressed copies alike', async () => {
    const folder = await copyOf(fixture);
    const plain = await read([folder]);
    await rm(join(folder, 'binlog.index'));
    for (const [file, suffix, compress] of [
      ['binlog.000001', '.gz', gzipSync],
      ['binlog.000002', '.zst', zstdCompressSync],
    ] as const) {
      await writeFile(join(folder, file + suffix), compress(await readFile(join(folder, file))));
      await rm(join(folder, file));
    }
    const packed = await read([folder]);
    expect(JSON.stringify(packed.account)).toBe(JSON.stringify(plain.account));
    expect(packed.account.closes()).toBe(true);
    const from = plain.transactions[9]!.start;
    const middle = await read([folder], { start: { kind: 'position', ...from } });
    expect(middle.transactions.map(({ id }) => id)).toEqual(plain.transactions.slice(9).map(({ id }) => id));
  });

  it('starts and stops where it is told', async () => {
    const folder = await copyOf(fixture);
    const { transactions } = await read([folder]);
    const [from, to] = [transactions[5]!, transactions.at(-3)!];
    const window = await read([folder], { start: { kind: 'position', ...from.start }, stop: to.start });
    expect(window.transactions.map(({ id }) => id)).toEqual(transactions.slice(5, -3).map(({ id }) => id));
    expect(window.account.closes()).toBe(true);
    expect(window.account.files[0]).toMatchObject({ from: from.start.position });
    expect(window.account.files.at(-1)).toMatchObject({ to: to.start.position });
  });
});

describe('refusals', () => {
  it('names a start file that is gone, and the oldest that is there', async () => {
    const folder = await copyOf('mysql-9.7');
    await rm(join(folder, 'binlog.000001'));
    const error = await failure(
      read([folder], { start: { kind: 'position', file: 'binlog.000001', position: 4 } }),
    );
    expect(error.code).toBe('purged');
    expect(error.message).toBe('binlog.000001 is not among the files (oldest is binlog.000002)');
  });

  it.each([true, false])('names a file that is missing in the middle (index: %s)', async (index) => {
    const folder = await copyOf('mysql-9.7');
    await rm(join(folder, 'binlog.000002'));
    if (!index) await rm(join(folder, 'binlog.index'));
    const error = await failure(read([folder]));
    expect(error).toMatchObject({ code: 'purged', message: 'binlog.000002 is missing between the files' });
  });

  it.each([921, 906, 50, 5])('tells coordinates inside an event from damage (%i)', async (position) => {
    const folder = await copyOf('mysql-9.7');
    const error = await failure(
      read([folder], { start: { kind: 'position', file: 'binlog.000001', position } }),
    );
    expect(error).toMatchObject({
      code: 'input',
      message: `no event starts at position ${position} of binlog.000001`,
    });
  });

  it('tells coordinates inside a transaction', async () => {
    const folder = await copyOf('mysql-9.7');
    const { transactions } = await read([folder]);
    const { position, file } = transactions[4]!.start;
    // Its GTID event is 79 bytes long, or thereabouts.
    const bytes = await readFile(join(folder, file));
    const second = position + bytes.readUInt32LE(position + 9);
    const third = second + bytes.readUInt32LE(second + 9);
    const error = await failure(read([folder], { start: { kind: 'position', file, position: third } }));
    expect(error).toMatchObject({
      code: 'input',
      message: `${file}:${third} is in the middle of a transaction`,
    });
  });

  it('tells coordinates behind the end', async () => {
    const folder = await copyOf('mysql-9.7');
    const error = await failure(
      read([folder], { start: { kind: 'position', file: 'binlog.000003', position: 99999 } }),
    );
    expect(error.code).toBe('input');
    expect(error.hint).toContain('lost the end of its log');
  });

  it('tells coordinates behind the end of a compressed copy', async () => {
    const path = join(await copyOf('mysql-9.7'), 'binlog.000003');
    const whole = await readFile(path);
    for (const packed of [gzipSync(whole), zstdCompressSync(whole)]) {
      await writeFile(path, packed);
      const start = { kind: 'position', file: 'binlog.000003', position: whole.length } as const;
      expect((await read([path], { start })).transactions).toEqual([]);
      expect(await failure(read([path], { start: { ...start, position: whole.length + 1 } }))).toMatchObject({
        code: 'input',
        message: `binlog.000003 is ${whole.length} bytes long, but the window starts at ${whole.length + 1}`,
      });
    }
  });

  it('says of nothing that it holds no transactions: the file that the window begins in is empty, or torn at its head', async () => {
    const path = join(await copyOf('mysql-9.7'), 'binlog.000003');
    const whole = await readFile(path);
    const head = 4 + whole.readUInt32LE(4 + 9);
    const zeros = Buffer.alloc(4096);
    const torn: [string, Buffer][] = [
      ['the file has no magic number', Buffer.alloc(0)],
      ['the file has no magic number', whole.subarray(0, 3)],
      ['the file has no magic number', zeros],
      ['the file has no format description', whole.subarray(0, 4)],
      ['the event is cut short', whole.subarray(0, head - 1)],
      ['zeros stand where an event should', Buffer.concat([whole.subarray(0, 4), zeros])],
    ];
    for (const [reason, bytes] of torn) {
      for (const packed of bytes.length < 4 ? [bytes] : [bytes, gzipSync(bytes)]) {
        await writeFile(path, packed);
        for (const start of [
          { kind: 'file', file: 'binlog.000003' },
          { kind: 'position', file: 'binlog.000003', position: 4 },
        ] as const) {
          const error = await failure(read([path], { start }));
          expect([reason, error]).toMatchObject([reason, { code: 'input' }]);
          expect(error.message).toMatch(
            /binlog.000003 (begins with nothing that can be read|is \d bytes long|is no binlog file)/,
          );
        }
      }
    }
    // Behind a whole file it is what a crash leaves at the turn of the log.
    await writeFile(path, zeros);
    const start = { kind: 'file', file: 'binlog.000002' } as const;
    const { account } = await read([join(path, '..')], { start });
    expect(account.tornTail).toMatchObject({ file: 'binlog.000003', bytes: 4096 });
  });

  it('says of nothing that it holds no transactions: a file between two others, of which no head came', async () => {
    const folder = await copyOf('mysql-9.7');
    const path = join(folder, 'binlog.000002');
    const whole = await readFile(path);
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(4096), whole.subarray(0, 4), whole.subarray(0, 60)]) {
      await writeFile(path, bytes);
      const error = await failure(read([folder]));
      expect([bytes.length, error]).toMatchObject([bytes.length, { code: 'corrupt' }]);
      expect(error.message).toMatch(
        /^binlog\.000002 position [04]: .*, and the log goes on in another file$/,
      );
      expect(error.hint).toMatch(/^Copy the file again/);
    }
  });

  it('does not read encrypted files', async () => {
    const folder = await copyOf('mysql-9.7');
    const path = join(folder, 'binlog.000002');
    const bytes = await readFile(path);
    bytes[0] = 0xfd;
    await writeFile(path, bytes);
    const error = await failure(read([folder]));
    expect(error).toMatchObject({ code: 'unsupported', message: `${path} is encrypted` });
  });

  it('does not read what MariaDB encrypted, wherever it begins', async () => {
    // Only the events behind START_ENCRYPTION are encrypted: magic and format description are as ever.
    const path = join(await copyOf('mariadb-11.8'), 'secret.000001');
    const start = { type: 164, body: Buffer.from([1, 1, 0, 0, 0, ...Buffer.alloc(12, 7)]) };
    const noise = { type: 0x5a, body: Buffer.alloc(300, 0xc3) };
    const parts: Buffer[] = [Buffer.from('fe62696e', 'hex')];
    const source = builtSource([{ file: 'secret.000001', flavor: 'mariadb', events: [start, noise] }]);
    for await (const batch of source.batches()) for (const { bytes } of batch) parts.push(bytes);
    await writeFile(path, Buffer.concat(parts));
    const behind = parts.slice(0, 3).reduce((sum, { length }) => sum + length, 0);
    for (const position of [4, behind, behind + 100]) {
      const error = await failure(
        read([path], { start: { kind: 'position', file: 'secret.000001', position } }),
      );
      expect([position, error]).toMatchObject([
        position,
        { code: 'unsupported', message: `${path} is encrypted`, hint: expect.stringContaining('--failed') },
      ]);
    }
    await expect((await binlogFileHeads([path]))[0]!.gtidsBefore()).rejects.toMatchObject({
      message: `${path} is encrypted`,
    });
  });

  it('does not read what MySQL wrote before 5.0, and takes it for no torn tail', async () => {
    // Its files begin with an event of type 1, in the same frame; positions meant something else.
    const path = join(await copyOf('mysql-9.7'), 'old.000001');
    const event = Buffer.alloc(19 + 56);
    event[4] = 1;
    event.writeUInt32LE(event.length, 9);
    event.writeUInt32LE(4, 13);
    event.write('4.1.24-log', 21);
    await writeFile(path, Buffer.concat([Buffer.from('fe62696e', 'hex'), event, event]));
    expect(await failure(read([path]))).toMatchObject({
      code: 'unsupported',
      message: `${path} was written by MySQL before 5.0: it has no format description`,
    });
  });

  it('does not read what is no binlog', async () => {
    const folder = await copyOf('mysql-9.7');
    expect(await failure(read([join(folder, 'binlog.index')]))).toMatchObject({ code: 'input' });
    expect(await failure(read([join(folder, 'nothing.000001')]))).toMatchObject({ code: 'input' });
    // A device, or what a shell makes of <(…).
    expect(await failure(read(['/dev/null']))).toMatchObject({
      code: 'input',
      message: '/dev/null is no file but a device or a pipe, which can be read only once',
    });
    for (const name of await readdir(folder)) await rm(join(folder, name));
    expect(await failure(read([folder]))).toMatchObject({
      code: 'input',
      message: `no binlog files in ${folder}`,
    });
  });

  it('says that a file is there twice', async () => {
    const [one, two] = [await copyOf('mysql-9.7'), await copyOf('mysql-9.7')];
    const error = await failure(read([one, join(two, 'binlog.000001')]));
    expect(error.message).toContain('binlog.000001 is there twice');
  });
});

describe('directories', () => {
  it("pass over a replica's relay logs and files that are no binlogs", async () => {
    const folder = await copyOf('mysql-9.7');
    const relay = await readFile(join(folder, 'binlog.000001'));
    relay.writeUInt16LE(relay.readUInt16LE(4 + 17) | 0x40, 4 + 17);
    await writeFile(join(folder, 'relay.000001'), relay);
    await writeFile(join(folder, 'relay.index'), './relay.000001\n');
    await writeFile(join(folder, 'notes.000001'), 'no binlog');
    await rm(join(folder, 'binlog.index'));
    const { account } = await read([folder]);
    expect(account.files.map(({ file }) => file)).toEqual([
      'binlog.000001',
      'binlog.000002',
      'binlog.000003',
    ]);
  });

  it('take files that the index does not list yet, and its order across a new name', async () => {
    const folder = await copyOf('mysql-9.7');
    await cp(join(folder, 'binlog.000001'), join(folder, 'before.000041'));
    await rm(join(folder, 'binlog.000001'));
    await writeFile(join(folder, 'binlog.index'), '/var/lib/mysql/before.000041\n./binlog.000002\n');
    const { account } = await read([folder]);
    expect(account.files.map(({ file }) => file)).toEqual([
      'before.000041',
      'binlog.000002',
      'binlog.000003',
    ]);
  });

  it('of two logs are refused', async () => {
    const folder = await copyOf('mysql-9.7');
    await cp(join(folder, 'binlog.000001'), join(folder, 'other.000001'));
    await rm(join(folder, 'binlog.index'));
    expect((await failure(read([folder]))).message).toBe(
      `${folder} holds more than one binlog: binlog, other`,
    );
  });
});

describe('files over 4 GiB, where the positions in the headers wrap', () => {
  const WRAP = 2 ** 32;
  const transaction = (number: number) => [gtid(number), query('BEGIN'), tableMap(), writeRow(number), xid];

  /** A file that is a hole up to `from`, and takes no room on disk. */
  async function sparse(from: number, numbers: number[]): Promise<{ path: string; events: RawEvent[] }> {
    const path = join(await copyOf('mysql-9.7'), 'huge.000001');
    const source = builtSource([{ file: 'huge.000001', from, events: numbers.flatMap(transaction) }]);
    const handle = await open(path, 'w');
    await handle.write(Buffer.from('fe62696e', 'hex'), 0, 4, 0);
    const events: RawEvent[] = [];
    for await (const batch of source.batches()) {
      for (const event of batch) await handle.write(event.bytes, 0, event.bytes.length, event.position);
      events.push(...batch);
    }
    await handle.close();
    return { path, events: events.filter(({ position }) => position >= from) };
  }

  it.each([
    ['behind', WRAP + 1000],
    ['across', WRAP - 450],
    ['at', WRAP],
  ])('are read %s the border', async (_, from) => {
    const { path, events } = await sparse(from, [1, 2, 3]);
    for (const i of [0, 5, 10]) {
      const { position } = events[i]!;
      const start = { kind: 'position', file: 'huge.000001', position } as const;
      const { transactions, account } = await read([path], { start });
      expect(transactions.map((one) => one.start.position)).toEqual(
        [0, 5, 10].filter((n) => n >= i).map((n) => events[n]!.position),
      );
      expect(account.closes()).toBe(true);
      expect(account.files[0]!.to).toBe(events.at(-1)!.position + events.at(-1)!.bytes.length);
    }
  });

  it('are told from damage where positions are the only witness', async () => {
    const { path, events } = await sparse(WRAP - 200, [1, 2]);
    // Without checksums.
    const handle = await open(path, 'r+');
    const head = Buffer.alloc(200);
    await handle.read(head, 0, 200, 4);
    const length = head.readUInt32LE(9);
    head[length - 5] = 0;
    head.writeUInt32LE(crc32(head.subarray(0, length - 4)), length - 4);
    await handle.write(head, 0, length, 4);
    let position = WRAP - 200;
    const starts: number[] = [];
    for (const { bytes } of events) {
      const cut = Buffer.from(bytes.subarray(0, -4));
      starts.push(position);
      cut.writeUInt32LE(cut.length, 9);
      cut.writeUInt32LE((position + cut.length) % WRAP, 13);
      await handle.write(cut, 0, cut.length, position);
      position += cut.length;
    }
    await handle.truncate(position);
    const start = { kind: 'position', file: 'huge.000001', position: WRAP - 200 } as const;
    expect((await read([path], { start })).transactions.length).toBe(2);
    // One that does not wrap where it must.
    const behind = starts.findIndex((at) => at > WRAP);
    await handle.write(Buffer.from([1, 0, 0, 0x80]), 0, 4, starts[behind]! + 13);
    await handle.close();
    expect(await failure(read([path], { start }))).toMatchObject({
      code: 'corrupt',
      message: expect.stringContaining(
        `huge.000001 position ${starts[behind]}: the event says that it ends at`,
      ),
    });
  });

  it('are followed by the live source too', () => {
    const framing = new LiveFraming({ file: 'binlog.000001', position: 4 });
    const description = formatDescriptionEvent('mysql', '9.7.0', 1);
    expect(framing.frame(description).kind).toBe('event');
    framing.restart({ file: 'binlog.000001', position: WRAP - 30 });
    const packet = (stated: number): Buffer => {
      const bytes = Buffer.alloc(40);
      bytes[4] = 16;
      bytes.writeUInt32LE(40, 9);
      bytes.writeUInt32LE(stated, 13);
      return bytes;
    };
    expect(framing.frame(packet(10))).toMatchObject({ kind: 'event', event: { position: WRAP - 30 } });
    expect(framing.at.position).toBe(WRAP + 10);
    expect(framing.frame(packet(50))).toMatchObject({ kind: 'event', event: { position: WRAP + 10 } });
    expect(() => framing.frame(packet(99))).toThrow(/the server skipped something/);
  });
});

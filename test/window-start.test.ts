// A window behind a GTID set, over a log of several files: the same live, from files and from compressed copies; what is
// purged or was not copied is named; a record's file that is gone is missed only if something of the window went with it.
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ServerChoice } from '../src/server/server-choice.ts';
import { inspectWindow } from '../src/session/inspect-window.ts';
import { FailoverPair, type PairOptions } from './failover-pair.ts';

const MODES: [string, PairOptions][] = [
  ['MySQL', { flavor: 'mysql' }],
  ['MariaDB', { flavor: 'mariadb' }],
];
const FILES = 4;
const EACH = 5;

describe.each(MODES)('%s', (_, options) => {
  let pair: FailoverPair;
  let folder: string;
  /** The executed set behind each transaction, in order; [0] is where the record was taken. */
  const executed: string[] = [];
  let failed: ServerChoice;

  const look = async (start: { gtidSet?: string; record?: string }, binlog: string[] = []) => {
    const { header } = await inspectWindow({
      record: start.record,
      failed: binlog.length === 0 ? failed : undefined,
      binlog,
      startPosition: undefined,
      startGtidSet: start.gtidSet,
      stopPosition: undefined,
      stopDatetime: undefined,
      tables: [],
      ignoreTables: [],
      force: new Set(),
      signal: new AbortController().signal,
      progress: { step() {}, count() {}, warn() {} },
      onRows: undefined,
    });
    const { window, account } = header;
    return {
      transactions: window.transactions,
      skipped: account.transactions.skipped,
      files: account.files.map(({ file }) => file),
      closes: account.closes,
    };
  };

  const position = async (): Promise<string> => {
    const sql =
      options.flavor === 'mysql' ? 'SELECT @@GLOBAL.gtid_executed AS s' : 'SELECT @@gtid_binlog_pos AS s';
    const [row] = await pair.failed.query(sql);
    return String(row!.s).replace(/\s/g, '');
  };

  beforeAll(async () => {
    pair = await FailoverPair.start(options);
    failed = pair.choice('failed');
    // Two files before the record, so that it does not begin at the log's beginning.
    await pair.failed.query(
      'SET GLOBAL read_only=0; CREATE DATABASE w; CREATE TABLE w.t (id INT PRIMARY KEY)',
    );
    await pair.failed.query('FLUSH BINARY LOGS');
    await pair.begin('SELECT 1');
    executed.push(await position());
    for (let id = 1; id <= FILES * EACH; id++) {
      await pair.onFailed(`INSERT INTO w.t VALUES (${id})`);
      executed.push(await position());
      if (id % EACH === 0 && id < FILES * EACH) await pair.failed.query('FLUSH BINARY LOGS');
    }
    folder = mkdtempSync(join(tmpdir(), 'reconcile-start-'));
    const from = await pair.failed.binlogDirectory();
    for (const file of readdirSync(from).filter((one) => /^binlog\.\d+$/.test(one)))
      copyFileSync(join(from, file), join(folder, file));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await pair?.remove();
  });

  const name = (number: number): string => `binlog.00000${number}`;
  const copy = (from: number): string[] =>
    readdirSync(folder)
      .filter((file) => /^binlog\.\d+$/.test(file) && file >= name(from))
      .map((file) => join(folder, file));
  /** Of `number` transactions behind the record the last stands here; the next one may stand in a later file. */
  const fileAfter = (number: number): number => Math.min(2 + Math.floor(number / EACH), 1 + FILES);

  test('begins in the newest file that will do, live and from files', async () => {
    for (let done = 0; done <= FILES * EACH; done++) {
      const first = fileAfter(done);
      const expected = {
        transactions: FILES * EACH - done,
        skipped: done - (first - 2) * EACH,
        files: Array.from({ length: FILES + 2 - first }, (_, i) => name(first + i)),
        closes: true,
      };
      const set = { gtidSet: executed[done]! };
      expect([done, await look(set)]).toEqual([done, expected]);
      expect([done, await look(set, copy(1))]).toEqual([done, expected]);
      // Files before it need not even be there.
      if (done % EACH === 2) expect(await look(set, copy(first))).toEqual(expected);
    }
  });

  test('from compressed copies in a directory without index', async () => {
    const packed = join(folder, 'packed');
    mkdirSync(packed);
    for (const [i, path] of copy(1).entries()) {
      const bytes = readFileSync(path);
      const file = name(i + 1);
      if (i % 3 === 0) writeFileSync(join(packed, `${file}.gz`), gzipSync(bytes));
      else if (i % 3 === 1) writeFileSync(join(packed, `${file}.zst`), zstdCompressSync(bytes));
      else writeFileSync(join(packed, file), bytes);
    }
    for (const done of [0, 3, 7, 12, 19]) {
      expect(await look({ gtidSet: executed[done]! }, [packed])).toEqual(
        await look({ gtidSet: executed[done]! }),
      );
    }
  });

  test('names what stands in files that were not given', async () => {
    await expect(look({ gtidSet: executed[7]! }, copy(4))).rejects.toMatchObject({
      code: 'purged',
      message: expect.stringMatching(
        /^binlog\.000004, the oldest of the files, begins behind transactions that are not in the start set: /,
      ),
      hint: expect.stringContaining('They stand in binlog.000003 or before'),
    });
    // Exactly those three: 8 to 10 of the window.
    const error = await look({ gtidSet: executed[7]! }, copy(4)).catch((thrown: Error) => thrown);
    const first = executed[7]!.split(/[-:]/).at(-1)!;
    const last = executed[10]!.split(/[-:]/).at(-1)!;
    const named =
      options.flavor === 'mysql'
        ? `:${Number(first) + 1}-${last}`
        : `domain 0 behind ${executed[7]} up to ${executed[10]}`;
    expect((error as Error).message.endsWith(named)).toBe(true);
  });

  test('a record whose file is gone is enough where nothing of the window went with it', async () => {
    // As the record was taken: one moved to the end of its file.
    const moved = (done: number, file: number): string => {
      const record = JSON.parse(readFileSync(pair.record, 'utf8'));
      const path = join(folder, 'moved.json');
      const end = { file: name(file), position: 99_999, gtidSet: executed[done]! };
      record.new.coordinates = end;
      if (record.new.executed) record.new.executed = executed[done]!;
      writeFileSync(path, JSON.stringify(record));
      return path;
    };
    expect(await look({ record: moved(EACH, 2) }, copy(3))).toMatchObject({ transactions: 15, skipped: 0 });
    await expect(look({ record: moved(EACH - 1, 2) }, copy(3))).rejects.toMatchObject({
      code: 'purged',
      message: expect.stringMatching(
        /^binlog\.000002 is not among the files, and binlog\.000003, the oldest of the files, begins behind transactions that came after the record: /,
      ),
    });
    // Files older than the record's hold nothing of the window, and must not pass for all of it.
    await expect(look({ record: moved(EACH * 3, 9) }, copy(1))).rejects.toMatchObject({
      code: 'purged',
      message: 'binlog.000009 is not among the files (oldest is binlog.000001)',
    });
    // A file of that name from another log, or from before a RESET.
    await expect(look({ record: moved(EACH - 1, 3) }, copy(1))).rejects.toMatchObject({
      code: 'input',
      message: expect.stringContaining('binlog.000003 is not the file that the record names'),
    });
  });

  test('names what was purged from the server', async () => {
    await pair.failed.query("PURGE BINARY LOGS TO 'binlog.000004'");
    expect(await look({ gtidSet: executed[12]! })).toMatchObject({
      transactions: 8,
      skipped: 2,
      closes: true,
    });
    await expect(look({ gtidSet: executed[7]! })).rejects.toMatchObject({
      code: 'purged',
      message: expect.stringMatching(
        /^binlog\.000004, the oldest on .*127\.0\.0\.1:\d+.*, begins behind transactions that are not in the start set: /,
      ),
      hint: expect.stringContaining('give the files, from a backup or a copy, with --binlog'),
    });
    await expect(look({ record: pair.record })).rejects.toMatchObject({
      code: 'purged',
      message: expect.stringMatching(
        /^binlog\.000002 was purged from .*127\.0\.0\.1:\d+.*, and binlog\.000004, the oldest on /,
      ),
    });
    expect(await look({ record: pair.record }, copy(2))).toMatchObject({ transactions: 20 });
  });
});

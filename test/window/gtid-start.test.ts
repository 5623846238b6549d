// Which file a window behind a GTID set begins in, and what is said where it is gone: tables of cases, no files.
import { describe, expect, test } from 'vitest';
import type { LogHead } from '../../src/binlog/file-heads.ts';
import { begunBehindRecord, fileBehindGtids } from '../../src/window/gtid-start.ts';

const A = 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa';
const B = 'bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb';

/** Files binlog.000007, 8, …; what each says stands before it, null where it is torn. */
function log(...before: (string | null)[]): { heads: LogHead[]; read: string[] } {
  const read: string[] = [];
  const heads = before.map((text, i) => {
    const file = `binlog.${String(i + 7).padStart(6, '0')}`;
    return {
      file,
      gtidsBefore: async () => {
        read.push(file);
        return text;
      },
    };
  });
  return { heads, read };
}

const begin = (before: (string | null)[], gtidSet: string, more: { server?: string; wanted?: string } = {}) =>
  fileBehindGtids({ heads: log(...before).heads, gtidSet, server: null, wanted: null, ...more });

describe('the newest file that begins within the set', () => {
  test.each([
    ['all of it', ['', `${A}:1-5`, `${A}:1-9`], '', 'binlog.000007'],
    ['the middle of the first', ['', `${A}:1-5`, `${A}:1-9`], `${A}:1-4`, 'binlog.000007'],
    ['just before the second', ['', `${A}:1-5`, `${A}:1-9`], `${A}:1-5`, 'binlog.000008'],
    ['the middle of the second', ['', `${A}:1-5`, `${A}:1-9`], `${A}:1-7`, 'binlog.000008'],
    ['behind everything', ['', `${A}:1-5`, `${A}:1-9`], `${A}:1-99`, 'binlog.000009'],
    ['a set with a gap', ['', `${A}:1-5`, `${A}:1-9`], `${A}:1-3:5-99`, 'binlog.000007'],
    ['another source too', ['', `${A}:1-5`, `${A}:1-5,${B}:1`], `${A}:1-5`, 'binlog.000008'],
    ['a tag', ['', `${A}:1-5`, `${A}:1-5:t:1`], `${A}:1-9`, 'binlog.000008'],
    ['a torn last file', ['', `${A}:1-5`, null], `${A}:1-9`, 'binlog.000008'],
    ['a torn file in the middle', ['', null, `${A}:1-5`], `${A}:1-4`, 'binlog.000007'],
    ['files that added none', ['', `${A}:1-5`, `${A}:1-5`, null, `${A}:1-5`], `${A}:1-5`, 'binlog.000008'],
    ['a log without GTIDs', ['', '', ''], `${A}:1-5`, 'binlog.000007'],
    ['MariaDB', ['', '0-1-5', '0-1-9'], '0-1-7', 'binlog.000008'],
    ['MariaDB: two domains', ['', '0-1-5', '0-1-5,3-2-4'], '0-1-7', 'binlog.000008'],
    ['MariaDB: an unknown domain', ['', '3-2-1', '0-1-5,3-2-4'], '0-1-7', 'binlog.000007'],
  ])('%s', async (_, before, set, file) => {
    expect(await begin(before, set)).toBe(file);
  });

  test('opens none before it but one', async () => {
    const { heads, read } = log('', `${A}:1-2`, `${A}:1-5`, `${A}:1-9`);
    expect(await fileBehindGtids({ heads, gtidSet: `${A}:1-6`, server: null, wanted: null })).toBe(
      'binlog.000009',
    );
    expect(read).toEqual(['binlog.000010', 'binlog.000009', 'binlog.000008']);
  });
});

test('of nothing but files that are torn at their heads nobody knows what stood before them', async () => {
  for (const more of [{}, { server: 'db2:3306' }, { wanted: 'binlog.000003' }]) {
    await expect(begin([null, null], `${A}:1-4`, more)).rejects.toMatchObject({
      code: 'input',
      message:
        'binlog.000007 is torn before it says which transactions stand before it, and so is every file behind it',
      hint: 'Give the files before it too, with --binlog. To begin with it all the same: --start-position binlog.000007:4.',
    });
  }
});

describe('is gone', () => {
  test('from the files: which transactions, and where they stand', async () => {
    await expect(begin([`${A}:1-5,${B}:3`, `${A}:1-9,${B}:3`], `${A}:1-3`)).rejects.toMatchObject({
      code: 'purged',
      message: `binlog.000007, the oldest of the files, begins behind transactions that are not in the start set: ${A}:4-5,${B}:3`,
      hint: 'They stand in binlog.000006 or before: give that too, with --binlog. To leave them out on purpose, add them to the set and give it with --start-gtid-set.',
    });
  });

  test('from a server, whose record names a file', async () => {
    const before = ['0-1-5,1-1-2,4-4-4'];
    const missing = { server: 'db2:3306', wanted: 'binlog.000003' };
    await expect(begin(before, '0-1-3,4-4-4', missing)).rejects.toMatchObject({
      code: 'purged',
      message:
        'binlog.000003 was purged from db2:3306, and binlog.000007, the oldest on db2:3306, begins behind transactions that came after the record: domain 0 behind 0-1-3 up to 0-1-5, domain 1 from its beginning up to 1-1-2',
      hint: expect.stringContaining('give the files, from a backup or a copy, with --binlog'),
    });
  });

  test('where the first file of all begins behind something', async () => {
    const { heads } = log(`${A}:1-5`);
    const first = [{ ...heads[0]!, file: 'binlog.000001' }];
    await expect(
      fileBehindGtids({ heads: first, gtidSet: '', server: null, wanted: null }),
    ).rejects.toMatchObject({
      hint: expect.stringContaining('They stand in an earlier log, or came with a backup'),
    });
  });

  test('a long list is cut', async () => {
    const many = Array.from({ length: 200 }, (_, i) => `${A}:${i * 2 + 1}`).join(',');
    const error = await begin([many], '').catch((thrown: Error) => thrown);
    expect((error as Error).message.length).toBeLessThan(550);
    expect((error as Error).message).toMatch(/…$/);
  });
});

test('a set of the other flavour is no set of this log', async () => {
  await expect(begin(['0-1-5'], `${A}:1-3`)).rejects.toMatchObject({
    code: 'input',
    message: `the log was written by MariaDB, the GTID set ${A}:1-3 is of MySQL`,
  });
  await expect(begin([`${A}:1-5`], '0-1-5')).rejects.toMatchObject({ code: 'input' });
});

test.each([
  ['', `${A}:1-5`, null],
  [`${A}:1-5`, `${A}:1-5`, null],
  [`${A}:1-6`, `${A}:1-5`, `${A}:6`],
  [`${A}:1-6`, '', `${A}:1-6`],
  ['0-1-100,0-2-95', '0-2-95', null],
  ['0-1-100,0-2-96', '0-2-95', '0-2-96'],
  ['0-1-100,7-1-1', '0-1-100', '7-1-1'],
  ['0-1-100', '', '0-1-100'],
])('a file behind %j began behind a record at %j: %j', (before, recorded, later) => {
  expect(begunBehindRecord(before, recorded)).toBe(later);
});

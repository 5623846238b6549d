// What real files say of the GTIDs before them, whole and torn.
import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, it } from 'vitest';
import { binlogFileHeads } from '../../src/binlog/file-heads.ts';
import { openFileSource } from '../../src/binlog/file-source.ts';
import { GtidSet } from '../../src/server/gtid-set.ts';
import { transactionsOf } from './reading.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
let folder = '';
afterEach(() => rm(folder, { recursive: true, force: true }));

async function copyOf(fixture: string): Promise<string> {
  folder = await mkdtemp(join(tmpdir(), 'reconcile-heads-'));
  await cp(join(FIXTURES, fixture), folder, { recursive: true });
  return folder;
}

const before = async (path: string) => {
  const heads = await binlogFileHeads([path]);
  return Promise.all(heads.map(async (head) => [head.file, await head.gtidsBefore()] as const));
};

it.each(['mysql-9.7', 'mariadb-10.5', 'mariadb-10.11', 'mariadb-11.8'])(
  '%s: what the files before hold',
  async (fixture) => {
    const path = join(FIXTURES, fixture);
    const source = await openFileSource({ paths: [path], start: { kind: 'beginning' } });
    const { transactions } = await transactionsOf(source);
    const heads = await before(path);
    expect(heads.length).toBe(3);
    for (const [file, text] of heads) {
      const earlier = transactions.filter(({ start }) => start.file < file).map(({ gtid }) => gtid!);
      if (fixture.startsWith('mysql'))
        expect(GtidSet.parse(text!).toString()).toBe(GtidSet.of(earlier).toString());
      else expect(text).toBe(earlier.at(-1) ?? '');
    }
    expect(heads[2]![1]).not.toBe('');
  },
);

it('nothing in a log without GTIDs', async () => {
  expect((await before(join(FIXTURES, 'mysql-9.7-anonymous'))).map(([, text]) => text)).toEqual(['', '', '']);
});

it('the same in a compressed copy', async () => {
  const path = await copyOf('mysql-9.7');
  const plain = await before(path);
  await writeFile(join(path, 'binlog.000003.gz'), gzipSync(await readFile(join(path, 'binlog.000003'))));
  await rm(join(path, 'binlog.000003'));
  expect(await before(path)).toEqual(plain);
});

it('null where the file is torn before it says so, at every byte', async () => {
  const path = join(await copyOf('mysql-9.7'), 'binlog.000003');
  const [, whole] = (await before(path))[0]!;
  // Format description, then PREVIOUS_GTIDS of 2 sets.
  const bytes = await readFile(path);
  const first = 4 + bytes.readUInt32LE(4 + 9);
  const end = first + bytes.readUInt32LE(first + 9);
  await truncate(path, end);
  expect((await before(path))[0]![1]).toBe(whole);
  for (let size = end - 1; size >= 0; size--) {
    await truncate(path, size);
    expect([size, (await before(path))[0]![1]]).toEqual([size, null]);
  }
});

it('is an error where the file begins with something else, or is encrypted', async () => {
  const path = join(await copyOf('mysql-9.7'), 'binlog.000003');
  const bytes = await readFile(path);
  const first = 4 + bytes.readUInt32LE(4 + 9);
  const end = first + bytes.readUInt32LE(first + 9);
  const position = `binlog.000003 position ${first}`;
  // Positions in the headers do not fit any more, which only the checksum would notice: it does not cover the place.
  await writeFile(path, Buffer.concat([bytes.subarray(0, first), bytes.subarray(end)]));
  await expect(before(path)).rejects.toMatchObject({
    code: 'corrupt',
    message: `${position}: the file does not say which GTIDs stand before it`,
  });
  bytes[0] = 0xfd;
  await writeFile(path, bytes);
  await expect(before(path)).rejects.toMatchObject({ code: 'unsupported' });
});

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ByteStore } from '../../src/binlog/byte-store.ts';

const MEGABYTE = 1 << 20;

test('what was appended is read back, from memory and from the file, in runs of every length', () => {
  const folder = mkdtempSync(join(tmpdir(), 'byte-store-'));
  const store = new ByteStore({ bound: 2 * MEGABYTE, folder });
  const lengths = [
    0,
    1,
    100,
    700_000,
    400_000,
    0,
    MEGABYTE,
    MEGABYTE + 1,
    5,
    3 * MEGABYTE - 1,
    17,
    900_000,
    900_000,
  ];
  const runs = lengths.map((length, i) => Buffer.alloc(length, `${i} run `));
  const places = runs.map((run) => store.append(Buffer.concat([Buffer.from('x'), run]), 1, 1 + run.length));
  for (let turn = 0; turn < 2; turn++) {
    runs.forEach((run, i) => {
      expect(store.read(places[i]!, run.length).equals(run)).toBe(true);
      expect(store.equals(places[i]!, run, run.length)).toBe(true);
      const other = Buffer.from(run);
      if (run.length > 0) other[run.length - 1]! ^= 1;
      expect(store.equals(places[i]!, other, run.length)).toBe(run.length === 0);
    });
  }
  // Customers' rows: nobody finds the file, and nothing is left of it.
  expect(readdirSync(folder)).toEqual([]);
  store.close();
  rmSync(folder, { recursive: true });
});

test('a part of a run is read from wherever it begins: a row of megabytes is its before and its after image', () => {
  const store = new ByteStore({ bound: 8 * MEGABYTE });
  for (let i = 0; i < 6; i++) {
    const run = Buffer.alloc(2.5 * MEGABYTE, `${i} run`);
    const place = store.append(run, 0, run.length);
    for (const from of [0, 1, MEGABYTE - 1, MEGABYTE, MEGABYTE + 7, 2 * MEGABYTE, 2 * MEGABYTE + 400_000]) {
      const length = Math.min(run.length - from, MEGABYTE + 200_000);
      const part = run.subarray(from, from + length);
      expect(store.read(place + from, length).equals(part), `${i} from ${from}`).toBe(true);
      expect(store.equals(place + from, part, length), `${i} from ${from}`).toBe(true);
    }
  }
  const first = Buffer.alloc(2.5 * MEGABYTE, '0 run');
  expect(store.read(1.5 * MEGABYTE, MEGABYTE).equals(first.subarray(1.5 * MEGABYTE))).toBe(true);
  store.close();
});

test('a folder that can take no file is named', () => {
  const store = new ByteStore({ bound: MEGABYTE, folder: '/proc/nowhere' });
  const bytes = Buffer.alloc(MEGABYTE);
  store.append(bytes, 0, MEGABYTE);
  expect(() => store.append(bytes, 0, MEGABYTE)).toThrow(
    expect.objectContaining({
      code: 'input',
      message: expect.stringContaining(
        "/proc/nowhere: the window does not fit into memory, and its temporary file can't",
      ),
      hint: expect.stringContaining('--plan FILE'),
    }),
  );
});

// Lines of any length come whole and in order, wherever the blocks end; a block stays good while the next one is looked at.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileLines } from '../../src/plan/file-lines.ts';

const BLOCK = 1 << 19;
const ROOM = 1 << 17;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reconcile-lines-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A line whose bytes tell its number, so that none can stand for another. */
function line(number: number, length: number): string {
  return `${number}:`.repeat(Math.ceil(length / `${number}:`.length)).slice(0, length);
}

const cases: [string, number[]][] = [
  ['none', []],
  ['empty ones', [0, 0, 0]],
  ['many short ones', Array.from({ length: 30_000 }, (_, i) => (i * 7919) % 211)],
  ['exactly a block', [BLOCK - 1, BLOCK - 1, 5]],
  ['one byte more than a block', [BLOCK, 5, BLOCK, 5]],
  ['a part that just has room before the next block', [BLOCK - 1 - ROOM, ROOM + 10, 7, 9]],
  ['a part that has not', [BLOCK - 2 - ROOM, ROOM + 10, 7, 9]],
  ['longer than several blocks', [3, 3 * BLOCK + 17, 4, 2 * BLOCK, 0, 5 * BLOCK, 6]],
  ['of all lengths', Array.from({ length: 200 }, (_, i) => (i * 104_729) % (i % 9 === 0 ? BLOCK : 9000))],
];

test.each(cases.flatMap(([name, lengths]) => [true, false].map((whole) => [name, whole, lengths] as const)))(
  '%s, the last with its line feed: %s',
  async (_, whole, lengths) => {
    const lines = lengths.map((length, number) => line(number, length));
    const path = join(folder, 'lines');
    const text = lines.join('\n') + (whole && lines.length > 0 ? '\n' : '');
    writeFileSync(path, text);
    const found: string[] = [];
    let cut: string | null = null;
    let before: Buffer | null = null;
    let copy = Buffer.alloc(0);
    for await (const block of fileLines(path)) {
      // The writer of a copy may still be busy with it.
      expect(before === null || before.equals(copy)).toBe(true);
      before = block.bytes;
      copy = Buffer.from(block.bytes);
      let start = 0;
      for (const end of block.ends) {
        const one = block.bytes.toString('latin1', start, end);
        if (block.whole) found.push(one);
        else cut = one;
        start = end + 1;
      }
      if (block.whole) expect(start).toBe(block.bytes.length);
    }
    const expected = text.split('\n');
    const last = expected.pop()!;
    expect(found.length).toBe(expected.length);
    expect(found.every((one, i) => one === expected[i])).toBe(true);
    expect(cut).toBe(last === '' ? null : last);
  },
);

test('a file that is not there is the caller’s to tell', async () => {
  await expect(fileLines(join(folder, 'none')).next()).rejects.toMatchObject({ code: 'ENOENT' });
});

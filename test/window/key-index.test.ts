// The set of hashes against a plain Set, and the hash against keys that differ in little.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteHash } from '../../src/window/byte-hash.ts';
import { KeyIndex } from '../../src/window/key-index.ts';

test('answers as a plain set does, whatever is added and removed', () => {
  // Few different low halves: their slots lie side by side, wrap around, and move when one is removed.
  const half = fc.constantFrom(0, 1, 2, 1022, 1023, 1024, 2047, -1, -2);
  const steps = fc.array(fc.tuple(fc.boolean(), half, half), { maxLength: 400 });
  fc.assert(
    fc.property(steps, (list) => {
      const index = new KeyIndex();
      const model = new Set<string>();
      for (const [isAdd, low, high] of list) {
        const key = low === 0 && high === 0 ? '0,1' : `${low},${high}`;
        const was = model.has(key);
        expect(isAdd ? index.add(low, high) : index.remove(low, high)).toBe(isAdd ? !was : was);
        if (isAdd) model.add(key);
        else model.delete(key);
        expect(index.size).toBe(model.size);
      }
    }),
    { numRuns: 300 },
  );
});

test.each([
  ['integers of 8 bytes', (i: number, bytes: Buffer) => bytes.writeDoubleLE(i) && 8],
  ['integers of 4 bytes', (i: number, bytes: Buffer) => bytes.writeInt32LE(i) && 4],
  ['numbers as text', (i: number, bytes: Buffer) => bytes.write(`order-${i}`)],
  [
    'numbers behind 40 equal bytes',
    (i: number, bytes: Buffer) => bytes.fill(0x78, 0, 40).writeInt32BE(i, 40),
  ],
])('tells %s apart', (_, write) => {
  const hash = new ByteHash();
  const index = new KeyIndex();
  const bytes = Buffer.alloc(64);
  const COUNT = 300_000;
  for (let i = 0; i < COUNT; i++) {
    hash.begin(1);
    hash.add(bytes, 0, write(i, bytes) as number);
    hash.end();
    index.add(hash.low, hash.high);
  }
  expect(index.size).toBe(COUNT);
});

test('lengths, seeds and the place in memory: what counts and what does not', () => {
  const of = (seed: number, ...parts: Buffer[]): string => {
    const hash = new ByteHash();
    hash.begin(seed);
    for (const part of parts) hash.add(part, 0, part.length);
    hash.end();
    return `${hash.low},${hash.high}`;
  };
  const text = (value: string): Buffer => Buffer.from(value);
  expect(of(1, text('ab'), text('c'))).not.toBe(of(1, text('a'), text('bc')));
  expect(of(1, text('a'))).not.toBe(of(1, text('a\0')));
  expect(of(1, text('a'))).not.toBe(of(2, text('a')));
  expect(of(1, text('0123456789'))).toBe(of(1, Buffer.from(' 0123456789').subarray(1)));
});

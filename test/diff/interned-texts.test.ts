import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteStore } from '../../src/binlog/byte-store.ts';
import { InternedTexts } from '../../src/diff/interned-texts.ts';

test('one number for one text, another for every other', () => {
  const short = fc.string({ unit: fc.constantFrom('a', 'b', '\0', '\xff'), maxLength: 4 });
  fc.assert(
    fc.property(fc.array(short), (texts) => {
      const interned = new InternedTexts();
      const numbers = new Map<string, number>();
      for (const text of texts) {
        expect(interned.find(text)).toBe(numbers.get(text));
        const number = interned.intern(text);
        if (!numbers.has(text)) numbers.set(text, number);
        expect(number).toBe(numbers.get(text));
      }
      expect(interned.count).toBe(numbers.size);
      for (const [text, number] of numbers) expect(interned.text(number)).toBe(text);
    }),
  );
});

test('a hundred thousand texts, most of them in the file', () => {
  const interned = new InternedTexts(new ByteStore({ bound: 1 << 20 }));
  const text = (i: number): string => `${i}`.padEnd(20 + (i % 50), 'x');
  for (let i = 0; i < 100_000; i++) expect(interned.intern(text(i))).toBe(i);
  for (let i = 0; i < 100_000; i += 7) expect(interned.intern(text(i))).toBe(i);
  expect(interned.text(4711)).toBe(text(4711));
});

test('a character that is no byte is refused, not cut to one', () => {
  expect(() => new InternedTexts().intern('Ā')).toThrow('more than one byte');
});

test('texts of a megabyte between short ones', () => {
  const interned = new InternedTexts();
  const texts = ['short', 'x'.repeat(1_000_000), 'other', `${'x'.repeat(3_000_000)}y`, 'x'.repeat(3_000_001)];
  texts.forEach((text, i) => {
    expect(interned.intern(text)).toBe(i);
  });
  texts.forEach((text, i) => {
    expect(interned.text(i) === text).toBe(true);
    expect(interned.intern(text)).toBe(i);
  });
});

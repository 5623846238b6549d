// Numbers of rows' contents, against the texts themselves.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InternedTexts } from '../../src/diff/interned-texts.ts';
import { RowContents, type WindowImages } from '../../src/diff/row-contents.ts';

/** Images that are the bytes of their text, each in the place of its number. */
class Images implements WindowImages {
  readonly bytes: Buffer[] = [];
  texts = 0;

  add(text: string): number {
    return this.bytes.push(Buffer.from(text, 'latin1')) - 1;
  }

  holds(image: number, bytes: Buffer): boolean {
    return this.bytes[image]!.equals(bytes);
  }

  text(image: number): { bytes: Buffer; length: number } {
    this.texts += 1;
    return { bytes: this.bytes[image]!, length: this.bytes[image]!.length };
  }
}

test('one number for one text of a slot, whether an image or an answer brings it', () => {
  const row = fc.record({
    slot: fc.nat(3),
    text: fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 5 }),
  });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 80 }), fc.array(row, { maxLength: 40 }), (logged, answered) => {
      const images = new Images();
      const contents = new RowContents(new InternedTexts(), images);
      const numbers = new Map<string, number>();
      const check = (slot: number, text: string, number: number): void => {
        const name = `${slot} ${text}`;
        expect(number).toBe(numbers.get(name) ?? number);
        for (const [other, known] of numbers) {
          if (other !== name && other.startsWith(`${slot} `)) expect(known).not.toBe(number);
        }
        numbers.set(name, number);
        expect(contents.text(number)).toBe(text);
      };
      for (const { slot, text } of logged) {
        const image = images.add(text);
        check(slot, text, contents.ofImage(slot, image, images.bytes[image]!));
      }
      for (const { slot, text } of answered) check(slot, text, contents.ofText(slot, text));
      for (const { slot, text } of logged) {
        const image = images.add(text);
        check(slot, text, contents.ofImage(slot, image, images.bytes[image]!));
      }
    }),
  );
});

test('a counter that went up ten thousand times is not gone through again at each look', () => {
  const images = new Images();
  const contents = new RowContents(new InternedTexts(), images);
  const numbers = Array.from({ length: 10_000 }, (_, i) => {
    const image = images.add(`${i}`);
    return contents.ofImage(7, image, images.bytes[image]!);
  });
  expect(new Set(numbers).size).toBe(10_000);
  for (let i = 0; i < 10_000; i++) expect(contents.ofText(7, `${i}`)).toBe(numbers[i]);
  expect(images.texts).toBeLessThan(11_000);
});

test('a text without a slot has a number of its own, and the same again', () => {
  const contents = new RowContents(new InternedTexts());
  const number = contents.intern('1:a');
  expect(contents.find('1:a')).toBe(number);
  expect(contents.find('1:b')).toBe(undefined);
  expect(contents.ofText(3, '1:a')).toBe(number);
  expect(contents.internBytes(Buffer.from('1:ab'), 3)).toBe(number);
  expect(contents.text(number)).toBe('1:a');
});

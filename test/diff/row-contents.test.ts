// Numbers of rows' contents, against the texts themselves.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as T from '../../src/binlog/column-type.ts';
import { InternedTexts } from '../../src/diff/interned-texts.ts';
import { RowContents, type WindowImages } from '../../src/diff/row-contents.ts';
import { packRow } from '../../src/diff/row-text.ts';
import type { AnsweredRow } from '../../src/server/answered-row.ts';
import { answeredRows } from '../answered-rows.ts';

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

  isAnswered(image: number, row: AnsweredRow): boolean {
    return packRow(row.texts()) === this.text(image).bytes.toString();
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

test('of a counter that goes up and down each value has its number, however many there are', () => {
  const images = new Images();
  const contents = new RowContents(new InternedTexts(), images);
  const numberOf = (value: number): number => {
    const image = images.add(`${value}`);
    return contents.ofImage(7, image, images.bytes[image]!);
  };
  const up = Array.from({ length: 50 }, (_, i) => numberOf(i));
  expect(new Set(up).size).toBe(50);
  const down = Array.from({ length: 50 }, (_, i) => numberOf(49 - i));
  expect(down).toEqual(up.toReversed());
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

test('what a server answered is a content or is not, whoever brought that', () => {
  const images = new Images();
  const contents = new RowContents(new InternedTexts(), images);
  const image = images.add('1:7~');
  const columns = [
    { type: T.LONG, meta: 0, unsigned: false, binary: false },
    { type: -1, meta: 0, unsigned: false, binary: false },
  ];
  const row = (...values: (string | null)[]): AnsweredRow => {
    for (const one of answeredRows([values])) return one;
    throw new Error('no row');
  };
  for (const content of [contents.ofImage(1, image, images.bytes[image]!), contents.intern('1:7~')]) {
    expect(contents.isAnswered(content, row('7', null), columns)).toBe(true);
    expect(contents.isAnswered(content, row('7', ''), columns)).toBe(false);
    expect(contents.isAnswered(content, row('8', null), columns)).toBe(false);
    expect(contents.isAnswered(content, row('7'), columns)).toBe(false);
  }
  // ZEROFILL.
  expect(contents.isAnswered(contents.intern('1:7~'), row('007', null), columns)).toBe(true);
});

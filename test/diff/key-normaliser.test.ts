// Keys by collation: what is asked, how often, and that each value gets its own answer.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { KeyNormaliser } from '../../src/diff/key-normaliser.ts';
import type { RestoredReader } from '../../src/diff/restored-reader.ts';
import { WindowSlots } from '../../src/diff/window-slots.ts';
import type { ColumnDefinition, TableDefinition } from '../../src/server/catalogue.ts';

const NAME = {
  ...{ name: 'name', dataType: 'varchar', charset: 'utf8mb4', collation: 'utf8mb4_0900_ai_ci' },
} as ColumnDefinition;
const AMOUNT = {
  ...NAME,
  name: 'amount',
  dataType: 'double',
  charset: null,
  collation: null,
} as ColumnDefinition;

/** Answers late, the first question last, with the values in capitals. */
class Reader {
  readonly questions: string[][] = [];
  most = 0;
  failures = 0;
  #open = 0;

  async collationKeys(_: ColumnDefinition, values: string[]): Promise<string[]> {
    this.questions.push(values);
    this.#open += 1;
    this.most = Math.max(this.most, this.#open);
    await sleep(this.questions.length === 1 ? 20 : 2);
    this.#open -= 1;
    if (this.failures-- > 0) throw new Error('gone away');
    return values.map((value) => value.toUpperCase());
  }
}

function normaliser(reader: Reader): KeyNormaliser {
  return new KeyNormaliser(reader as unknown as RestoredReader);
}

test('a few questions at once, each value once, each its own answer', async () => {
  const reader = new Reader();
  const keys = normaliser(reader);
  const values = Array.from({ length: 2_600 }, (_, i) => `Name ${i}`);
  for (const value of [...values, ...values]) keys.want(NAME, value);
  keys.want(NAME, null);
  await Promise.all([keys.settle(), keys.settle()]);
  expect(reader.questions.flat()).toEqual(values);
  expect(Math.max(...reader.questions.map(({ length }) => length))).toBeLessThanOrEqual(500);
  expect(reader.most).toBe(3);
  for (const value of values) expect(keys.key(NAME, value)).toBe(value.toUpperCase());
  keys.want(NAME, 'Name 7');
  keys.want(NAME, 'another');
  await keys.settle();
  expect(reader.questions.at(-1)).toEqual(['another']);
  keys.close();
});

test('a question that failed is asked again', async () => {
  const reader = new Reader();
  reader.failures = 1;
  const keys = normaliser(reader);
  keys.want(NAME, 'x');
  await expect(keys.settle()).rejects.toThrow('gone away');
  expect(() => keys.key(NAME, 'x')).toThrow('key value of name was not settled');
  await keys.settle();
  expect(keys.key(NAME, 'x')).toBe('X');
});

test('no question for what needs none: 0 and -0 are one key', async () => {
  const reader = new Reader();
  const keys = normaliser(reader);
  keys.want(AMOUNT, '-0');
  await keys.settle();
  expect(reader.questions).toEqual([]);
  expect(keys.key(AMOUNT, '-0')).toBe(keys.key(AMOUNT, '0'));
  expect(keys.key(AMOUNT, '-1')).toBe('-1');
});

test('0 and -0 stand in one slot', () => {
  const slots = new WindowSlots(normaliser(new Reader()));
  const table = { schema: 's', table: 't', columns: [AMOUNT], primaryKey: ['amount'], uniqueKeys: [] };
  const definition = table as unknown as TableDefinition;
  const slotOf = (value: string) => slots.ofValues(definition, 'PRIMARY', [0], [value]);
  expect(slotOf('-0')).toBe(slotOf('0'));
  expect(slotOf('-1')).not.toBe(slotOf('1'));
  expect(slots.values(slotOf('-0'))).toEqual(['-0']);
});

// The short way to a kept change's rows ends where the long one does, and bytes tell rows apart as texts do: over every row
// of logs that real servers wrote.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { unsupportedColumn } from '../../src/binlog/column-value.ts';
import { openFileSource } from '../../src/binlog/file-source.ts';
import { hasPartialImage, imageNumber, wholeImage } from '../../src/binlog/kept-change.ts';
import { KeptTransactions } from '../../src/binlog/kept-transactions.ts';
import { KeptSides, KeptTexts } from '../../src/diff/kept-sides.ts';
import { KeyNormaliser } from '../../src/diff/key-normaliser.ts';
import { hasOneForm } from '../../src/diff/one-form.ts';
import type { RestoredReader } from '../../src/diff/restored-reader.ts';
import { type KeyedRow, LoggedSides } from '../../src/diff/row-sides.ts';
import { imageValues, packRow, unpackRow } from '../../src/diff/row-text.ts';
import { WindowSlots } from '../../src/diff/window-slots.ts';
import type { WindowTable } from '../../src/diff/window-table.ts';
import type { TableDefinition } from '../../src/server/catalogue.ts';
import { type AnsweredValues, answeredRows } from '../answered-rows.ts';
import { transactionsOf } from '../binlog/reading.ts';

const FIXTURES = join(import.meta.dirname, '..', 'binlog', 'fixtures');

test.each(readdirSync(FIXTURES))('%s', async (name) => {
  const source = await openFileSource({
    paths: [join(FIXTURES, name)],
    start: { kind: 'beginning' },
    stop: undefined,
  });
  const kept = new KeptTransactions();
  for (const transaction of (await transactionsOf(source)).transactions) kept.add(transaction);
  const slots = new WindowSlots(new KeyNormaliser({} as RestoredReader));
  let compared = 0;
  /** By table: the bytes of a text, and the other way round. */
  const forms = new Map<unknown, Map<string, string>>();
  for (const { changes } of kept) {
    for (const change of changes) {
      const { table: map } = change;
      if (hasPartialImage(change) || map.columns.some((column) => unsupportedColumn(column) !== null))
        continue;
      const columns = map.columns.map(({ type, meta }) => ({ type, meta, unsigned: false, binary: false }));
      const table = { name: map.table, columns } as unknown as WindowTable;
      const sides = new KeptSides(table, change);
      const logged = new LoggedSides(table, change.before, change.after, change.place);
      const definition = {
        ...{ schema: map.schema, table: map.table, primaryKey: null, uniqueKeys: [] },
        columns: columns.map(() => ({ dataType: 'int', charset: null })),
      } as unknown as TableDefinition;
      for (const i of columns.keys()) expect(sides.keeps([i])).toBe(logged.keeps([i]));
      for (const side of ['before', 'after'] as const) {
        expect(sides[side] === null).toBe(logged[side] === null);
        for (const i of columns.keys()) {
          expect(sides[side]?.pick([i])).toEqual(logged[side]?.pick([i]));
          const slotOf = (row: KeyedRow | null) => row?.slot(slots, definition, `key ${i}`, [i], [i]);
          expect(slotOf(sides[side])).toBe(slotOf(logged[side]));
        }
        if (!change[side] || !columns.every(hasOneForm)) continue;
        const text = packRow(imageValues(change[side], columns)!);
        const texts = new KeptTexts(kept, { match: () => ({ kind: 'table', table }) });
        const bytes = wholeImage(change, side)!;
        const number = imageNumber(change, side)!;
        expect(texts.holds(number, bytes)).toBe(true);
        expect(texts.holds(number, bytes.subarray(1))).toBe(false);
        const { bytes: made, length } = texts.text(number);
        expect(made.toString('latin1', 0, length)).toBe(text);
        // The server's answer has the canonical texts, or ones that are brought to them.
        const answer = unpackRow(text).map((value) => (value === null ? null : Buffer.from(value, 'latin1')));
        const isAnswered = (values: AnsweredValues): boolean =>
          [...answeredRows([values])].some((row) => texts.isAnswered(number, row, columns));
        expect(isAnswered(answer)).toBe(true);
        for (const i of columns.keys()) {
          const other = answer[i] === null ? Buffer.from('x') : null;
          expect(isAnswered(answer.with(i, other))).toBe(false);
          const more = Buffer.concat([answer[i] ?? Buffer.alloc(0), Buffer.from('1')]);
          expect(isAnswered(answer.with(i, more))).toBe(false);
        }
        const known = forms.get(map) ?? new Map<string, string>();
        forms.set(map, known);
        const form = bytes.toString('latin1');
        expect(known.get(`text ${text}`) ?? form).toBe(form);
        expect(known.get(`form ${form}`) ?? text).toBe(text);
        known.set(`text ${text}`, form).set(`form ${form}`, text);
        compared += 1;
      }
    }
  }
  expect(compared).toBeGreaterThan(0);
});

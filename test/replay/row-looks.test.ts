// Which rows differ, by what a server answers: in the order of the keys or in its own, with rows that are gone, that should
// be gone, or that come under another spelling of their key.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyNormaliser } from '../../src/diff/key-normaliser.ts';
import type { RestoredReader } from '../../src/diff/restored-reader.ts';
import { packRow } from '../../src/diff/row-text.ts';
import { WindowSlots } from '../../src/diff/window-slots.ts';
import { rowLooks } from '../../src/replay/row-looks.ts';
import type { ColumnDefinition, TableDefinition } from '../../src/server/catalogue.ts';
import { answeredRows } from '../answered-rows.ts';

function tableOf(table: string): TableDefinition {
  const columns = ['id', 'text'].map(
    (name) => ({ name, dataType: name === 'id' ? 'int' : 'blob', charset: null }) as ColumnDefinition,
  );
  return {
    ...{ schema: 'shop', table, columns, primaryKey: ['id'], uniqueKeys: [], foreignKeys: [] },
    referencedBy: [],
  } as unknown as TableDefinition;
}

const value = fc.option(fc.constantFrom('a', 'b'));
const row = fc.record({ table: fc.nat(1), id: fc.nat(12), expected: value, there: value });

test('each row that is not as expected, and no other', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(row, { selector: ({ table, id }) => `${table} ${id}`, maxLength: 14 }),
      fc.integer({ min: 1, max: 5 }),
      fc.boolean(),
      fc.boolean(),
      (rows, most, sorted, padded) => {
        const slots = new WindowSlots(new KeyNormaliser({} as RestoredReader));
        const tables = [tableOf('a'), tableOf('b')];
        const slotOf = ({ table, id }: { table: number; id: number }): number =>
          slots.ofValues(tables[table]!, 'PRIMARY', [0], [String(id)]);
        const expected = {
          slots: rows.map(slotOf),
          held: rows.map(({ id, expected: text }) =>
            text === null ? null : slots.contents.intern(packRow([String(id), text])),
          ),
        };
        const differing = new Set<number>();
        const firsts: number[] = [];
        for (const look of rowLooks(expected, slots, () => most)) {
          expect(look.keys.length).toBeLessThanOrEqual(most);
          firsts.push(look.first);
          const asked = rows.filter(
            ({ table, id, there }) =>
              tables[table] === look.definition &&
              there !== null &&
              look.keys.some(([key]) => key === String(id)),
          );
          if (sorted) asked.sort((one, other) => one.id - other.id);
          // As ZEROFILL has it.
          const found = asked.map(({ id, there }) => [padded ? `00${id}`.slice(-2) : String(id), there]);
          for (const slot of look.differing(answeredRows(found))) differing.add(slot);
        }
        expect(firsts).toEqual(firsts.toSorted((one, other) => one - other));
        const wrong = rows.filter(({ expected: text, there }) => text !== there).map(slotOf);
        expect(differing).toEqual(new Set(wrong));
      },
    ),
    { numRuns: 300 },
  );
});

test('a row under a key that was not asked for: none of the statement is known to be right', () => {
  const slots = new WindowSlots(new KeyNormaliser({} as RestoredReader));
  const table = tableOf('a');
  const ids = ['1', '2', '3'];
  const expected = {
    slots: ids.map((id) => slots.ofValues(table, 'PRIMARY', [0], [id])),
    held: ids.map((id) => slots.contents.intern(packRow([id, 'a']))),
  };
  const [look] = rowLooks(expected, slots);
  const found = (...there: string[]) => answeredRows(there.map((id) => [id, 'a']));
  expect(look!.differing(found(...ids))).toEqual([]);
  expect(look!.differing(found('1', '2', '9'))).toEqual(expected.slots);
});

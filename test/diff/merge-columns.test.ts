// One row that both sides changed, by each rule: cells of the table in docs/conflicts.md.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergeColumns } from '../../src/diff/merge-columns.ts';
import type { ColumnRule, RowRule } from '../../src/policy/policy.ts';
import { columnDefinition as column } from '../columns.ts';

type Value = string | null;
function one(type: string, rule: RowRule | ColumnRule, before: Value, after: Value, restored: Value) {
  const merged = mergeColumns(
    [column('c', type)],
    { before: [before], after: [after], restored: [restored] },
    () => rule,
  );
  return 'values' in merged ? merged.values[0] : merged.refused;
}

describe('a column', () => {
  test.each([
    // rule, who changed it: before, after, restored, result
    ['take-failed', '1', '2', '3', '2'],
    ['take-failed', '1', '1', '3', '1'],
    ['keep-restored', '1', '2', '3', '3'],
    ['keep-restored', '1', '2', '1', '1'],
    ['merge-columns', '1', '2', '1', '2'],
    ['merge-columns', '1', '1', '3', '3'],
    ['merge-columns', '1', '2', '2', '2'],
    ['merge-columns', '1', '2', '3', 'both sides changed c'],
    ['merge-columns', null, '2', null, '2'],
    ['merge-columns', '1', null, '3', 'both sides changed c'],
    ['hold', '1', '2', '1', '2'],
    ['hold', '1', '2', '2', '2'],
    ['hold', '1', '1', '3', 'no rule says what becomes of c'],
    ['hold', '1', '2', '3', 'no rule says what becomes of c'],
    ['rekey', '1', '2', '3', 'no rule says what becomes of c'],
    ['add', '1', '2', '1', '2'],
    ['add', '1', '1', '3', '3'],
    ['add', '10', '7', '12', '9'],
    ['add', '10', '11', '11', '12'],
    ['add', null, '1', '5', 'c is NULL on one side, to which nothing can be added'],
  ] as const)('%s: before %s after %s restored %s: %s', (rule, before, after, restored, result) => {
    expect(one('int', rule, before, after, restored)).toBe(result);
  });
});

describe('add', () => {
  test.each([
    ['decimal(8,2)', '10.00', '12.50', '7.25', '9.75'],
    ['decimal(8,2)', '0.10', '0.00', '0.05', '-0.05'],
    ['decimal(8,2)', '1.00', '0.99', '0.01', '0.00'],
    [
      'decimal(65,30)',
      `1.${'0'.repeat(30)}`,
      `1.${'0'.repeat(29)}1`,
      `2.${'0'.repeat(30)}`,
      `2.${'0'.repeat(29)}1`,
    ],
    ['decimal(5,0)', '10', '12', '7', '9'],
    ['bigint', '9007199254740993', '9007199254740994', '9007199254740995', '9007199254740996'],
    ['bigint unsigned', '1', '2', '18446744073709551614', '18446744073709551615'],
    [
      'bigint unsigned',
      '1',
      '3',
      '18446744073709551614',
      "c would become 18446744073709551616, which bigint unsigned can't hold",
    ],
    ['tinyint', '0', '100', '100', "c would become 200, which tinyint can't hold"],
    ['tinyint(3) unsigned', '0', '100', '100', '200'],
    ['int unsigned', '5', '2', '1', "c would become -2, which int unsigned can't hold"],
    ['decimal(4,2)', '0.00', '60.00', '60.00', "c would become 120.00, which decimal(4,2) can't hold"],
    [
      'decimal(4,2) unsigned',
      '9.00',
      '1.00',
      '2.00',
      "c would become -6.00, which decimal(4,2) unsigned can't hold",
    ],
  ])('%s: before %s after %s restored %s: %s', (type, before, after, restored, result) => {
    expect(one(type, 'add', before, after, restored)).toBe(result);
  });

  test('is exact for any decimals', () => {
    const cents = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n });
    const text = (value: bigint): string => {
      const digits = String(value < 0n ? -value : value).padStart(3, '0');
      return `${value < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
    };
    fc.assert(
      fc.property(cents, cents, cents, (before, after, restored) => {
        const sum = one('decimal(40,2)', 'add', text(before), text(after), text(restored));
        expect(sum).toBe(text(restored + after - before));
      }),
    );
  });
});

describe('a row', () => {
  const columns = [column('id', 'int'), column('a', 'int'), column('b', 'int')];
  const rows = { before: ['1', '1', '1'], after: ['1', '2', '1'], restored: ['1', '1', '3'] };

  test('each side changed another column', () => {
    expect(mergeColumns(columns, rows, () => 'merge-columns')).toEqual({ values: ['1', '2', '3'] });
  });

  test('columns without a rule of their own follow the row’s', () => {
    const rule = (name: string) => (name === 'b' ? 'add' : 'hold');
    expect(mergeColumns(columns, rows, rule)).toEqual({ values: ['1', '2', '3'] });
    expect(mergeColumns(columns, rows, () => 'hold')).toEqual({ refused: 'no rule says what becomes of b' });
  });

  test('with a generated column, only a whole row of one side is right', () => {
    const generated = [...columns.slice(0, 2), column('b', 'int', { generated: 'stored' })];
    expect(mergeColumns(generated, rows, () => 'merge-columns')).toEqual({
      refused: expect.stringMatching(/generated/),
    });
    expect(mergeColumns(generated, rows, () => 'take-failed')).toEqual({ values: rows.after });
    expect(mergeColumns(generated, rows, () => 'keep-restored')).toEqual({ values: rows.restored });
  });
});

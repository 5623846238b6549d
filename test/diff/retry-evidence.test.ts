// When two rows under different automatic ids look like one thing, and when that would be a false alarm.
import { describe, expect, test } from 'vitest';
import {
  isDistinguishing,
  isMomentOfWriting,
  momentsAgree,
  retryColumns,
} from '../../src/diff/retry-evidence.ts';
import type { WindowTable } from '../../src/diff/window-table.ts';
import type { ColumnDefinition } from '../../src/server/catalogue.ts';

const column = (name: string, dataType: string, more: Partial<ColumnDefinition> = {}): ColumnDefinition => ({
  name,
  ordinal: 0,
  dataType,
  columnType: dataType,
  unsigned: false,
  nullable: true,
  charset: null,
  collation: null,
  generated: null,
  invisible: false,
  autoIncrement: false,
  labels: null,
  default: null,
  ...more,
});
const id = column('id', 'int', { autoIncrement: true });

/** Only what the rule looks at. */
function table(columns: ColumnDefinition[], unique: number[][] = []): WindowTable {
  const uniqueKeys = unique.map((list, i) => ({ name: `u${i}`, columns: list }));
  return { definitions: columns, primaryKey: { name: 'PRIMARY', columns: [0] }, uniqueKeys } as WindowTable;
}

describe('the columns that count', () => {
  test('are all but the id, the generated ones and the times that the server writes', () => {
    const t = table([
      id,
      column('customer', 'int'),
      column('changed', 'timestamp'),
      column('created', 'datetime', { default: 'CURRENT_TIMESTAMP(6)' }),
      column('made', 'datetime', { default: 'current_timestamp()' }),
      column('starts', 'datetime'),
      column('twice', 'int', { generated: 'stored' }),
    ]);
    expect(retryColumns(t)).toEqual({ content: [1], moments: [5] });
  });

  test('a table whose ids are not automatic has none: a retry has the same key there', () => {
    expect(retryColumns(table([column('id', 'int'), column('n', 'int')]))).toBe(null);
  });
});

describe('a row that says enough', () => {
  const says = (values: (string | null)[], ...columns: ColumnDefinition[]): boolean => {
    const t = table([id, ...columns]);
    return isDistinguishing(t, retryColumns(t)!, ['1', ...values]);
  };
  const int = column('n', 'int');
  const text = column('t', 'varchar');
  const amount = column('a', 'decimal');
  test.each<[string, boolean, (string | null)[], ColumnDefinition[]]>([
    ['a reference and an amount', true, ['7', '10.00'], [int, amount]],
    ['a reference and a status', false, ['7', 'processing'], [int, text]],
    ['a reference and an enum', false, ['7', '1'], [int, column('e', 'enum')]],
    ['a reference and a name', true, ['7', 'Ann Miller'], [int, text]],
    ['a text of one’s own', true, ['please leave it at the door'], [text]],
    ['a label, however long', false, ['subscription_renewal_reminder'], [text]],
    ['a status alone', false, ['new'], [text]],
    ['nothing', false, [], []],
    ['NULLs', false, [null, null], [int, amount]],
    ['defaults, as MySQL has them', false, ['7', '0'], [int, column('d', 'int', { default: '0' })]],
    [
      'defaults, as MariaDB has them',
      false,
      ['7', 'a b c d e'],
      [int, column('d', 'varchar', { default: "'a b c d e'" })],
    ],
  ])('%s: %s', (_, enough, values, columns) => {
    expect(says(values, ...columns)).toBe(enough);
  });

  test('a value of a unique key', () => {
    const t = table([id, text], [[1]]);
    expect(isDistinguishing(t, retryColumns(t)!, ['1', 'abc'])).toBe(true);
  });
});

describe('a DATETIME without a default', () => {
  const noon = Date.UTC(2026, 10, 20, 12, 0, 30) * 1000;
  test.each([
    ['2026-11-20 12:00:30', true],
    ['2026-11-20 12:00:22.123456', true],
    ['2026-11-20 13:00:29', true],
    ['2026-11-20 17:45:30', true],
    ['2026-11-20 12:05:00', false],
    ['2026-11-20 12:00:00', false],
    ['2027-01-01 12:00:30', false],
    ['0000-00-00 00:00:00', false],
  ])('%s is the moment of writing: %s', (value, is) => {
    expect(isMomentOfWriting(value, noon)).toBe(is);
  });

  test('agrees where it is equal, or on both sides the moment of its own writing', () => {
    const columns = { content: [], moments: [0] };
    const at = (value: string | null, second: number) => ({ row: [value], committedAt: noon + second * 1e6 });
    expect(momentsAgree(columns, at('2026-12-24 18:00:00', 0), at('2026-12-24 18:00:00', 99))).toBe(true);
    expect(momentsAgree(columns, at('2026-12-24 18:00:00', 0), at('2026-12-24 19:00:00', 99))).toBe(false);
    expect(momentsAgree(columns, at('2026-11-20 12:00:30', 0), at('2026-11-20 12:02:09', 99))).toBe(true);
    expect(momentsAgree(columns, at('2026-11-20 12:00:30', 0), at('2026-11-20 12:02:50', 99))).toBe(false);
    expect(momentsAgree(columns, at(null, 0), at(null, 99))).toBe(true);
    expect(momentsAgree(columns, at(null, 0), at('2026-11-20 12:02:09', 99))).toBe(false);
  });
});

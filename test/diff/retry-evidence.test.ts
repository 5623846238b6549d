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
import { columnDefinition as column } from '../columns.ts';

const id = column('id', 'int', { autoIncrement: true });

/** Only what the rule looks at. */
function table(columns: ColumnDefinition[], unique: number[][] = []): WindowTable {
  const uniqueKeys = unique.map((list, i) => ({ name: `u${i}`, columns: list }));
  const key = { name: 'PRIMARY', columns: [0] };
  return { definitions: columns, primaryKey: key, uniqueKeys, foreignKeys: [] as unknown } as WindowTable;
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
    expect(retryColumns(t)).toEqual({ id: 0, content: [1], moments: [5] });
  });

  test('a table whose ids nobody gives out has none: a retry has the same key there', () => {
    expect(retryColumns(table([column('id', 'int'), column('n', 'int')]))).toBe(null);
    expect(retryColumns(table([column('day', 'date'), column('n', 'int')]))).toBe(null);
  });

  test('an id that the application makes is left out like an automatic one, but not one that refers to a row', () => {
    const columns = [column('id', 'char'), column('n', 'int')];
    expect(retryColumns(table(columns))).toEqual({ id: 0, content: [1], moments: [] });
    const child = { ...table(columns), foreignKeys: [{ columns: [0] }] } as WindowTable;
    expect(retryColumns(child)).toBe(null);
    const pair = table([column('user', 'binary'), column('role', 'binary')]);
    pair.primaryKey.columns = [0, 1];
    expect(retryColumns(pair)).toBe(null);
    const owned = table([column('tenant', 'int'), column('id', 'binary'), column('n', 'int')]);
    owned.primaryKey.columns = [0, 1];
    expect(retryColumns(owned)).toEqual({ id: 1, content: [0, 2], moments: [] });
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

  test.each<[string, boolean, string, string]>([
    ['a UUID', true, 'char', '6f1c1f0e-7d0a-4b7e-9a53-0c6f3d6f0001'],
    ['an ULID', true, 'varchar', '01ARZ3NDEKTSV4RRFFQ69G5FAV'],
    ['an id with a prefix', true, 'varchar', 'ord_2NxTfKq81LmZ9'],
    ['sixteen bytes', true, 'binary', '\x00'.repeat(16)],
    ['a snowflake', true, 'bigint', '1900000000000000001'],
    ['MariaDB’s own type', true, 'uuid', '6f1c1f0e-7d0a-4b7e-9a53-0c6f3d6f0001'],
    ['a country', false, 'char', 'DE'],
    ['an address', false, 'varchar', 'ann.miller.1987@example.com'],
    ['a name', false, 'varchar', 'subscription_renewal'],
    ['a number people can say', false, 'bigint', '4006381333931'],
    ['two bytes', false, 'binary', '\x01\x02'],
  ])('under %s that somebody made anew: %s', (_, made, type, value) => {
    const t = table([column('id', type), text]);
    expect(isDistinguishing(t, retryColumns(t)!, [value, 'please leave it at the door'])).toBe(made);
  });

  test('somebody’s UUID says no more than somebody’s number', () => {
    const uuid = 'c0ffee00-7d0a-4b7e-9a53-0c6f3d6f9001';
    expect(says([uuid, 'new'], text, text)).toBe(false);
    expect(says([uuid, '7'], column('u', 'uuid'), text)).toBe(false);
    expect(says([uuid, '10.00'], text, amount)).toBe(true);
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
    const columns = { id: 1, content: [], moments: [0] };
    const at = (value: string | null, second: number) => ({ row: [value], committedAt: noon + second * 1e6 });
    expect(momentsAgree(columns, at('2026-12-24 18:00:00', 0), at('2026-12-24 18:00:00', 99))).toBe(true);
    expect(momentsAgree(columns, at('2026-12-24 18:00:00', 0), at('2026-12-24 19:00:00', 99))).toBe(false);
    expect(momentsAgree(columns, at('2026-11-20 12:00:30', 0), at('2026-11-20 12:02:09', 99))).toBe(true);
    expect(momentsAgree(columns, at('2026-11-20 12:00:30', 0), at('2026-11-20 12:02:50', 99))).toBe(false);
    expect(momentsAgree(columns, at(null, 0), at(null, 99))).toBe(true);
    expect(momentsAgree(columns, at(null, 0), at('2026-11-20 12:02:09', 99))).toBe(false);
  });
});

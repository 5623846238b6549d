// When the log's columns are brought into the restored primary's order, and when they are left alone.
import { expect, it } from 'vitest';
import type { LoggedColumn } from '../../src/binlog/logged-column.ts';
import { columnOrder } from '../../src/diff/align-columns.ts';
import type { ColumnDefinition } from '../../src/server/catalogue.ts';

const order = (logged: string[], restored: string[], hasNames = true): number[] | null =>
  columnOrder(
    { hasNames, columns: logged.map((name) => ({ name }) as LoggedColumn) },
    { columns: restored.map((name) => ({ name }) as ColumnDefinition) },
  );

it('other places, the same names', () => {
  expect(order(['id', 'a', 'b'], ['b', 'id', 'a'])).toEqual([2, 0, 1]);
});

it.each([
  ['the same places', ['id', 'a'], ['id', 'a'], true],
  ['another name', ['id', 'a'], ['a', 'key'], true],
  ['one column more', ['id', 'a'], ['a', 'id', 'b'], true],
  ['one column less', ['id', 'a', 'b'], ['a', 'id'], true],
  ['no names in the log', ['id', 'a'], ['a', 'id'], false],
])('left alone: %s', (_, logged, restored, hasNames) => {
  expect(order(logged, restored, hasNames)).toBe(null);
});

// Some columns of a logged row as canonical values. Never takes a column that was not logged for NULL.
import { logValue } from '../binlog/column-value.ts';
import { valueEnd } from '../binlog/row-image.ts';
import { ABSENT_VALUE, NULL_VALUE, type RowImage } from '../binlog/transaction.ts';
import type { WindowTable } from './window-table.ts';

/**
 * `below` stands in for columns that `image` lacks: an update's after image may hold only what changed (MINIMAL).
 * undefined where a column is in neither.
 */
export function imageColumns(
  columns: readonly number[],
  { columns: types }: Pick<WindowTable, 'columns'>,
  image: RowImage,
  below: RowImage | null = null,
): (string | null)[] | undefined {
  const values: (string | null)[] = [];
  for (const column of columns) {
    const from = image.offsets[column] === ABSENT_VALUE ? below : image;
    const start = from?.offsets[column] ?? ABSENT_VALUE;
    if (!from || start === ABSENT_VALUE) return undefined;
    values.push(
      start === NULL_VALUE ? null : logValue(types[column]!, from.bytes, start, valueEnd(from, column)),
    );
  }
  return values;
}

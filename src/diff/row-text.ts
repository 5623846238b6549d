// One row as one string: the canonical text of its columns, so that two rows are equal exactly when the strings are.
// Never interprets a value. A value's canonical text is defined in src/binlog/column-value.ts.
import { logValue, type ValueColumn } from '../binlog/column-value.ts';
import { ABSENT_VALUE, NULL_VALUE, type RowImage } from '../binlog/transaction.ts';

const NULL_MARK = '~';

/** Length before each value: no byte of a value can pass for a separator. */
export function packRow(values: readonly (string | null)[]): string {
  let text = '';
  for (const value of values) text += value === null ? NULL_MARK : `${value.length}:${value}`;
  return text;
}

export function unpackRow(text: string): (string | null)[] {
  const values: (string | null)[] = [];
  let at = 0;
  while (at < text.length) {
    if (text[at] === NULL_MARK) {
      values.push(null);
      at += 1;
      continue;
    }
    const colon = text.indexOf(':', at);
    const end = colon + 1 + Number(text.slice(at, colon));
    values.push(text.slice(colon + 1, end));
    at = end;
  }
  return values;
}

/** The row's values in column order, or null where the image lacks a column (MINIMAL, NOBLOB): absent is not NULL. */
export function imageValues(image: RowImage, columns: readonly ValueColumn[]): (string | null)[] | null {
  const { bytes, offsets } = image;
  const values: (string | null)[] = new Array(columns.length);
  let end = offsets[columns.length]!;
  for (let i = columns.length - 1; i >= 0; i--) {
    const start = offsets[i]!;
    if (start === ABSENT_VALUE) return null;
    if (start === NULL_VALUE) {
      values[i] = null;
      continue;
    }
    values[i] = logValue(columns[i]!, bytes, start, end);
    end = start;
  }
  return values;
}

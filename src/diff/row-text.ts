// One row as one string: the canonical text of its columns, so that two rows are equal exactly when the strings are.
// Never interprets a value. A value's canonical text is defined in src/binlog/column-value.ts.
import { logValue, serverValue, type ValueColumn } from '../binlog/column-value.ts';
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

const NULL_BYTE = NULL_MARK.charCodeAt(0);
const COLON = 0x3a;
const ZERO = 0x30;

/**
 * Whether a row as the server answered it is the one whose packRow() stands in bytes[0..length): the same as to compare
 * their texts, without making them. `columns`: what serverValue() needs of each.
 */
export function isPacked(
  bytes: Buffer,
  length: number,
  row: readonly (Buffer | null)[],
  columns: readonly ValueColumn[],
): boolean {
  let at = 0;
  for (let i = 0; i < row.length; i++) {
    const value = row[i]!;
    if (value === null) {
      if (at >= length || bytes[at] !== NULL_BYTE) return false;
      at += 1;
      continue;
    }
    let size = 0;
    while (at < length && bytes[at] !== COLON) {
      const digit = bytes[at]! - ZERO;
      if (digit < 0 || digit > 9) return false;
      size = size * 10 + digit;
      at += 1;
    }
    at += 1;
    if (at + size > length) return false;
    // A canonical text is its own canonical form: what was answered like that needs no bringing to it.
    if (!isAt(bytes, at, size, value)) {
      const text = serverValue(columns[i]!, value);
      if (text.length !== size || bytes.toString('latin1', at, at + size) !== text) return false;
    }
    at += size;
  }
  return at === length;
}

/** Faster than to call for a comparison. */
const FEW_BYTES = 24;

function isAt(bytes: Buffer, at: number, size: number, value: Buffer): boolean {
  if (value.length !== size) return false;
  if (size > FEW_BYTES) return bytes.compare(value, 0, size, at, at + size) === 0;
  for (let i = 0; i < size; i++) if (bytes[at + i] !== value[i]) return false;
  return true;
}

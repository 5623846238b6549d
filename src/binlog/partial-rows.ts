// PARTIAL_UPDATE_ROWS (binlog_row_value_options=PARTIAL_JSON): with that option every UPDATE is such an event, also of
// tables without JSON, and a JSON value may stand in it as a diff of the one before. Turns it into a plain UPDATE_ROWS
// with whole values. Never guesses a value that the before image lacks.
import { ByteCursor, DecodeFault } from './byte-cursor.ts';
import { JSON_TYPE } from './column-type.ts';
import { UPDATE_ROWS } from './event-type.ts';
import { applyJsonDiffs } from './json-diff.ts';
import { type ImageLayout, imageLayout, measureImage, splitImage, valueEnd } from './row-image.ts';
import type { RowsHeader } from './rows-event.ts';
import type { TableMap } from './table-map.ts';
import { ABSENT_VALUE, NULL_VALUE, type RowImage } from './transaction.ts';

const PARTIAL_JSON = 1;
/** Of a JSON value and of a diff alike. */
const LENGTH_PREFIX = 4;

/** A diff of a value that stands nowhere in the log: the before image has not the column (binlog_row_image=MINIMAL). */
export interface LackingColumn {
  lacking: string;
}

/**
 * Each after image is preceded by its options and, where they say so, by one bit for each JSON column of the table
 * (logged or not): set where the value is a diff of the before image's.
 */
export function withoutPartialOptions(header: RowsHeader, table: TableMap): RowsHeader | LackingColumn {
  const { bytes, end } = header.cursor;
  const cursor = new ByteCursor(bytes, header.cursor.position, end);
  const width = cursor.packed();
  if (width !== table.columns.length)
    throw new DecodeFault(`rows of ${width} columns for ${table.columns.length}`);
  const bitmapBytes = (width + 7) >> 3;
  const first = imageLayout(table.storedLengths, bytes, cursor.skip(bitmapBytes));
  const second = imageLayout(table.storedLengths, bytes, cursor.skip(bitmapBytes));
  const jsonColumns = jsonColumnsOf(table);
  const parts = [bytes.subarray(header.cursor.position, cursor.position)];
  while (cursor.left > 0) {
    const start = cursor.position;
    cursor.position = measureImage(bytes, start, end, first);
    const beforeEnd = cursor.position;
    parts.push(bytes.subarray(start, beforeEnd));
    const diffs = (cursor.packed() & PARTIAL_JSON) !== 0 ? diffColumns(cursor, jsonColumns) : [];
    const after = cursor.position;
    cursor.position = measureImage(bytes, after, end, second);
    if (diffs.length === 0) {
      parts.push(bytes.subarray(after, cursor.position));
    } else {
      const images = {
        before: splitImage(bytes, start, beforeEnd, first),
        after: splitImage(bytes, after, cursor.position, second),
      };
      const lacking = diffs.find((column) => images.before.offsets[column] === ABSENT_VALUE);
      if (lacking !== undefined) return { lacking: columnName(table, lacking) };
      parts.push(bytes.subarray(after, after + second.nullBytes));
      pushWholeValues(parts, images, diffs, second);
    }
    if (cursor.position === start) throw new DecodeFault('rows without columns');
  }
  return { ...header, type: UPDATE_ROWS, cursor: new ByteCursor(Buffer.concat(parts)) };
}

function jsonColumnsOf({ columns }: TableMap): number[] {
  return columns.flatMap(({ type }, column) => (type === JSON_TYPE ? [column] : []));
}

function columnName({ columns }: TableMap, column: number): string {
  return columns[column]!.name ?? `number ${column + 1}`;
}

function diffColumns(cursor: ByteCursor, jsonColumns: readonly number[]): number[] {
  const bits = cursor.slice((jsonColumns.length + 7) >> 3);
  return jsonColumns.filter((_, i) => ((bits[i >> 3]! >> (i & 7)) & 1) === 1);
}

/** The after image's values in order, with the value that a diff makes in place of each diff. */
function pushWholeValues(
  parts: Buffer[],
  { before, after }: { before: RowImage; after: RowImage },
  diffs: readonly number[],
  { present }: ImageLayout,
): void {
  if (diffs.some((column) => before.offsets[column]! < 0 || after.offsets[column]! < 0))
    throw new DecodeFault('a JSON diff of or to no value');
  for (const column of present) {
    const from = after.offsets[column]!;
    if (from === NULL_VALUE) continue;
    const value = after.bytes.subarray(from, valueEnd(after, column));
    if (!diffs.includes(column)) {
      parts.push(value);
      continue;
    }
    const whole = applyJsonDiffs(jsonOf(before, column), value.subarray(LENGTH_PREFIX));
    const prefix = Buffer.alloc(LENGTH_PREFIX);
    prefix.writeUInt32LE(whole.length);
    parts.push(prefix, whole);
  }
}

function jsonOf(image: RowImage, column: number): Buffer {
  return image.bytes.subarray(image.offsets[column]! + LENGTH_PREFIX, valueEnd(image, column));
}

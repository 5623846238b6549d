// PARTIAL_UPDATE_ROWS (binlog_row_value_options=PARTIAL_JSON): with that option every UPDATE is such an event, also of
// tables without JSON. Turns those whose rows are whole into plain ones. Never applies a JSON diff.
import { ByteCursor, DecodeFault } from './byte-cursor.ts';
import { JSON_TYPE } from './column-type.ts';
import { UPDATE_ROWS } from './event-type.ts';
import { imageLayout, measureImage } from './row-image.ts';
import type { RowsHeader } from './rows-event.ts';
import type { TableMap } from './table-map.ts';

const PARTIAL_JSON = 1;

/**
 * Each after image is preceded by its options and, where they say so, by one bit for each JSON column of the table: set
 * where the value is a diff of the before image's. null: some row has such a diff.
 */
export function withoutPartialOptions(header: RowsHeader, table: TableMap): RowsHeader | null {
  const { bytes, end } = header.cursor;
  const cursor = new ByteCursor(bytes, header.cursor.position, end);
  const width = cursor.packed();
  if (width !== table.columns.length)
    throw new DecodeFault(`rows of ${width} columns for ${table.columns.length}`);
  const bitmapBytes = (width + 7) >> 3;
  const first = imageLayout(table.storedLengths, bytes, cursor.skip(bitmapBytes));
  const second = imageLayout(table.storedLengths, bytes, cursor.skip(bitmapBytes));
  const jsonColumns = table.columns.filter(({ type }) => type === JSON_TYPE).length;
  const parts = [bytes.subarray(header.cursor.position, cursor.position)];
  while (cursor.left > 0) {
    const start = cursor.position;
    cursor.position = measureImage(bytes, start, end, first);
    parts.push(bytes.subarray(start, cursor.position));
    if ((cursor.packed() & PARTIAL_JSON) !== 0) {
      const bits = cursor.slice((jsonColumns + 7) >> 3);
      if (bits.some((byte) => byte !== 0)) return null;
    }
    const after = cursor.position;
    cursor.position = measureImage(bytes, after, end, second);
    parts.push(bytes.subarray(after, cursor.position));
    if (cursor.position === start) throw new DecodeFault('rows without columns');
  }
  return { ...header, type: UPDATE_ROWS, cursor: new ByteCursor(Buffer.concat(parts)) };
}

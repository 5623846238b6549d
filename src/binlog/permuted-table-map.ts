// A table's description and its row images with the columns in another order: for a table whose columns stand elsewhere
// on the server that the rows go to. Moves bytes; never reads a value.
import { ReconcileError } from '../reconcile-error.ts';
import { ByteCursor } from './byte-cursor.ts';
import { metadataLength } from './column-metadata.ts';
import { valueEnd } from './row-image.ts';
import { parseTableMap, type TableMap } from './table-map.ts';
import { ABSENT_VALUE, NULL_VALUE, type RowImage } from './transaction.ts';

/**
 * `order[i]`: which of the map's columns is number i now. The body is a table map event's, but without the optional
 * metadata: names and character sets stand in `columns` alone, and who applies rows asks his own table for them.
 */
export function permutedTableMap(
  map: TableMap,
  order: readonly number[],
  flavor: 'mysql' | 'mariadb',
): TableMap {
  const cursor = new ByteCursor(map.body);
  cursor.skip(8);
  for (let name = 0; name < 2; name++) cursor.skip(cursor.packed() + 1);
  const count = cursor.packed();
  const head = map.body.subarray(0, cursor.position);
  if (count !== order.length) throw new ReconcileError('internal', 'an order of other columns');
  const types = cursor.slice(count);
  const metadata = new ByteCursor(cursor.slice(cursor.packed()));
  const metadataOf = Array.from(types, (type) => metadata.slice(metadataLength(type)));
  const nullBits = cursor.slice((count + 7) >> 3);

  const newNullBits = Buffer.alloc(nullBits.length);
  order.forEach((from, to) => {
    if ((nullBits[from >> 3]! >> (from & 7)) & 1) newNullBits[to >> 3]! |= 1 << (to & 7);
  });
  const newMetadata = Buffer.concat(order.map((from) => metadataOf[from]!));
  const body = Buffer.concat([
    head,
    Buffer.from(order.map((from) => types[from]!)),
    packed(newMetadata.length),
    newMetadata,
    newNullBits,
  ]);
  return {
    ...parseTableMap(body, flavor),
    columns: order.map((from) => map.columns[from]!),
    hasNames: map.hasNames,
    primaryKey: map.primaryKey?.map((from) => order.indexOf(from)) ?? null,
  };
}

export function permutedImage(image: RowImage, order: readonly number[]): RowImage {
  const offsets = new Int32Array(order.length + 1);
  const parts: Buffer[] = [];
  let position = 0;
  order.forEach((from, to) => {
    const start = image.offsets[from]!;
    if (start === NULL_VALUE || start === ABSENT_VALUE) {
      offsets[to] = start;
      return;
    }
    const value = image.bytes.subarray(start, valueEnd(image, from));
    offsets[to] = position;
    position += value.length;
    parts.push(value);
  });
  offsets[order.length] = position;
  return { bytes: Buffer.concat(parts, position), offsets };
}

/** A table has 4096 columns at most, of two bytes each. */
function packed(value: number): Buffer {
  return value < 251 ? Buffer.from([value]) : Buffer.from([252, value & 0xff, value >> 8]);
}

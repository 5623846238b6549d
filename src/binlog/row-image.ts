// Finds the columns of a row image: the hot loop of the whole reader. Never makes a value, never allocates while it
// only measures.
import { DecodeFault } from './byte-cursor.ts';
import { ABSENT_VALUE, NULL_VALUE, type RowImage } from './transaction.ts';

/** Which columns an event's images hold and how each is laid out; made once a rows event, not once a row. */
export interface ImageLayout {
  /** Columns of the table, present or not. */
  width: number;
  /** The present columns' indexes, in order. */
  present: Int32Array;
  /** The present columns' layout codes (storedLength), in the same order. */
  lengths: Int32Array;
  /** Bytes of the null bitmap: one bit a present column. */
  nullBytes: number;
}

/** Nearly all images hold all columns: their layout is made once a table. */
const fullLayouts = new WeakMap<Int32Array, ImageLayout>();

/** The bitmap at `bytes[at]` says which columns are present: lowest bit of the first byte first. */
export function imageLayout(storedLengths: Int32Array, bytes: Buffer, at: number): ImageLayout {
  if (!isFull(bytes, at, storedLengths.length)) return partialLayout(storedLengths, bytes, at);
  let layout = fullLayouts.get(storedLengths);
  if (layout === undefined) {
    layout = partialLayout(storedLengths, bytes, at);
    fullLayouts.set(storedLengths, layout);
  }
  return layout;
}

function isFull(bytes: Buffer, at: number, width: number): boolean {
  const whole = width >> 3;
  for (let i = 0; i < whole; i++) if (bytes[at + i] !== 0xff) return false;
  const rest = (1 << (width & 7)) - 1;
  return rest === 0 || (bytes[at + whole]! & rest) === rest;
}

function partialLayout(storedLengths: Int32Array, bytes: Buffer, at: number): ImageLayout {
  const width = storedLengths.length;
  const present = new Int32Array(width);
  let count = 0;
  for (let i = 0; i < width; i++) {
    if (((bytes[at + (i >> 3)]! >> (i & 7)) & 1) === 1) present[count++] = i;
  }
  if (count === width) return { width, present, lengths: storedLengths, nullBytes: (count + 7) >> 3 };
  const shown = present.slice(0, count);
  const lengths = new Int32Array(count);
  for (let i = 0; i < count; i++) lengths[i] = storedLengths[shown[i]!]!;
  return { width, present: shown, lengths, nullBytes: (count + 7) >> 3 };
}

/** Where the image that starts at `start` ends. Throws DecodeFault rather than read behind `end`. */
export function measureImage(bytes: Buffer, start: number, end: number, layout: ImageLayout): number {
  const { lengths, nullBytes } = layout;
  const count = lengths.length;
  let position = start + nullBytes;
  if (position > end) throw new DecodeFault('a null bitmap cut short');
  let nulls = 0;
  for (let i = 0; i < count; i++) {
    if ((i & 7) === 0) nulls = bytes[start + (i >> 3)]!;
    if ((nulls & 1) === 0) {
      const length = lengths[i]!;
      position += length >= 0 ? length : prefixedLength(bytes, position, end, -length);
    }
    nulls >>= 1;
  }
  if (position > end) throw new DecodeFault('a row cut short');
  return position;
}

/** The image from `start` (its null bitmap) to `end`, which measureImage() has found. */
export function splitImage(bytes: Buffer, start: number, end: number, layout: ImageLayout): RowImage {
  const { width, present, lengths, nullBytes } = layout;
  const first = start + nullBytes;
  const offsets = new Int32Array(width + 1);
  if (present.length < width) offsets.fill(ABSENT_VALUE);
  let position = first;
  for (let i = 0; i < lengths.length; i++) {
    if (((bytes[start + (i >> 3)]! >> (i & 7)) & 1) === 1) {
      offsets[present[i]!] = NULL_VALUE;
      continue;
    }
    offsets[present[i]!] = position - first;
    const length = lengths[i]!;
    position += length >= 0 ? length : prefixedLength(bytes, position, end, -length);
  }
  if (position !== end) throw new DecodeFault('a row that does not end where it should');
  offsets[width] = position - first;
  return { bytes: bytes.subarray(first, end), offsets };
}

/** Of a whole image from its null bitmap on: whether the column is NULL. */
export function isNullIn(bytes: Buffer, column: number): boolean {
  return ((bytes[column >> 3]! >> (column & 7)) & 1) === 1;
}

/** Of a whole image from its null bitmap on, which has been measured: where the column's value starts, or would. */
export function valueStartIn(bytes: Buffer, storedLengths: Int32Array, column: number): number {
  let position = (storedLengths.length + 7) >> 3;
  for (let i = 0; i < column; i++) {
    if (!isNullIn(bytes, i)) position += valueLengthIn(bytes, storedLengths, i, position);
  }
  return position;
}

/** With its length prefix, if it has one. */
export function valueLengthIn(
  bytes: Buffer,
  storedLengths: Int32Array,
  column: number,
  start: number,
): number {
  const length = storedLengths[column]!;
  return length >= 0 ? length : prefixedLength(bytes, start, bytes.length, -length);
}

/** Length of a value together with its own length prefix of `size` bytes. */
function prefixedLength(bytes: Buffer, position: number, end: number, size: number): number {
  if (position + size > end) throw new DecodeFault('a value cut short');
  if (size === 1) return 1 + bytes[position]!;
  if (size === 2) return 2 + (bytes[position]! | (bytes[position + 1]! << 8));
  const low = bytes[position]! | (bytes[position + 1]! << 8) | (bytes[position + 2]! << 16);
  if (size === 3) return 3 + low;
  return 4 + low + bytes[position + 3]! * 0x1000000;
}

/** First byte behind column `i`'s stored value (its length prefix included in what starts at offsets[i]). */
export function valueEnd(image: RowImage, column: number): number {
  const { offsets } = image;
  for (let next = column + 1; next < offsets.length; next++) {
    const offset = offsets[next]!;
    if (offset >= 0) return offset;
  }
  throw new DecodeFault('a row image without its end');
}

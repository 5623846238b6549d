// A row image as the bytes that are kept of it: null bitmap (spare bits 0), then the values as stored; in front of a partial
// one the bitmap of the columns that it has. Never says where they are kept.
import { DecodeFault } from './byte-cursor.ts';
import { lacksColumns } from './kept-change.ts';
import { type ImageLayout, imageLayout, measureImage, splitImage } from './row-image.ts';
import { ABSENT_VALUE, NULL_VALUE, type RowImage } from './transaction.ts';

/** Length of an image that is not there. */
export const NO_IMAGE = -1;
/** A table has 4096 columns at most. */
const EVERY_COLUMN = Buffer.alloc(512, 0xff);

/** Images one behind the other, in bytes that are used again for the next ones. */
export class ImagePacker {
  bytes = Buffer.allocUnsafe(4096);

  /** Returns the length. */
  pack(image: RowImage, at: number): number {
    const { bytes, offsets: places } = image;
    const width = places.length - 1;
    const size = places[width]!;
    const bitmapBytes = (width + 7) >> 3;
    this.#makeRoom(at + 2 * bitmapBytes + size);
    const packed = this.bytes;
    let nullsAt = at;
    if (lacksColumns(image)) {
      nullsAt += bitmapBytes;
      packed.fill(0, at, nullsAt);
      for (let i = 0; i < width; i++) {
        if (places[i] !== ABSENT_VALUE) packed[at + (i >> 3)]! |= 1 << (i & 7);
      }
    }
    let present = 0;
    packed.fill(0, nullsAt, nullsAt + bitmapBytes);
    for (let i = 0; i < width; i++) {
      if (places[i] === ABSENT_VALUE) continue;
      if (places[i] === NULL_VALUE) packed[nullsAt + (present >> 3)]! |= 1 << (present & 7);
      present += 1;
    }
    const valuesAt = nullsAt + ((present + 7) >> 3);
    bytes.copy(packed, valuesAt, 0, size);
    return valuesAt + size - at;
  }

  #makeRoom(length: number): void {
    if (length <= this.bytes.length) return;
    const longer = Buffer.allocUnsafe(length * 2);
    this.bytes.copy(longer);
    this.bytes = longer;
  }
}

export function unpackImage(bytes: Buffer, isPartial: boolean, storedLengths: Int32Array): RowImage {
  if (!isPartial) return splitImage(bytes, 0, bytes.length, wholeLayout(storedLengths));
  const bitmapBytes = (storedLengths.length + 7) >> 3;
  return splitImage(bytes, bitmapBytes, bytes.length, imageLayout(storedLengths, bytes, 0));
}

export function wholeLayout(storedLengths: Int32Array): ImageLayout {
  return imageLayout(storedLengths, EVERY_COLUMN, 0);
}

/** A whole image that is in its place already: its spare bits are cleared. Throws DecodeFault where it does not fit the table. */
export function takeImage(bytes: Buffer, start: number, end: number, layout: ImageLayout): void {
  if (measureImage(bytes, start, end, layout) !== end)
    throw new DecodeFault('a row that does not end where it should');
  const { width } = layout;
  if ((width & 7) !== 0) bytes[start + (width >> 3)]! &= ~spareBits(width);
}

/**
 * Of a null bitmap's last byte. A server may leave them set: set in one image and not in another they would make two forms
 * of one row.
 */
export function spareBits(width: number): number {
  return (width & 7) === 0 ? 0 : (0xff << (width & 7)) & 0xff;
}

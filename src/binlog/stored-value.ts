// What a value in the log is without making its text: bytes that are the text already, or an integer. What its text is, is said
// by column-value.ts.
import * as T from './column-type.ts';
import type { ValueColumn } from './column-value.ts';

/** Types whose canonical text is the stored bytes behind their length. */
const TEXT_TYPES = new Set([
  T.VARCHAR,
  T.VAR_STRING,
  T.STRING,
  T.TINY_BLOB,
  T.MEDIUM_BLOB,
  T.LONG_BLOB,
  T.BLOB,
]);

/** Whether the value's canonical text is its stored bytes, behind their length. */
export function isStoredAsText({ type, binary }: ValueColumn): boolean {
  return TEXT_TYPES.has(type) && !(type === T.STRING && binary);
}

/** What the canonical text is the decimal digits of; null for what is no integer, or too large for a number. */
export function integerValue(
  { type, meta, unsigned }: ValueColumn,
  bytes: Buffer,
  start: number,
): number | null {
  switch (type) {
    case T.TINY:
      return unsigned ? bytes.readUInt8(start) : bytes.readInt8(start);
    case T.SHORT:
      return unsigned ? bytes.readUInt16LE(start) : bytes.readInt16LE(start);
    case T.INT24:
      return unsigned ? bytes.readUIntLE(start, 3) : bytes.readIntLE(start, 3);
    case T.LONG:
      return unsigned ? bytes.readUInt32LE(start) : bytes.readInt32LE(start);
    case T.LONGLONG: {
      const high = unsigned ? bytes.readUInt32LE(start + 4) : bytes.readInt32LE(start + 4);
      const value = high * 0x100000000 + bytes.readUInt32LE(start);
      return Number.isSafeInteger(value) ? value : null;
    }
    case T.ENUM:
      return meta <= 2 ? bytes.readUIntLE(start, meta) : null;
    default:
      return null;
  }
}

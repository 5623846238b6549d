// The CRC32 at the end of an event. Never decides what a wrong one means.
import { crc32 } from 'node:zlib';
import { FLAG_IN_USE, FORMAT_DESCRIPTION } from './event-type.ts';
import { CHECKSUM_LENGTH, flagsOf, HEADER_LENGTH, typeOf } from './raw-event.ts';

/** Whether the event's last 4 bytes are the CRC32 of those before them. */
export function checksumMatches(bytes: Buffer): boolean {
  const end = bytes.length - CHECKSUM_LENGTH;
  if (end < HEADER_LENGTH) return false;
  const stated = bytes.readUInt32LE(end);
  if (typeOf(bytes) === FORMAT_DESCRIPTION) return stated === checksumOf(withoutInUseFlag(bytes), end);
  return stated === checksumOf(bytes, end);
}

/** Below so many bytes a call into zlib, and the slice it needs, cost more than the sum itself. */
const SHORT = 240;

/** Table 0 is the usual one; table n gives what a byte does to the sum n bytes later. */
const tables = new Int32Array(8 * 256);
for (let byte = 0; byte < 256; byte++) {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  tables[byte] = value;
}
for (let i = 256; i < tables.length; i++) {
  const before = tables[i - 256]!;
  tables[i] = (before >>> 8) ^ tables[before & 0xff]!;
}

/** Of the block that the event before lay in: nearly always this one's too. */
let view: DataView = new DataView(new ArrayBuffer(0));

/** CRC32 of the first `end` bytes. */
export function checksumOf(bytes: Buffer, end: number): number {
  if (end > SHORT) return crc32(bytes.subarray(0, end));
  if (view.buffer !== bytes.buffer) view = new DataView(bytes.buffer);
  let sum = -1;
  let at = bytes.byteOffset;
  const last = at + end;
  // Eight bytes at a time, after Intel's "slicing-by-8".
  for (; at + 8 <= last; at += 8) {
    const four = sum ^ view.getInt32(at, true);
    const next = view.getInt32(at + 4, true);
    sum =
      tables[1792 + (four & 0xff)]! ^
      tables[1536 + ((four >>> 8) & 0xff)]! ^
      tables[1280 + ((four >>> 16) & 0xff)]! ^
      tables[1024 + (four >>> 24)]! ^
      tables[768 + (next & 0xff)]! ^
      tables[512 + ((next >>> 8) & 0xff)]! ^
      tables[256 + ((next >>> 16) & 0xff)]! ^
      tables[next >>> 24]!;
  }
  if (at + 4 <= last) {
    const four = sum ^ view.getInt32(at, true);
    sum =
      tables[768 + (four & 0xff)]! ^
      tables[512 + ((four >>> 8) & 0xff)]! ^
      tables[256 + ((four >>> 16) & 0xff)]! ^
      tables[four >>> 24]!;
    at += 4;
  }
  for (; at < last; at++) sum = tables[(sum ^ view.getUint8(at)) & 0xff]! ^ (sum >>> 8);
  return ~sum >>> 0;
}

/** The same event as the server that closes or sends the file would have it: the flag is not in the checksum. */
export function withoutInUseFlag(bytes: Buffer): Buffer {
  if ((flagsOf(bytes) & FLAG_IN_USE) === 0) return bytes;
  const copy = Buffer.from(bytes);
  copy.writeUInt16LE(flagsOf(bytes) & ~FLAG_IN_USE, 17);
  return copy;
}

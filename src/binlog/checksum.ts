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
const SHORT = 160;

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

/** CRC32 of the first `end` bytes. */
export function checksumOf(bytes: Buffer, end: number): number {
  if (end > SHORT) return crc32(bytes.subarray(0, end));
  let sum = -1;
  let i = 0;
  // Eight bytes at a time, after Intel's "slicing-by-8".
  for (; i + 8 <= end; i += 8) {
    const four = sum ^ (bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24));
    sum =
      tables[1792 + (four & 0xff)]! ^
      tables[1536 + ((four >>> 8) & 0xff)]! ^
      tables[1280 + ((four >>> 16) & 0xff)]! ^
      tables[1024 + (four >>> 24)]! ^
      tables[768 + bytes[i + 4]!]! ^
      tables[512 + bytes[i + 5]!]! ^
      tables[256 + bytes[i + 6]!]! ^
      tables[bytes[i + 7]!]!;
  }
  for (; i < end; i++) sum = tables[(sum ^ bytes[i]!) & 0xff]! ^ (sum >>> 8);
  return ~sum >>> 0;
}

/** The same event as the server that closes or sends the file would have it: the flag is not in the checksum. */
export function withoutInUseFlag(bytes: Buffer): Buffer {
  if ((flagsOf(bytes) & FLAG_IN_USE) === 0) return bytes;
  const copy = Buffer.from(bytes);
  copy.writeUInt16LE(flagsOf(bytes) & ~FLAG_IN_USE, 17);
  return copy;
}

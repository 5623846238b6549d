// The CRC32 at the end of an event. Never decides what a wrong one means.
import { crc32 } from 'node:zlib';
import { FLAG_IN_USE, FORMAT_DESCRIPTION } from './event-type.ts';
import { CHECKSUM_LENGTH, flagsOf, HEADER_LENGTH, typeOf } from './raw-event.ts';

/** Whether the event's last 4 bytes are the CRC32 of those before them. */
export function checksumMatches(bytes: Buffer): boolean {
  if (bytes.length < HEADER_LENGTH + CHECKSUM_LENGTH) return false;
  const end = bytes.length - CHECKSUM_LENGTH;
  return bytes.readUInt32LE(end) === checksumOf(bytes, end);
}

/** CRC32 of the event's first `end` bytes; of a format description as if its in-use flag were clear. */
export function checksumOf(bytes: Buffer, end: number): number {
  if (typeOf(bytes) !== FORMAT_DESCRIPTION || (flagsOf(bytes) & FLAG_IN_USE) === 0) {
    return crc32(bytes.subarray(0, end));
  }
  return crc32(withoutInUseFlag(bytes).subarray(0, end));
}

/** The same event as the server that closes or sends the file would have it. */
export function withoutInUseFlag(bytes: Buffer): Buffer {
  if ((flagsOf(bytes) & FLAG_IN_USE) === 0) return bytes;
  const copy = Buffer.from(bytes);
  copy.writeUInt16LE(flagsOf(bytes) & ~FLAG_IN_USE, 17);
  return copy;
}

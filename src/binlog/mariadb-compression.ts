// MariaDB's log_bin_compress: the compressed part of a query or rows event. Never trusts the stated length: it bounds
// the inflation and must come out exactly.
import { constants, inflateSync } from 'node:zlib';
import { ByteCursor, DecodeFault, NotReadFault } from './byte-cursor.ts';

/** The server's own limit for one event. */
const MAX_EVENT_LENGTH = 1024 * 1024 * 1024;

/**
 * One byte of header (0x80, the algorithm in bits 4 to 6, bytes of the length in bits 0 to 2), the length before
 * compression (big-endian), then a zlib stream.
 */
export function inflateEvent(compressed: Buffer): Buffer {
  const cursor = new ByteCursor(compressed);
  const header = cursor.uint8();
  const lengthBytes = header & 0x07;
  if ((header & 0x80) === 0 || lengthBytes < 1 || lengthBytes > 4) {
    throw new DecodeFault(`compression header 0x${header.toString(16)}`);
  }
  const algorithm = (header & 0x70) >> 4;
  if (algorithm !== 0) throw new NotReadFault(`compression algorithm ${algorithm} of MariaDB`);
  const length = compressed.readUIntBE(cursor.skip(lengthBytes), lengthBytes);
  if (length > MAX_EVENT_LENGTH) throw new DecodeFault(`${length} bytes before compression`);
  const inflated = inflate(compressed.subarray(cursor.position), length);
  if (inflated.length !== length) {
    throw new DecodeFault(`${inflated.length} bytes came out of compression where ${length} were stated`);
  }
  return inflated;
}

function inflate(stream: Buffer, length: number): Buffer {
  try {
    return inflateSync(stream, { maxOutputLength: Math.max(length, 1), finishFlush: constants.Z_FINISH });
  } catch (cause) {
    throw new DecodeFault('a compressed event that does not inflate', { cause });
  }
}

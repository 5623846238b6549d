// MySQL's TRANSACTION_PAYLOAD event (binlog_transaction_compression): a whole transaction's events, compressed. Gives
// back the events inside, which have no checksum of their own. Never decodes them.
import { zstdDecompressSync } from 'node:zlib';
import { ByteCursor, DecodeFault, NotReadFault } from './byte-cursor.ts';
import { HEADER_LENGTH, lengthOf } from './raw-event.ts';

const FIELD_END = 0;
const FIELD_PAYLOAD_SIZE = 1;
const FIELD_COMPRESSION = 2;
const FIELD_UNCOMPRESSED_SIZE = 3;
const COMPRESSION_ZSTD = 0;
const COMPRESSION_NONE = 255;

/**
 * A transaction before compression is at most max_binlog_cache_size, which no server has beyond memory: what can't be
 * one Buffer of ours is refused as not read, never half read.
 */
const MAX_UNCOMPRESSED = 4 * 1024 * 1024 * 1024 - 1;

/** `cursor` covers the event's body without checksum. */
export function eventsOfPayload(cursor: ByteCursor): Buffer[] {
  let payloadSize = -1;
  let compression = -1;
  let uncompressedSize = -1;
  for (;;) {
    const field = cursor.packed();
    if (field === FIELD_END) break;
    const value = new ByteCursor(cursor.slice(cursor.packed()));
    if (field === FIELD_PAYLOAD_SIZE) payloadSize = value.packed();
    else if (field === FIELD_COMPRESSION) compression = value.packed();
    else if (field === FIELD_UNCOMPRESSED_SIZE) uncompressedSize = value.packed();
  }
  if (payloadSize < 0 || compression < 0)
    throw new DecodeFault('a transaction payload without its size or type');
  if (payloadSize !== cursor.left) {
    throw new DecodeFault(`a payload of ${payloadSize} bytes where ${cursor.left} are left`);
  }
  return splitEvents(uncompressed(cursor.slice(payloadSize), compression, uncompressedSize));
}

function uncompressed(payload: Buffer, compression: number, size: number): Buffer {
  if (compression === COMPRESSION_NONE) return payload;
  if (compression !== COMPRESSION_ZSTD) throw new NotReadFault(`transaction compression type ${compression}`);
  if (size < 0) throw new DecodeFault('a compressed payload that does not state its uncompressed size');
  if (size > MAX_UNCOMPRESSED) throw new NotReadFault(`a transaction of ${size} bytes before compression`);
  const events = decompress(payload, size);
  if (events.length !== size) {
    throw new DecodeFault(`${events.length} bytes came out of compression where ${size} were stated`);
  }
  return events;
}

function decompress(payload: Buffer, size: number): Buffer {
  try {
    // The limit is the stated size: a payload that claims less than it holds fails, it does not fill memory.
    return zstdDecompressSync(payload, { maxOutputLength: Math.max(size, 1) });
  } catch (cause) {
    throw new DecodeFault('a compressed transaction that does not decompress', { cause });
  }
}

function splitEvents(bytes: Buffer): Buffer[] {
  const events: Buffer[] = [];
  let position = 0;
  while (position < bytes.length) {
    if (bytes.length - position < HEADER_LENGTH)
      throw new DecodeFault('a cut event inside a transaction payload');
    const length = lengthOf(bytes.subarray(position, position + HEADER_LENGTH));
    if (length < HEADER_LENGTH || length > bytes.length - position) {
      throw new DecodeFault(`an event of ${length} bytes inside a transaction payload`);
    }
    events.push(bytes.subarray(position, position + length));
    position += length;
  }
  return events;
}

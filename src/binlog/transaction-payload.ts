// MySQL's TRANSACTION_PAYLOAD event (binlog_transaction_compression): a whole transaction's events, compressed. Gives
// back the events inside, which have no checksum of their own, a large one's bit by bit. Never decodes them.
import { Readable } from 'node:stream';
import { createZstdDecompress, zstdDecompressSync } from 'node:zlib';
import { type ByteCursor, ByteCursor as Cursor, DecodeFault, NotReadFault } from './byte-cursor.ts';
import { HEADER_LENGTH, lengthOf } from './raw-event.ts';

const FIELD_END = 0;
const FIELD_PAYLOAD_SIZE = 1;
const FIELD_COMPRESSION = 2;
const FIELD_UNCOMPRESSED_SIZE = 3;
const COMPRESSION_ZSTD = 0;
const COMPRESSION_NONE = 255;

/** Decompressed at once up to here: a stream for each of a million small transactions would cost more than it saves. */
const LARGE = 1024 * 1024;
const CHUNK = 512 * 1024;

export interface Payload {
  /** Offset in the event of its first byte. */
  start: number;
  /** Bytes in the event. */
  size: number;
  compressed: boolean;
  /** As stated: what comes out is held to it. */
  uncompressedSize: number;
}

/** `cursor` begins behind the event's header; `left` bytes of body, without the checksum, stand there in the log. */
export function readPayload(cursor: ByteCursor, left = cursor.left): Payload {
  const end = cursor.position + left;
  let size = -1;
  let compression = -1;
  let uncompressedSize = -1;
  for (;;) {
    const field = cursor.packed();
    if (field === FIELD_END) break;
    const value = new Cursor(cursor.slice(cursor.packed()));
    if (field === FIELD_PAYLOAD_SIZE) size = value.packed();
    else if (field === FIELD_COMPRESSION) compression = value.packed();
    else if (field === FIELD_UNCOMPRESSED_SIZE) uncompressedSize = value.packed();
  }
  if (size < 0 || compression < 0) throw new DecodeFault('a transaction payload without its size or type');
  if (size !== end - cursor.position) {
    throw new DecodeFault(`a payload of ${size} bytes where ${end - cursor.position} are left`);
  }
  const start = cursor.position;
  if (compression === COMPRESSION_NONE) return { start, size, compressed: false, uncompressedSize: size };
  if (compression !== COMPRESSION_ZSTD) throw new NotReadFault(`transaction compression type ${compression}`);
  if (uncompressedSize < 0)
    throw new DecodeFault('a compressed payload that does not state its uncompressed size');
  return { start, size, compressed: true, uncompressedSize };
}

export function isLarge({ size, uncompressedSize }: Payload): boolean {
  return size > LARGE || uncompressedSize > LARGE;
}

/** All of it at once. */
export function eventsOfPayload(
  bytes: Buffer,
  { start, size, compressed, uncompressedSize }: Payload,
): Buffer[] {
  const payload = bytes.subarray(start, start + size);
  const splitter = new EventSplitter(uncompressedSize);
  const events = splitter.push(compressed ? decompress(payload, uncompressedSize) : payload);
  splitter.end();
  return events;
}

/** The same in batches, in bounded memory. `chunks` begin with the payload's first byte; what follows it is left alone. */
export async function* streamPayload(
  chunks: AsyncIterable<Buffer>,
  { size, compressed, uncompressedSize }: Payload,
): AsyncGenerator<Buffer[]> {
  const payload = firstBytes(chunks, size);
  const splitter = new EventSplitter(uncompressedSize);
  for await (const chunk of compressed ? inflate(payload) : payload) yield splitter.push(chunk);
  splitter.end();
}

async function* firstBytes(chunks: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  let left = size;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length && left > 0; at += CHUNK) {
      const piece = chunk.subarray(at, Math.min(at + CHUNK, at + left));
      left -= piece.length;
      yield piece;
    }
    if (left === 0) return;
  }
  throw new DecodeFault(`a payload that ends ${left} bytes early`);
}

async function* inflate(payload: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const inflater = createZstdDecompress({ chunkSize: CHUNK });
  const input = Readable.from(payload, { objectMode: false, highWaterMark: CHUNK });
  let failure: unknown = null;
  input.on('error', (error) => {
    failure = error;
    inflater.destroy(error);
  });
  input.pipe(inflater);
  try {
    for await (const chunk of inflater) yield chunk;
  } catch (cause) {
    throw failure ?? notCompressed(cause);
  } finally {
    input.destroy();
    inflater.destroy();
  }
}

function decompress(payload: Buffer, size: number): Buffer {
  try {
    // The limit is the stated size: a payload that claims less than it holds fails, it does not fill memory.
    return zstdDecompressSync(payload, { maxOutputLength: Math.max(size, 1) });
  } catch (cause) {
    throw notCompressed(cause);
  }
}

function notCompressed(cause: unknown): DecodeFault {
  return new DecodeFault('a compressed transaction that does not decompress', { cause });
}

/** Cuts bytes that come in pieces into events; holds less than one event. */
class EventSplitter {
  private readonly size: number;
  /** Bytes in `held`, and before them. */
  private held: Buffer[] = [];
  private heldBytes = 0;
  private taken = 0;
  /** Of the event that `held` begins with, once its header is there. */
  private length = 0;

  constructor(size: number) {
    this.size = size;
  }

  /** The events that end in `bytes`, which they are slices of where they begin in it too. */
  push(bytes: Buffer): Buffer[] {
    const events: Buffer[] = [];
    let rest = bytes;
    if (this.taken + this.heldBytes + bytes.length > this.size) throw this.wrongSize('more');
    while (this.heldBytes > 0 && rest.length > 0) {
      const wanted = (this.length === 0 ? HEADER_LENGTH : this.length) - this.heldBytes;
      const piece = rest.subarray(0, wanted);
      this.hold(piece);
      rest = rest.subarray(piece.length);
      if (piece.length < wanted) return events;
      if (this.length === 0) this.length = this.checkedLength(this.joined());
      if (this.heldBytes < this.length) continue;
      events.push(this.joined());
      this.taken += this.length;
      this.held = [];
      this.heldBytes = 0;
      this.length = 0;
    }
    let at = 0;
    while (rest.length - at >= HEADER_LENGTH) {
      const length = this.checkedLength(rest.subarray(at, at + HEADER_LENGTH));
      if (length > rest.length - at) break;
      events.push(rest.subarray(at, at + length));
      this.taken += length;
      at += length;
    }
    // A copy: a slice would keep a whole block for the sake of its last bytes.
    if (at < rest.length) this.hold(Buffer.from(rest.subarray(at)));
    if (this.heldBytes >= HEADER_LENGTH) this.length = this.checkedLength(this.joined());
    return events;
  }

  end(): void {
    if (this.heldBytes > 0) throw new DecodeFault('a cut event inside a transaction payload');
    if (this.taken !== this.size) throw this.wrongSize(String(this.taken));
  }

  private hold(piece: Buffer): void {
    this.held.push(piece);
    this.heldBytes += piece.length;
  }

  private joined(): Buffer {
    if (this.held.length > 1) this.held = [Buffer.concat(this.held, this.heldBytes)];
    return this.held[0]!;
  }

  /** Never beyond what is stated to be there: no length in the log is believed further. */
  private checkedLength(header: Buffer): number {
    const length = lengthOf(header);
    if (length < HEADER_LENGTH || length > this.size - this.taken)
      throw new DecodeFault(`an event of ${length} bytes inside a transaction payload`);
    return length;
  }

  private wrongSize(came: string): DecodeFault {
    return new DecodeFault(`${came} bytes came out of compression where ${this.size} were stated`);
  }
}

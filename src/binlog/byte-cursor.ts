// Reads fields out of an event one after another and never past its end. Knows integers, strings and the protocol's
// packed lengths; knows no event.

import { ReconcileError } from '../reconcile-error.ts';

/** Bytes that contradict themselves. Whoever knows the place makes a ReconcileError that names it. */
export class DecodeFault extends ReconcileError {
  constructor(message: string, details: { cause?: unknown } = {}) {
    super('corrupt', message, details);
  }
}

/** Well-formed, as far as we can tell, but a kind of thing that is not read (yet): it must become loud. */
export class NotReadFault extends ReconcileError {
  constructor(message: string) {
    super('unsupported', message);
  }
}

export class ByteCursor {
  readonly bytes: Buffer;
  position: number;
  readonly end: number;

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    if (start < 0 || start > end || end > bytes.length) {
      throw new DecodeFault(`bytes ${start} to ${end} of an event of ${bytes.length} bytes`);
    }
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  get left(): number {
    return this.end - this.position;
  }

  /** Moves over `count` bytes and returns where they start. */
  skip(count: number): number {
    const start = this.position;
    if (!(count >= 0) || count > this.end - start) {
      throw new DecodeFault(`${count} bytes wanted where ${this.end - start} are left`);
    }
    this.position = start + count;
    return start;
  }

  uint8(): number {
    return this.bytes[this.skip(1)]!;
  }

  uint16(): number {
    return this.bytes.readUInt16LE(this.skip(2));
  }

  uint32(): number {
    return this.bytes.readUInt32LE(this.skip(4));
  }

  /** An unsigned little-endian integer of up to 6 bytes. */
  uint(size: number): number {
    return this.bytes.readUIntLE(this.skip(size), size);
  }

  uint64(): bigint {
    return this.bytes.readBigUInt64LE(this.skip(8));
  }

  int64(): bigint {
    return this.bytes.readBigInt64LE(this.skip(8));
  }

  slice(count: number): Buffer {
    const start = this.skip(count);
    return this.bytes.subarray(start, start + count);
  }

  utf8(count: number): string {
    const start = this.skip(count);
    return this.bytes.toString('utf8', start, start + count);
  }

  /** One character a byte, so that no byte is lost whatever the character set. */
  binary(count: number): string {
    const start = this.skip(count);
    return this.bytes.toString('latin1', start, start + count);
  }

  /** The protocol's packed integer: 1, 3, 4 or 9 bytes. Values beyond 2^53 are no length of anything: a fault. */
  packed(): number {
    const first = this.uint8();
    if (first < 251) return first;
    if (first === 252) return this.uint16();
    if (first === 253) return this.uint(3);
    if (first === 254) {
      const value = this.uint64();
      if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new DecodeFault(`a packed length of ${value}`);
      return Number(value);
    }
    throw new DecodeFault(`byte ${first} where a packed length should start`);
  }
}

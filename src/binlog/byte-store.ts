// Bytes that are kept for later: appended once, read by their offset. In memory up to a bound; behind it in a file of our
// own that has no name any more (mode 0600), so that a window's size is no question of memory. Never knows what they mean.
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReconcileError } from '../reconcile-error.ts';
import { sameBytes } from './same-bytes.ts';

const CHUNK = 1 << 20;
const NONE = Buffer.alloc(0);

export interface ByteStoreOptions {
  /** Bytes held in memory; what is more goes into the file. */
  bound?: number;
  /** Where that file is made. */
  folder?: string;
  /** Bytes of the file that are read at a time, where what is read next stands beside what was read last; else 0. */
  ahead?: number;
}

interface Block {
  at: number;
  bytes: Buffer;
}

/** So many places are gone through side by side: a row's image, and the one that it had before. */
const BLOCKS = 4;

/** Where bytes may be written that are then appended as they stand. */
export interface Room {
  readonly bytes: Buffer;
  readonly at: number;
}

export class ByteStore {
  readonly #bound: number;
  readonly #folder: string;
  /** A run longer than a chunk takes several places: each holds its buffer from there on. null: in the file. */
  readonly #chunks: (Buffer | null)[] = [];
  #end = 0;
  #resident = 0;
  #firstResident = 0;
  #file: number | null = null;
  readonly #ahead: number;
  /** What was read of the file last, the one that was used last in front. */
  readonly #blocks: Block[] = [];
  #scratch: Buffer = Buffer.alloc(0);

  constructor({ bound = 32 << 20, folder = tmpdir(), ahead = 0 }: ByteStoreOptions = {}) {
    this.#bound = bound;
    this.#folder = folder;
    this.#ahead = ahead;
  }

  /** The offset at which to ask for `bytes[start..end)` again. Throws ReconcileError('input') where the disk is full. */
  append(bytes: Buffer, start: number, end: number): number {
    const length = end - start;
    if (length === 0) return this.#end;
    const room = this.room(length);
    bytes.copy(room.bytes, room.at, start, end);
    return this.appendRoom(length);
  }

  /** For `most` bytes: good until something is appended. Throws as append() does. */
  room(most: number): Room {
    if (most > this.#chunks.length * CHUNK - this.#end) this.#open(most);
    return { bytes: this.#chunks[Math.floor(this.#end / CHUNK)] ?? NONE, at: this.#end % CHUNK };
  }

  /** What was written to the room that was asked for last: the offset at which to ask for it again. */
  appendRoom(length: number): number {
    const offset = this.#end;
    // What a long one leaves of its last place is not used.
    this.#end = length > CHUNK ? this.#chunks.length * CHUNK : offset + length;
    return offset;
  }

  read(offset: number, length: number): Buffer {
    if (length === 0) return Buffer.alloc(0);
    const at = offset % CHUNK;
    const chunk = this.#chunks[Math.floor(offset / CHUNK)];
    if (chunk) return chunk.subarray(at, at + length);
    if (this.#ahead === 0) return this.#readFile(offset, length, length);
    const block = this.#holding(offset, length) ?? this.#readBlock(offset, length);
    return block.bytes.subarray(offset - block.at, offset - block.at + length);
  }

  /** Whether bytes[0..length) were appended at that offset. */
  equals(offset: number, bytes: Buffer, length: number): boolean {
    const at = offset % CHUNK;
    const chunk = this.#chunks[Math.floor(offset / CHUNK)];
    if (chunk) return sameBytes(chunk, at, at + length, bytes, 0);
    const block = this.#holding(offset, length);
    if (block) {
      const from = offset - block.at;
      return sameBytes(block.bytes, from, from + length, bytes, 0);
    }
    if (this.#scratch.length < length) this.#scratch = Buffer.allocUnsafeSlow(length * 2);
    return this.#readFile(offset, length, length, this.#scratch).compare(bytes, 0, length) === 0;
  }

  #holding(offset: number, length: number): Block | undefined {
    const blocks = this.#blocks;
    for (let i = 0; i < blocks.length; i++) {
      const block = blocks[i]!;
      if (offset < block.at || offset + length > block.at + block.bytes.length) continue;
      if (i > 0) {
        blocks.copyWithin(1, 0, i);
        blocks[0] = block;
      }
      return block;
    }
    return undefined;
  }

  #readBlock(offset: number, length: number): Block {
    // Read from the last one to the first, the next lies in front of it.
    const isBehind = this.#blocks.some(({ at }) => offset < at && offset + length > at - this.#ahead);
    const at = isBehind ? Math.max(0, offset + length - this.#ahead) : offset;
    const from = Math.min(at, offset);
    const needed = offset + length - from;
    const block = { at: from, bytes: this.#readFile(from, needed, Math.max(needed, this.#ahead)) };
    this.#blocks.unshift(block);
    if (this.#blocks.length > BLOCKS) this.#blocks.pop();
    return block;
  }

  /** By default into a buffer of its own: what was read before stays good. */
  #readFile(offset: number, length: number, most: number, bytes: Buffer = Buffer.allocUnsafe(most)): Buffer {
    let filled = 0;
    while (filled < length) {
      const read = readSync(this.#file!, bytes, filled, most - filled, offset + filled);
      if (read === 0) throw new ReconcileError('internal', 'the temporary file of the window was cut short');
      filled += read;
    }
    return bytes.subarray(0, filled);
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
    this.#chunks.length = 0;
  }

  /** A fresh chunk, or one as long as what it is for: nothing is split over two. */
  #open(length: number): void {
    const places = Math.max(1, Math.ceil(length / CHUNK));
    this.#end = this.#chunks.length * CHUNK;
    while (this.#resident + places * CHUNK > this.#bound && this.#firstResident < this.#chunks.length) {
      this.#spill();
    }
    const buffer = Buffer.allocUnsafeSlow(places * CHUNK);
    for (let i = 0; i < places; i++) this.#chunks.push(buffer.subarray(i * CHUNK));
    this.#resident += places * CHUNK;
  }

  #spill(): void {
    const number = this.#firstResident;
    const chunk = this.#chunks[number]!;
    try {
      this.#file ??= openUnnamed(this.#folder);
      for (let done = 0; done < chunk.length; ) {
        done += writeSync(this.#file, chunk, done, chunk.length - done, number * CHUNK + done);
      }
    } catch (cause) {
      throw new ReconcileError(
        'input',
        `${this.#folder}: the window does not fit into memory, and its temporary file can't be written: ${cause instanceof Error ? cause.message : String(cause)}`,
        {
          hint: 'Make room there, or take another folder: `diff` has it beside its plan (--plan FILE), other commands where TMPDIR says.',
          cause,
        },
      );
    }
    this.#firstResident += chunk.length / CHUNK;
    this.#chunks.fill(null, number, this.#firstResident);
    this.#resident -= chunk.length;
  }
}

/** Its name is gone at once: whatever ends the process, no customer's row stays behind. */
function openUnnamed(folder: string): number {
  const path = join(folder, `.reconcile-${randomBytes(8).toString('hex')}.tmp`);
  const file = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  return file;
}

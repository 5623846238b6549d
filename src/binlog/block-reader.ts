// Reads a file front to back in big blocks and holds what its reader has not used up. Plain or compressed copies alike.
// Blocks are never written again once read: events are slices of them.
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { ReconcileError } from '../reconcile-error.ts';
import type { BinlogFile } from './binlog-files.ts';

/** Measured: bigger blocks keep more events alive at a time, which costs more than the fewer reads save. */
const BLOCK = 512 * 1024;

export interface BlockReader {
  /** Read and not used up: `block` from `start` to `end`. */
  block: Buffer;
  start: number;
  end: number;
  /** Offset in the (decompressed) file of `block[start]`. */
  position: number;
  /** The file's size; Infinity while a compressed copy has not been read to its end. */
  size: number;
  /** Reads on until `wanted` bytes are held, or the file ends. Makes a new block: slices of the old one stay good. */
  fill(wanted: number): Promise<void>;
  /** Goes on at a later position. */
  skipTo(position: number): Promise<void>;
  close(): Promise<void>;
}

export async function openBlockReader(file: BinlogFile): Promise<BlockReader> {
  if (file.form === 'gzip' || file.form === 'zstd') return new InflatingReader(file);
  return new PlainReader(await open(file.path, 'r'), file.size);
}

/** Room in front of what is read ahead: what is left of the block before, nearly always less, goes there. */
const HEADROOM = 64 * 1024;

interface ReadAhead {
  /** In the file. */
  position: number;
  /** Its data starts at HEADROOM. */
  buffer: Buffer;
  length: number;
}

class PlainReader implements BlockReader {
  block: Buffer = Buffer.alloc(0);
  start = 0;
  end = 0;
  position = 0;
  /** As found when opened: a file that a server still writes to is read to there. */
  readonly size: number;
  private readonly handle: FileHandle;
  /** The next block, read while this one is worked on. */
  private ahead: Promise<ReadAhead> | null = null;

  constructor(handle: FileHandle, size: number) {
    this.handle = handle;
    this.size = size;
  }

  async fill(wanted: number): Promise<void> {
    const held = this.end - this.start;
    const from = this.position + held;
    if (held >= wanted || from >= this.size) return;
    let next = await (this.ahead ?? this.read(from));
    if (next.position !== from) next = await this.read(from);
    this.ahead = null;
    if (held <= HEADROOM && (held + next.length >= wanted || from + next.length >= this.size)) {
      this.block.copy(next.buffer, HEADROOM - held, this.start, this.end);
      this.use(next.buffer, HEADROOM - held, HEADROOM + next.length);
    } else {
      await this.fillLonger(wanted, held, next);
    }
    const behind = this.position + this.end - this.start;
    if (behind < this.size) {
      this.ahead = this.read(behind);
      // Whoever awaits it learns of a failure; until then it must not end the process.
      this.ahead.catch(() => {});
    }
  }

  /** An event longer than a block. */
  private async fillLonger(wanted: number, held: number, next: ReadAhead): Promise<void> {
    const room = Math.min(Math.max(wanted, held + next.length), this.size - this.position);
    const block = Buffer.allocUnsafeSlow(room);
    this.block.copy(block, 0, this.start, this.end);
    next.buffer.copy(block, held, HEADROOM, HEADROOM + next.length);
    const filled = held + next.length;
    const more = await this.readInto(block, filled, room - filled, this.position + filled);
    this.use(block, 0, filled + more);
  }

  private use(block: Buffer, start: number, end: number): void {
    this.block = block;
    this.start = start;
    this.end = end;
  }

  private async read(position: number): Promise<ReadAhead> {
    const wanted = Math.min(BLOCK, this.size - position);
    const buffer = Buffer.allocUnsafeSlow(HEADROOM + wanted);
    return { position, buffer, length: await this.readInto(buffer, HEADROOM, wanted, position) };
  }

  /** Reads less than `length` only where the file has become shorter. */
  private async readInto(buffer: Buffer, at: number, length: number, position: number): Promise<number> {
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await this.handle.read(buffer, at + filled, length - filled, position + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return filled;
  }

  async skipTo(position: number): Promise<void> {
    const ahead = position - this.position;
    this.start = Math.min(this.end, this.start + ahead);
    this.position = position;
    if (this.start === this.end) this.start = this.end = 0;
  }

  async close(): Promise<void> {
    await this.ahead?.catch(() => {});
    await this.handle.close();
  }
}

class InflatingReader implements BlockReader {
  block: Buffer = Buffer.alloc(0);
  start = 0;
  end = 0;
  position = 0;
  size = Number.POSITIVE_INFINITY;
  private readonly chunks: AsyncIterator<Buffer>;
  private readonly stop: () => void;
  private readonly path: string;

  constructor(file: BinlogFile) {
    this.path = file.path;
    const input = createReadStream(file.path, { highWaterMark: BLOCK });
    const inflater =
      file.form === 'gzip' ? createGunzip({ chunkSize: BLOCK }) : createZstdDecompress({ chunkSize: BLOCK });
    input.on('error', (error) => inflater.destroy(error));
    input.pipe(inflater);
    this.chunks = inflater[Symbol.asyncIterator]();
    this.stop = () => {
      input.destroy();
      inflater.destroy();
    };
  }

  async fill(wanted: number): Promise<void> {
    const parts = [this.block.subarray(this.start, this.end)];
    let held = this.end - this.start;
    if (held >= wanted || this.size !== Number.POSITIVE_INFINITY) return;
    while (held < Math.max(wanted, BLOCK)) {
      const next = await this.nextChunk(held);
      if (next.done === true) {
        this.size = this.position + held;
        break;
      }
      parts.push(next.value);
      held += next.value.length;
    }
    this.block = Buffer.concat(parts, held);
    this.start = 0;
    this.end = held;
  }

  private async nextChunk(held: number): Promise<IteratorResult<Buffer>> {
    try {
      return await this.chunks.next();
    } catch (cause) {
      const at = this.position + held;
      throw new ReconcileError('corrupt', `${this.path} does not decompress behind position ${at}`, {
        hint: 'Copy the file from the server again, or give the uncompressed one.',
        cause,
      });
    }
  }

  async skipTo(position: number): Promise<void> {
    while (this.position < position) {
      if (this.start === this.end) await this.fill(1);
      const step = Math.min(position - this.position, this.end - this.start);
      if (step === 0) return;
      this.start += step;
      this.position += step;
    }
  }

  async close(): Promise<void> {
    this.stop();
  }
}

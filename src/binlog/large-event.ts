// A compressed transaction (TRANSACTION_PAYLOAD) too long to be held: passed over once for its checksum, and read again
// by whoever wants what is in it. Never decompresses.
import { crc32 } from 'node:zlib';
import type { BinlogFile } from './binlog-files.ts';
import { type BlockReader, openBlockReader } from './block-reader.ts';
import { TRANSACTION_PAYLOAD } from './event-type.ts';
import { corrupt } from './file-errors.ts';
import { CUT, type Framed } from './framed-event.ts';
import { CHECKSUM_LENGTH } from './raw-event.ts';

const LARGE = 1024 * 1024;
/** What is held of it: the fields before the compressed bytes take at most 19 + 34. */
const HEAD = 256;

export function isLarge({ block, start }: BlockReader, length: number): boolean {
  return length > LARGE && block[start + 4] === TRANSACTION_PAYLOAD;
}

/** Gives its first bytes. Its length is sound so far: on `broken` the reader stands somewhere behind its start. */
export async function passLarge(reader: BlockReader, length: number, checksum: boolean): Promise<Framed> {
  await reader.fill(HEAD);
  const bytes = Buffer.from(reader.block.subarray(reader.start, Math.min(reader.end, reader.start + HEAD)));
  const stated = bytes.readUInt32LE(13);
  if (!checksum && stated !== 0 && stated !== (reader.position + length) % 2 ** 32)
    return { kind: 'broken', reason: `the event says that it ends at ${stated}` };
  const end = reader.position + length - (checksum ? CHECKSUM_LENGTH : 0);
  let sum = 0;
  while (reader.position < end) {
    if (reader.end === reader.start) await reader.fill(1);
    const step = Math.min(reader.end - reader.start, end - reader.position);
    if (step === 0) return { kind: 'broken', reason: CUT };
    if (checksum) sum = crc32(reader.block.subarray(reader.start, reader.start + step), sum);
    reader.start += step;
    reader.position += step;
  }
  if (!checksum) return { kind: 'event', bytes };
  await reader.fill(CHECKSUM_LENGTH);
  if (reader.end - reader.start < CHECKSUM_LENGTH) return { kind: 'broken', reason: CUT };
  if (reader.block.readUInt32LE(reader.start) !== sum)
    return { kind: 'broken', reason: 'the checksum does not match' };
  await reader.skipTo(end + CHECKSUM_LENGTH);
  return { kind: 'event', bytes };
}

/** Bytes of a file that were read and checked before. */
export async function* readAgain(file: BinlogFile, from: number, to: number): AsyncGenerator<Buffer> {
  const reader = await openBlockReader(file);
  try {
    await reader.skipTo(from);
    while (reader.position < to) {
      await reader.fill(1);
      const { block, start, end } = reader;
      const step = Math.min(end - start, to - reader.position);
      if (step === 0) throw corrupt(file.file, reader.position, 'the file has become shorter');
      yield block.subarray(start, start + step);
      await reader.skipTo(reader.position + step);
    }
  } finally {
    await reader.close();
  }
}

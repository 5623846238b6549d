// Cuts one binlog file into whole, checked events. Says where the sound bytes end and why; never decides whether that is
// a torn tail or corruption.
import type { BlockReader } from './block-reader.ts';
import { checksumMatches } from './checksum.ts';
import { CUT, type Framed } from './framed-event.ts';
import { isLarge, passLarge } from './large-event.ts';
import { CHECKSUM_LENGTH, HEADER_LENGTH } from './raw-event.ts';

/** The server's own limit for one event; a length beyond it is no length. */
const MAX_EVENT_LENGTH = 1024 * 1024 * 1024 + 64 * 1024;

/** Whether an event can be taken from what is held, without reading on. */
export function holdsEvent(reader: BlockReader): boolean {
  const held = reader.end - reader.start;
  return held >= HEADER_LENGTH && held >= reader.block.readUInt32LE(reader.start + 9);
}

/**
 * Takes the next event; `checksum` says whether it must end in its CRC32. On `broken` the reader stays where it is, or
 * (with a large transaction payload) is somewhere behind.
 */
export async function nextEvent(reader: BlockReader, checksum: boolean): Promise<Framed> {
  if (reader.end - reader.start < HEADER_LENGTH) await reader.fill(HEADER_LENGTH);
  let held = reader.end - reader.start;
  if (held === 0) return { kind: 'end' };
  if (held < HEADER_LENGTH) return { kind: 'broken', reason: CUT };
  const length = reader.block.readUInt32LE(reader.start + 9);
  const least = checksum ? HEADER_LENGTH + CHECKSUM_LENGTH : HEADER_LENGTH;
  if (length < least || length > MAX_EVENT_LENGTH) {
    return { kind: 'broken', reason: whyNoLength(length) };
  }
  if (reader.position + length > reader.size) {
    return { kind: 'broken', reason: CUT };
  }
  if (isLarge(reader, length)) return passLarge(reader, length, checksum);
  if (held < length) {
    await reader.fill(length);
    held = reader.end - reader.start;
    if (held < length) {
      return { kind: 'broken', reason: CUT };
    }
  }
  return takeEvent(reader, checksum);
}

/** The same where holdsEvent() has said yes: without a promise an event, of which there are millions. */
export function takeEvent(reader: BlockReader, checksum: boolean): Framed {
  const { block, start } = reader;
  const length = block.readUInt32LE(start + 9);
  if (length < (checksum ? HEADER_LENGTH + CHECKSUM_LENGTH : HEADER_LENGTH)) {
    return { kind: 'broken', reason: whyNoLength(length) };
  }
  const bytes = block.subarray(start, start + length);
  if (checksum) {
    if (!checksumMatches(bytes)) return { kind: 'broken', reason: 'the checksum does not match' };
  } else {
    // Without checksums the header's own end position is the only witness (0 in MariaDB's transactions).
    const stated = bytes.readUInt32LE(13);
    if (stated !== 0 && stated !== (reader.position + length) % 2 ** 32) {
      return { kind: 'broken', reason: `the event says that it ends at ${stated}` };
    }
  }
  reader.start += length;
  reader.position += length;
  return { kind: 'event', bytes };
}

function whyNoLength(length: number): string {
  if (length !== 0) return `an event can't be ${length} bytes long`;
  return 'zeros stand where an event should';
}

/**
 * Whether anything behind the reader's position looks like a whole event: a torn tail has none, a damaged byte in the
 * middle has. Uses up the reader.
 */
export async function findLaterEvent(reader: BlockReader, checksum: boolean): Promise<number | null> {
  if (reader.end === reader.start) await reader.fill(1);
  if (reader.end === reader.start) return null;
  reader.start += 1;
  reader.position += 1;
  for (;;) {
    if (reader.end - reader.start < HEADER_LENGTH) await reader.fill(HEADER_LENGTH);
    if (reader.end - reader.start < HEADER_LENGTH) return null;
    const { block } = reader;
    let at = reader.start;
    const last = reader.end - HEADER_LENGTH;
    let position = reader.position;
    for (; at <= last; at++, position++) {
      // The end position in the header, and then the checksum, make an accident unlikely.
      const stated = block.readUInt32LE(at + 13);
      const length = block.readUInt32LE(at + 9);
      if (stated !== (position + length) % 2 ** 32 || length < HEADER_LENGTH || block[at + 4] === 0) continue;
      if (position + length > reader.size || length > MAX_EVENT_LENGTH) continue;
      reader.start = at;
      reader.position = position;
      if (reader.end - at < length) await reader.fill(length);
      if (reader.end - reader.start < length) break;
      const bytes = reader.block.subarray(reader.start, reader.start + length);
      if (!checksum || checksumMatches(bytes)) return position;
      break;
    }
    if (at > last) {
      reader.start = at;
      reader.position = position;
    } else {
      reader.start += 1;
      reader.position += 1;
    }
  }
}

/** Whether an event starts at `position`, going by the lengths from the reader's position on. Uses up the reader. */
export async function isBoundary(reader: BlockReader, position: number): Promise<boolean> {
  while (reader.position < position) {
    await reader.fill(HEADER_LENGTH);
    if (reader.end - reader.start < HEADER_LENGTH) return false;
    const length = reader.block.readUInt32LE(reader.start + 9);
    if (length < HEADER_LENGTH) return false;
    await reader.skipTo(reader.position + length);
  }
  return reader.position === position;
}

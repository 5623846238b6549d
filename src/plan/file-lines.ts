// A file's lines as bytes, in memory that is used again: a line of many MB costs its own length, a file of many GB no more.
// Knows nothing of what is in them.
import { open } from 'node:fs/promises';

/** Bytes read at a time. */
const BLOCK = 1 << 19;
/** In front of them: for the part of a line that came with the block before. */
const ROOM = 1 << 17;
const LINE_FEED = 10;

/** Lines that stand one behind the other, each with its line feed. */
export interface LineBlock {
  /** Good until the block behind the next one is asked for: copy what is to be kept. */
  bytes: Buffer;
  /** Where each line ends: its line feed, behind which the next one starts. */
  ends: number[];
  /** False: one line, the file's last, that lacks its line feed. */
  whole: boolean;
}

/**
 * Block by block, the lines that end in it. Lines end in LF and in nothing else: a customer's text may hold U+2028. Throws
 * what node:fs throws.
 */
export async function* fileLines(path: string): AsyncGenerator<LineBlock> {
  const handle = await open(path, 'r');
  // What is read now, what will be next, whose lines were given last.
  let [now, ahead, given] = [newBuffer(), newBuffer(), newBuffer()];
  const read = (buffer: Buffer): Promise<number> => {
    const reading = handle.read(buffer, ROOM, BLOCK, null).then(({ bytesRead }) => bytesRead);
    // Whoever awaits it learns of a failure; until then it must not end the process.
    reading.catch(() => {});
    return reading;
  };
  let next = read(now);
  try {
    const begun = new BegunLine();
    for (;;) {
      const length = await next;
      if (length === 0) break;
      // Read while somebody looks at the lines of this one.
      next = read(ahead);
      const block = now.subarray(ROOM, ROOM + length);
      const end = block.lastIndexOf(LINE_FEED) + 1;
      if (end === 0) {
        begun.add(block);
        [now, ahead] = [ahead, now];
        continue;
      }
      const bytes =
        begun.length <= ROOM ? begun.inFrontOf(now, ROOM + end) : begun.with(block.subarray(0, end));
      begun.start(block.subarray(end));
      yield { bytes, ends: lineFeeds(bytes), whole: true };
      [now, ahead, given] = [ahead, given, now];
    }
    if (begun.length > 0) yield { bytes: begun.bytes, ends: [begun.length], whole: false };
  } finally {
    await next.catch(() => {});
    await handle.close();
  }
}

function newBuffer(): Buffer {
  return Buffer.allocUnsafeSlow(ROOM + BLOCK);
}

function lineFeeds(bytes: Buffer): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) places.push(at);
  return places;
}

/** The part of a line that came with earlier blocks. */
class BegunLine {
  length = 0;
  #bytes = Buffer.allocUnsafeSlow(ROOM);

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.length);
  }

  add(part: Buffer): void {
    if (this.length + part.length > this.#bytes.length) {
      const longer = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.length + part.length));
      this.#bytes.copy(longer, 0, 0, this.length);
      this.#bytes = longer;
    }
    part.copy(this.#bytes, this.length);
    this.length += part.length;
  }

  /** All of `buffer` up to `end`, with this in the room before it. */
  inFrontOf(buffer: Buffer, end: number): Buffer {
    const start = ROOM - this.length;
    this.#bytes.copy(buffer, start, 0, this.length);
    return buffer.subarray(start, end);
  }

  /** This and what belongs behind it, in memory that is not used again. */
  with(rest: Buffer): Buffer {
    this.add(rest);
    const all = this.bytes;
    this.#bytes = Buffer.allocUnsafeSlow(ROOM);
    return all;
  }

  start(part: Buffer): void {
    this.length = 0;
    this.add(part);
  }
}

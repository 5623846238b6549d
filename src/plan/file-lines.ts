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
    // The beginning of a line at the end of the block before, where it stays until this one's lines are given.
    let rest: Buffer = now.subarray(0, 0);
    for (;;) {
      const length = await next;
      if (length === 0) break;
      // Read while somebody looks at the lines of this one.
      next = read(ahead);
      const block = now.subarray(ROOM, ROOM + length);
      const end = block.lastIndexOf(LINE_FEED) + 1;
      if (end === 0) {
        begun.add(rest);
        begun.add(block);
        rest = block.subarray(length);
        [now, ahead] = [ahead, now];
        continue;
      }
      let bytes: Buffer;
      if (begun.length === 0 && rest.length <= ROOM) {
        const start = ROOM - rest.length;
        rest.copy(now, start);
        bytes = now.subarray(start, ROOM + end);
      } else {
        begun.add(rest);
        begun.add(block.subarray(0, end));
        bytes = begun.taken();
      }
      rest = block.subarray(end);
      yield { bytes, ends: lineFeeds(bytes), whole: true };
      [now, ahead, given] = [ahead, given, now];
    }
    begun.add(rest);
    if (begun.length > 0) yield { ends: [begun.length], bytes: begun.taken(), whole: false };
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

/** A line that is longer than a block, or than the room before one. */
class BegunLine {
  length = 0;
  #bytes = Buffer.allocUnsafeSlow(ROOM);
  /** The one that was taken last: somebody may still look at it. */
  #taken = Buffer.allocUnsafeSlow(ROOM);

  add(part: Buffer): void {
    if (this.length + part.length > this.#bytes.length) {
      const longer = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.length + part.length));
      this.#bytes.copy(longer, 0, 0, this.length);
      this.#bytes = longer;
    }
    part.copy(this.#bytes, this.length);
    this.length += part.length;
  }

  /** All of it, with what came behind it; then it is empty. */
  taken(): Buffer {
    const all = this.#bytes.subarray(0, this.length);
    [this.#bytes, this.#taken] = [this.#taken, this.#bytes];
    this.length = 0;
    return all;
  }
}

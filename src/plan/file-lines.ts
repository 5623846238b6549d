// A file's lines as bytes, in memory that is used again: a line of many MB costs its own length, a file of many GB no more.
// Knows nothing of what is in them.
import { open } from 'node:fs/promises';

/** Bytes read at a time. */
const BLOCK = 1 << 19;
const LINE_FEED = 10;

export interface FileLine {
  /** Without its line feed. Good until the next lines are asked for: copy what is to be kept. */
  bytes: Buffer;
  /** Whether its line feed is there. */
  whole: boolean;
}

/**
 * Block by block, the lines that end in it. Lines end in LF and in nothing else: a customer's text may hold U+2028. Throws
 * what node:fs throws.
 */
export async function* fileLines(path: string): AsyncGenerator<FileLine[]> {
  const handle = await open(path, 'r');
  const blocks = [Buffer.allocUnsafeSlow(BLOCK), Buffer.allocUnsafeSlow(BLOCK)];
  const read = (turn: number): Promise<Buffer> => {
    const block = blocks[turn & 1]!;
    const reading = handle.read(block, 0, BLOCK, null).then(({ bytesRead }) => block.subarray(0, bytesRead));
    // Whoever awaits it learns of a failure; until then it must not end the process.
    reading.catch(() => {});
    return reading;
  };
  let next = read(0);
  try {
    const begun = new BegunLine();
    for (let turn = 1; ; turn++) {
      const block = await next;
      if (block.length === 0) break;
      // Read while somebody looks at the lines of this one.
      next = read(turn);
      const lines: FileLine[] = [];
      let start = 0;
      for (let end = block.indexOf(LINE_FEED); end >= 0; end = block.indexOf(LINE_FEED, start)) {
        const rest = block.subarray(start, end);
        lines.push({ bytes: start === 0 ? begun.end(rest) : rest, whole: true });
        start = end + 1;
      }
      if (lines.length > 0) yield lines;
      begun.add(block.subarray(start));
    }
    if (begun.length > 0) yield [{ bytes: begun.end(Buffer.alloc(0)), whole: false }];
  } finally {
    await next.catch(() => {});
    await handle.close();
  }
}

/** The part of a line that came with earlier blocks. */
class BegunLine {
  length = 0;
  #bytes = Buffer.allocUnsafeSlow(BLOCK);

  add(part: Buffer): void {
    if (this.length + part.length > this.#bytes.length) {
      const longer = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.length + part.length));
      this.#bytes.copy(longer, 0, 0, this.length);
      this.#bytes = longer;
    }
    part.copy(this.#bytes, this.length);
    this.length += part.length;
  }

  /** The whole line. */
  end(part: Buffer): Buffer {
    if (this.length === 0) return part;
    this.add(part);
    const line = this.#bytes.subarray(0, this.length);
    this.length = 0;
    return line;
  }
}

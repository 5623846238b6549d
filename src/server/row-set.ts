// A SELECT's answer as it came: the packets of its rows, each made into values while somebody looks at it. Of a thousand
// rows that wait to be judged, an object a value would be most of the work.
import type { RawRow } from './raw-rows.ts';

const NULL_VALUE = 0xfb;

export class RowSet implements Iterable<RawRow> {
  readonly #columns: number;
  readonly #buffers: Buffer[] = [];
  readonly #starts: number[] = [];

  constructor(columns: number) {
    this.#columns = columns;
  }

  get length(): number {
    return this.#starts.length;
  }

  /** A row of the text protocol, which begins at `start`. */
  add(buffer: Buffer, start: number): void {
    this.#buffers.push(buffer);
    this.#starts.push(start);
  }

  *[Symbol.iterator](): Generator<RawRow> {
    for (let i = 0; i < this.length; i++) yield this.#row(this.#buffers[i]!, this.#starts[i]!);
  }

  #row(buffer: Buffer, start: number): RawRow {
    const row: RawRow = new Array(this.#columns);
    let at = start;
    for (let i = 0; i < this.#columns; i++) {
      if (buffer[at] === NULL_VALUE) {
        row[i] = null;
        at += 1;
        continue;
      }
      const from = at + lengthBytes(buffer, at);
      at = from + lengthAt(buffer, at);
      row[i] = buffer.subarray(from, at);
    }
    return row;
  }
}

/** Of a length-encoded integer. */
export function lengthBytes(buffer: Buffer, at: number): number {
  const first = buffer[at]!;
  return first < NULL_VALUE ? 1 : first === 0xfc ? 3 : first === 0xfd ? 4 : 9;
}

export function lengthAt(buffer: Buffer, at: number): number {
  const first = buffer[at]!;
  return first < NULL_VALUE ? first : buffer.readUIntLE(at + 1, Math.min(lengthBytes(buffer, at) - 1, 6));
}

// One row of a SELECT's answer, where it stands in the server's packet: of thousands of rows that are only compared, a
// buffer a value would be most of the work. Makes no value that is not asked for.
import { serverValue, type ValueColumn } from '../binlog/column-value.ts';

const NULL_VALUE = 0xfb;

/** Good until the next row of its answer is looked at. */
export class AnsweredRow {
  bytes: Buffer = Buffer.alloc(0);
  /** Where each value begins, and ends: in `bytes`. A NULL begins nowhere. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;

  constructor(columns: number) {
    this.starts = new Int32Array(columns);
    this.ends = new Int32Array(columns);
  }

  get length(): number {
    return this.starts.length;
  }

  isNull(column: number): boolean {
    return this.starts[column] === NOWHERE;
  }

  /** One character a byte. */
  text(column: number): string | null {
    if (this.isNull(column)) return null;
    return this.bytes.toString('latin1', this.starts[column], this.ends[column]);
  }

  texts(): (string | null)[] {
    return Array.from(this.starts, (_, i) => this.text(i));
  }

  /** Canonical: see serverValue(). */
  value(column: number, described: ValueColumn): string | null {
    const text = this.text(column);
    return text === null ? null : serverValue(described, text);
  }

  /** `columns`: what serverValue() has to know of each. */
  values(columns: readonly ValueColumn[]): (string | null)[] {
    const values: (string | null)[] = new Array(this.length);
    for (let i = 0; i < values.length; i++) values[i] = this.value(i, columns[i]!);
    return values;
  }

  /** Takes a row of the text protocol, which begins at `start`, without its first `skipped` values. */
  take(bytes: Buffer, start: number, skipped: number): this {
    this.bytes = bytes;
    let at = start;
    for (let i = -skipped; i < this.length; i++) {
      const first = bytes[at]!;
      const isNull = first === NULL_VALUE;
      const from = isNull ? at + 1 : at + lengthBytes(bytes, at);
      const end = isNull ? from : first < NULL_VALUE ? from + first : from + lengthAt(bytes, at);
      if (i >= 0) {
        this.starts[i] = isNull ? NOWHERE : from;
        this.ends[i] = end;
      }
      at = end;
    }
    return this;
  }
}

const NOWHERE = -1;

/** Of a length-encoded integer. */
export function lengthBytes(buffer: Buffer, at: number): number {
  const first = buffer[at]!;
  return first < NULL_VALUE ? 1 : first === 0xfc ? 3 : first === 0xfd ? 4 : 9;
}

export function lengthAt(buffer: Buffer, at: number): number {
  const first = buffer[at]!;
  return first < NULL_VALUE ? first : buffer.readUIntLE(at + 1, Math.min(lengthBytes(buffer, at) - 1, 6));
}

// A SELECT's answer as it came: the packets of its rows. Makes no value of them.
import { AnsweredRow } from './answered-row.ts';

export class RowSet implements Iterable<AnsweredRow> {
  /** Where the packets stand that describe its columns: the buffer, the start and the end of each. */
  readonly #descriptions: { buffers: Buffer[]; bounds: number[] };
  readonly #columns: number;
  readonly #buffers: Buffer[];
  readonly #starts: number[];
  /** So many columns in front are not shown. */
  readonly #skipped: number;

  constructor(columns: number, skipped = 0, rows: RowSet | null = null) {
    this.#columns = columns;
    this.#skipped = skipped;
    this.#descriptions = rows ? rows.#descriptions : { buffers: [], bounds: [] };
    this.#buffers = rows ? rows.#buffers : [];
    this.#starts = rows ? rows.#starts : [];
  }

  get length(): number {
    return this.#starts.length;
  }

  /** Of the next column. */
  describe(buffer: Buffer, start: number, end: number): void {
    this.#descriptions.buffers.push(buffer);
    this.#descriptions.bounds.push(start, end);
  }

  /** The packets that describe its columns, as they came. */
  get described(): Buffer[] {
    const { buffers, bounds } = this.#descriptions;
    return buffers.map((buffer, i) => buffer.subarray(bounds[2 * i], bounds[2 * i + 1]));
  }

  /** A row of the text protocol, which begins at `start`. */
  add(buffer: Buffer, start: number): void {
    this.#buffers.push(buffer);
    this.#starts.push(start);
  }

  /** Rows of the same columns. */
  addAll(rows: RowSet): void {
    for (let i = 0; i < rows.length; i++) this.add(rows.#buffers[i]!, rows.#starts[i]!);
  }

  /** The same rows without their first column. */
  get rest(): RowSet {
    return new RowSet(this.#columns, this.#skipped + 1, this);
  }

  /** Each row is good until the next is taken. */
  *[Symbol.iterator](): Generator<AnsweredRow> {
    const row = new AnsweredRow(this.#columns - this.#skipped);
    for (let i = 0; i < this.length; i++) yield row.take(this.#buffers[i]!, this.#starts[i]!, this.#skipped);
  }
}

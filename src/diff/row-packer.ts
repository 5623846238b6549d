// A logged row as packRow(imageValues()) would have it, but as bytes and without making its values: most of a row's bytes
// are canonical as they stand in the log. Never says what a value is: src/binlog/column-value.ts does.
import { storedLength } from '../binlog/column-length.ts';
import { logValue, type ValueColumn } from '../binlog/column-value.ts';
import { valueEnd } from '../binlog/row-image.ts';
import { integerValue, isStoredAsText } from '../binlog/stored-value.ts';
import { ABSENT_VALUE, NULL_VALUE, type RowImage } from '../binlog/transaction.ts';

const NULL_MARK = 0x7e;
const COLON = 0x3a;
const MINUS = 0x2d;
const ZERO = 0x30;
/** A length, a colon, a number of 20 digits. */
const ROOM = 48;

export class RowPacker {
  /** The last row that was packed: bytes[0..length). */
  bytes = Buffer.allocUnsafe(4096);
  length = 0;

  /** Begins anew, with these bytes in front. */
  begin(bytes: Buffer): void {
    this.length = 0;
    this.#room(bytes.length);
    for (let i = 0; i < bytes.length; i++) this.bytes[i] = bytes[i]!;
    this.length = bytes.length;
  }

  /** The image holds every column. */
  pack(image: RowImage, columns: readonly ValueColumn[]): void {
    this.length = 0;
    const { bytes, offsets } = image;
    for (let i = 0; i < columns.length; i++) {
      const start = offsets[i]!;
      if (start === ABSENT_VALUE) throw new Error('a row without one of its columns has no content');
      if (start === NULL_VALUE) {
        this.#room(1);
        this.bytes[this.length++] = NULL_MARK;
        continue;
      }
      const next = offsets[i + 1]!;
      this.add(columns[i]!, bytes, start, next >= 0 ? next : valueEnd(image, i));
    }
  }

  /** One value, as it stands in the log with its length prefix. */
  add(column: ValueColumn, bytes: Buffer, start: number, end: number): void {
    const number = integerValue(column, bytes, start);
    if (number !== null) {
      this.#integer(number);
      return;
    }
    if (!isStoredAsText(column)) {
      this.#text(logValue(column, bytes, start, end));
      return;
    }
    const from = start - storedLength(column.type, column.meta, 'mysql');
    this.#head(end - from);
    bytes.copy(this.bytes, this.length, from, end);
    this.length += end - from;
  }

  #text(text: string): void {
    this.#head(text.length);
    this.length += this.bytes.write(text, this.length, 'latin1');
  }

  #integer(value: number): void {
    this.#room(ROOM);
    const negative = value < 0;
    let rest = negative ? -value : value;
    let digits = 1;
    for (let power = 10; power <= rest; power *= 10) digits += 1;
    const length = digits + (negative ? 1 : 0);
    if (length >= 10) this.bytes[this.length++] = ZERO + 1;
    this.bytes[this.length++] = ZERO + (length % 10);
    this.bytes[this.length++] = COLON;
    if (negative) this.bytes[this.length++] = MINUS;
    this.length += digits;
    for (let at = this.length - 1; digits > 0; digits--) {
      const tens = Math.floor(rest / 10);
      this.bytes[at--] = ZERO + (rest - tens * 10);
      rest = tens;
    }
  }

  /** The value's length and a colon, and room for the value. */
  #head(length: number): void {
    this.#room(ROOM + length);
    if (length < 10) this.bytes[this.length++] = ZERO + length;
    else this.length += this.bytes.write(String(length), this.length, 'latin1');
    this.bytes[this.length++] = COLON;
  }

  #room(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const longer = Buffer.allocUnsafe((this.length + more) * 2);
    this.bytes.copy(longer, 0, 0, this.length);
    this.bytes = longer;
  }
}

// JSON text written as bytes into blocks, without strings where there need not be any: millions of values take seconds
// otherwise. Knows no value types.
import { Buffer } from 'node:buffer';

const BLOCK = 256 * 1024;
/** Blocks that are kept to be written again. */
const SPARE = 8;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

export class JsonBytes {
  /** Full blocks, to be taken by whoever prints them. */
  full: Buffer[] = [];
  private block: Buffer = Buffer.allocUnsafeSlow(BLOCK);
  /** Of the block's whole buffer, and of the one that was last copied from. */
  private view: DataView = new DataView(this.block.buffer);
  private source: DataView = new DataView(new ArrayBuffer(0));
  private readonly spare: Buffer[] = [];
  private at = 0;

  /** All that has been written since the last time. */
  take(): Buffer[] {
    const { full } = this;
    if (this.at > 0) full.push(this.block.subarray(0, this.at));
    this.full = [];
    // The rest of the block is used on: what is taken is not written again.
    this.block = this.block.subarray(this.at);
    this.at = 0;
    return full;
  }

  /** Room for so many bytes: every other method but `text` and `string` counts on it. */
  reserve(bytes: number): void {
    if (this.at + bytes <= this.block.length) return;
    if (this.at > 0) this.full.push(this.block.subarray(0, this.at));
    const used = bytes <= BLOCK ? this.spare.pop() : undefined;
    this.block = used ?? Buffer.allocUnsafeSlow(Math.max(BLOCK, bytes));
    this.view = new DataView(this.block.buffer);
    this.at = 0;
  }

  /** Blocks that were printed, to be written again. */
  giveBack(blocks: Buffer[]): void {
    for (const { buffer } of blocks) {
      if (buffer.byteLength !== BLOCK || buffer === this.block.buffer || this.spare.length >= SPARE) continue;
      if (!this.spare.some((spare) => spare.buffer === buffer)) this.spare.push(Buffer.from(buffer));
    }
  }

  byte(value: number): void {
    this.block[this.at++] = value;
  }

  copy(bytes: Uint8Array): void {
    const { block } = this;
    // A call costs as much as some 30 bytes in a loop.
    if (bytes.length > 30) {
      block.set(bytes, this.at);
      this.at += bytes.length;
      return;
    }
    let { at } = this;
    for (let i = 0; i < bytes.length; i++) block[at++] = bytes[i]!;
    this.at = at;
  }

  /** ASCII that needs no escape. */
  ascii(text: string): void {
    const { block } = this;
    let { at } = this;
    for (let i = 0; i < text.length; i++) block[at++] = text.charCodeAt(i);
    this.at = at;
  }

  /** An integer from 0 to 2^53, in decimal. */
  uint(value: number): void {
    if (value >= 1e9) {
      const high = Math.floor(value / 1e9);
      this.uint(high);
      this.digits(value - high * 1e9, 9);
      return;
    }
    let width = 1;
    for (let limit = 10; limit <= value; limit *= 10) width += 1;
    this.digits(value, width);
  }

  int(value: number): void {
    if (value < 0) this.byte(0x2d);
    this.uint(Math.abs(value));
  }

  /** The last `width` digits of an integer below 2^31, with leading zeros. */
  digits(value: number, width: number): void {
    const { block } = this;
    let rest = value | 0;
    let at = this.at + width;
    this.at = at;
    let left = width;
    for (; left >= 2; left -= 2) {
      const hundredth = (rest / 100) | 0;
      const pair = rest - hundredth * 100;
      const ten = (pair / 10) | 0;
      block[--at] = 0x30 + pair - ten * 10;
      block[--at] = 0x30 + ten;
      rest = hundredth;
    }
    if (left === 1) block[--at] = 0x30 + (rest % 10);
  }

  /** A JSON string of printable ASCII bytes; false, and nothing written, where they are not that. */
  plain(bytes: Uint8Array, start: number, end: number): boolean {
    this.reserve(end - start + 2);
    const { block, view } = this;
    if (bytes.buffer !== this.source.buffer) this.source = new DataView(bytes.buffer);
    const { source } = this;
    const last = bytes.byteOffset + end;
    let from = bytes.byteOffset + start;
    let at = this.at;
    block[at++] = QUOTE;
    let odd = 0;
    // Four bytes at a time, each in its own lane: a lane's highest bit says that its byte must be escaped, or is no ASCII.
    for (; from + 4 <= last; from += 4, at += 4) {
      const four = source.getInt32(from, true);
      const quotes = four ^ 0x22222222;
      const slashes = four ^ 0x5c5c5c5c;
      const deletes = four ^ 0x7f7f7f7f;
      odd |=
        four |
        ((four - 0x20202020) & ~four) |
        ((quotes - 0x01010101) & ~quotes) |
        ((slashes - 0x01010101) & ~slashes) |
        ((deletes - 0x01010101) & ~deletes);
      view.setInt32(block.byteOffset + at, four, true);
    }
    if ((odd & 0x80808080) !== 0) return false;
    for (; from < last; from++) {
      const byte = source.getUint8(from);
      if (byte < 0x20 || byte > 0x7e || byte === QUOTE || byte === BACKSLASH) return false;
      block[at++] = byte;
    }
    block[at++] = QUOTE;
    this.at = at;
    return true;
  }

  /** JSON of any kind. */
  text(json: string): void {
    this.reserve(json.length * 3);
    this.at += this.block.write(json, this.at, 'utf8');
  }

  /** Any string, as JSON that no terminal acts on. */
  string(text: string): void {
    this.text(jsonString(text));
  }
}

/** What JSON.stringify leaves raw and a terminal may act on (C1 controls, direction marks) is escaped too. */
export function jsonString(text: string): string {
  return JSON.stringify(text).replace(
    /[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

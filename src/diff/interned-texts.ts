// Gives every distinct text a small number, and the text back for the number: what the decision compares is then
// numbers. Two texts share a number exactly when all their characters are the same; a hash only says where to look.
// Texts are canonical ones: one latin1 character a byte.
import { ByteStore } from '../binlog/byte-store.ts';
import { integers, offsets } from '../binlog/number-list.ts';

const EMPTY = 0;
const BEYOND_A_BYTE = /[^\x00-\xff]/;

export class InternedTexts {
  readonly #bytes: ByteStore;
  readonly #offsets = offsets();
  readonly #lengths = integers();
  readonly #hashes = integers();
  /** Open addressing: a text's number + 1, or EMPTY. A power of two long, at most half full. */
  #table = new Int32Array(1024);
  #scratch = Buffer.allocUnsafe(4096);

  constructor(bytes: ByteStore = new ByteStore()) {
    this.#bytes = bytes;
  }

  get count(): number {
    return this.#lengths.length;
  }

  intern(text: string): number {
    // Writing may need a longer buffer.
    const length = this.#write(text);
    return this.internBytes(this.#scratch, length);
  }

  /** bytes[0..length), a canonical text written as latin1. */
  internBytes(bytes: Buffer, length: number): number {
    const hash = hashOf(bytes, length);
    const place = this.#place(bytes, length, hash);
    const known = this.#table[place]!;
    if (known !== EMPTY) return known - 1;
    const number = this.count;
    this.#offsets.push(this.#bytes.append(bytes, 0, length));
    this.#lengths.push(length);
    this.#hashes.push(hash);
    this.#table[place] = number + 1;
    if (this.count * 2 > this.#table.length) this.#grow();
    return number;
  }

  find(text: string): number | undefined {
    const length = this.#write(text);
    return this.findBytes(this.#scratch, length);
  }

  findBytes(bytes: Buffer, length: number): number | undefined {
    const place = this.#place(bytes, length, hashOf(bytes, length));
    const known = this.#table[place]!;
    return known === EMPTY ? undefined : known - 1;
  }

  text(number: number): string {
    const bytes = this.#bytes.read(this.#offsets.at(number), this.#lengths.at(number));
    return bytes.toString('latin1');
  }

  close(): void {
    this.#bytes.close();
  }

  /** Into the scratch buffer; returns the length. */
  #write(text: string): number {
    // Kept as a byte it would be taken for another character.
    if (BEYOND_A_BYTE.test(text)) throw new Error('a canonical text has a character of more than one byte');
    if (text.length > this.#scratch.length) this.#scratch = Buffer.allocUnsafe(text.length * 2);
    return this.#scratch.write(text, 0, 'latin1');
  }

  /** Where the text stands in the table or would. */
  #place(bytes: Buffer, length: number, hash: number): number {
    const mask = this.#table.length - 1;
    let place = hash & mask;
    for (;;) {
      const known = this.#table[place]!;
      if (known === EMPTY || this.#equals(known - 1, bytes, length, hash)) return place;
      place = (place + 1) & mask;
    }
  }

  #equals(number: number, bytes: Buffer, length: number, hash: number): boolean {
    if (this.#hashes.at(number) !== hash || this.#lengths.at(number) !== length) return false;
    return this.#bytes.equals(this.#offsets.at(number), bytes, length);
  }

  #grow(): void {
    const table = new Int32Array(this.#table.length * 2);
    const mask = table.length - 1;
    for (let number = 0; number < this.count; number++) {
      let place = this.#hashes.at(number) & mask;
      while (table[place] !== EMPTY) place = (place + 1) & mask;
      table[place] = number + 1;
    }
    this.#table = table;
  }
}

/** Four bytes at a time; its high bits mixed down, for the tables are addressed by the low ones. */
export function hashOf(bytes: Buffer, length: number): number {
  let hash = length;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    const word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (; i < length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

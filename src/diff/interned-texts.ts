// Gives every distinct text a small number, and the text back for the number: what the decision compares is then
// numbers. Two texts share a number exactly when all their characters are the same; a hash only says where to look.
// Texts are canonical ones: one latin1 character a byte.
import { ByteStore } from '../binlog/byte-store.ts';
import { integers, offsets } from '../binlog/number-list.ts';

const EMPTY = 0;

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
    const hash = hashOf(text);
    const place = this.#place(text, hash);
    const known = this.#table[place]!;
    if (known !== EMPTY) return known - 1;
    const number = this.count;
    this.#offsets.push(this.#bytes.append(this.#scratch, 0, text.length));
    this.#lengths.push(text.length);
    this.#hashes.push(hash);
    this.#table[place] = number + 1;
    if (this.count * 2 > this.#table.length) this.#grow();
    return number;
  }

  find(text: string): number | undefined {
    const known = this.#table[this.#place(text, hashOf(text))]!;
    return known === EMPTY ? undefined : known - 1;
  }

  text(number: number): string {
    const bytes = this.#bytes.read(this.#offsets.at(number), this.#lengths.at(number));
    return bytes.toString('latin1');
  }

  /** Where the text stands in the table or would; its bytes are left in the scratch buffer. */
  #place(text: string, hash: number): number {
    const { length } = text;
    if (length > this.#scratch.length) this.#scratch = Buffer.allocUnsafe(length * 2);
    this.#scratch.write(text, 0, length, 'latin1');
    const mask = this.#table.length - 1;
    let place = hash & mask;
    for (;;) {
      const known = this.#table[place]!;
      if (known === EMPTY || this.#equals(known - 1, hash, length)) return place;
      place = (place + 1) & mask;
    }
  }

  #equals(number: number, hash: number, length: number): boolean {
    if (this.#hashes.at(number) !== hash || this.#lengths.at(number) !== length) return false;
    return this.#bytes.read(this.#offsets.at(number), length).compare(this.#scratch, 0, length) === 0;
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

/** FNV-1a, its high bits mixed down: the table is addressed by the low ones. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  let seen = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    seen |= code;
    hash = Math.imul(hash ^ code, 0x01000193);
  }
  // Kept as a byte it would be taken for another character.
  if (seen > 0xff) throw new Error('a canonical text has a character of more than one byte');
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

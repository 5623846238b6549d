// Numbers for rows' contents: two rows of one slot have one number exactly when their canonical texts are the same. Rows of
// the window are told apart by the log's bytes, where one value has one form there; their texts are made only to be
// compared with a text: what the restored primary answered.
import type { ValueColumn } from '../binlog/column-value.ts';
import { integers } from '../binlog/number-list.ts';
import type { AnsweredRow } from '../server/answered-row.ts';
import type { Slot } from './footprint.ts';
import { hashOf, type InternedTexts } from './interned-texts.ts';
import { packRow } from './row-text.ts';

/** The window's images by number; only of tables whose values have one form each. */
export interface WindowImages {
  /** Whether the image's bytes are these. */
  holds(image: number, bytes: Buffer): boolean;
  /** Its canonical text (packRow), to be used before the next is asked for: bytes[0..length). */
  text(image: number): { bytes: Buffer; length: number };
  /** See RowContents.isAnswered(). */
  isAnswered(image: number, row: AnsweredRow, columns: readonly ValueColumn[]): boolean;
}

const EMPTY = 0;
const NONE = -1;
/** A slot with more images than this gets an index of their texts: else looking at a counter's would be quadratic. */
const FEW = 16;

export class RowContents {
  readonly #texts: InternedTexts;
  readonly #images: WindowImages | null;
  /** By content of an image: the image, its slot, its hash, and the content that its slot held next. */
  readonly #imageOf = integers();
  readonly #slotOf = integers();
  readonly #hashes = integers();
  readonly #next = integers();
  /** By slot: its first content of an image, and its last. */
  readonly #first = integers();
  readonly #last = integers();
  /** By slot with many of them: the contents by the numbers of their texts. */
  readonly #byText = new Map<Slot, Map<number, number>>();
  /** Open addressing: an image's content + 1, or EMPTY. A power of two long, at most half full. */
  #table = new Int32Array(1024);

  constructor(texts: InternedTexts, images: WindowImages | null = null) {
    this.#texts = texts;
    this.#images = images;
  }

  /** Of a row in that slot. Texts that were numbered before are not looked for: the window's images come first. */
  ofImage(slot: Slot, image: number, bytes: Buffer): number {
    const hash = Math.imul(hashOf(bytes, bytes.length) ^ slot, 0x9e3779b1) >>> 0;
    const mask = this.#table.length - 1;
    let place = (hash ^ (hash >>> 15)) & mask;
    for (let known = this.#table[place]!; known !== EMPTY; known = this.#table[place]!) {
      if (this.#isSame(known - 1, slot, hash | 0, bytes)) return imageContent(known - 1);
      place = (place + 1) & mask;
    }
    const number = this.#imageOf.length;
    this.#imageOf.push(image);
    this.#slotOf.push(slot);
    this.#hashes.push(hash);
    this.#append(slot, number);
    this.#table[place] = number + 1;
    if (this.#imageOf.length * 2 > this.#table.length) this.#grow();
    return imageContent(number);
  }

  #append(slot: Slot, number: number): void {
    for (let empty = this.#first.length; empty <= slot; empty++) {
      this.#first.push(NONE);
      this.#last.push(NONE);
    }
    this.#next.push(NONE);
    const last = this.#last.at(slot);
    if (last === NONE) this.#first.set(slot, number);
    else this.#next.set(last, number);
    this.#last.set(slot, number);
  }

  /** Of a row that is in no log, in that slot: `text` is its packRow(). */
  ofText(slot: Slot, text: string): number {
    const first = slot < this.#first.length ? this.#first.at(slot) : NONE;
    let known = this.#byText.get(slot);
    if (!known) {
      let count = 0;
      for (let at = first; at !== NONE && count < FEW; at = this.#next.at(at), count++) {
        if (this.#textIs(at, text)) return imageContent(at);
      }
      if (count === FEW) known = this.#index(slot, first);
    }
    const number = this.#texts.intern(text);
    return known?.get(number) ?? textContent(number);
  }

  /** Of a text alone: for rows that no slot's images can be compared with. */
  intern(text: string): number {
    return textContent(this.#texts.intern(text));
  }

  internBytes(bytes: Buffer, length: number): number {
    return textContent(this.#texts.internBytes(bytes, length));
  }

  /** Of a text that was numbered. */
  find(text: string): number | undefined {
    const number = this.#texts.find(text);
    return number === undefined ? undefined : textContent(number);
  }

  text(content: number): string {
    if (isText(content)) return this.#texts.text(content >> 1);
    const { bytes, length } = this.#images!.text(this.#imageOf.at(content >> 1));
    return bytes.toString('latin1', 0, length);
  }

  /** Whether it is the row that the server answered; `columns`: what serverValue() has to know of each. */
  isAnswered(content: number, row: AnsweredRow, columns: readonly ValueColumn[]): boolean {
    if (!isText(content)) return this.#images!.isAnswered(this.#imageOf.at(content >> 1), row, columns);
    return packRow(row.values(columns)) === this.#texts.text(content >> 1);
  }

  /** Gives the disk's room back, if some was taken: no text can be read after. */
  close(): void {
    this.#texts.close();
  }

  #isSame(number: number, slot: Slot, hash: number, bytes: Buffer): boolean {
    return (
      this.#hashes.at(number) === hash &&
      this.#slotOf.at(number) === slot &&
      this.#images!.holds(this.#imageOf.at(number), bytes)
    );
  }

  #textIs(number: number, text: string): boolean {
    const { bytes, length } = this.#images!.text(this.#imageOf.at(number));
    return length === text.length && bytes.toString('latin1', 0, length) === text;
  }

  #index(slot: Slot, first: number): Map<number, number> {
    const contents = new Map<number, number>();
    for (let at = first; at !== NONE; at = this.#next.at(at)) {
      const { bytes, length } = this.#images!.text(this.#imageOf.at(at));
      contents.set(this.#texts.internBytes(bytes, length), imageContent(at));
    }
    this.#byText.set(slot, contents);
    return contents;
  }

  #grow(): void {
    const table = new Int32Array(this.#table.length * 2);
    const mask = table.length - 1;
    for (let number = 0; number < this.#imageOf.length; number++) {
      const hash = this.#hashes.at(number) >>> 0;
      let place = (hash ^ (hash >>> 15)) & mask;
      while (table[place] !== EMPTY) place = (place + 1) & mask;
      table[place] = number + 1;
    }
    this.#table = table;
  }
}

/** Even numbers are texts', odd ones images'. */
function textContent(number: number): number {
  return number * 2;
}

function imageContent(number: number): number {
  return number * 2 + 1;
}

function isText(content: number): boolean {
  return (content & 1) === 0;
}

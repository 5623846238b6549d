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

const NONE = -1;
/** A slot with more contents than this gets an index of the others: else looking at a counter's would be quadratic. */
const FEW = 16;

export class RowContents {
  readonly #texts: InternedTexts;
  readonly #images: WindowImages | null;
  /** By content of an image: the image, the hash of its bytes, and the content that its slot held next. */
  readonly #imageOf = integers();
  readonly #hashes = integers();
  readonly #next = integers();
  /** By slot: its first content of an image, and its last. */
  readonly #first = integers();
  readonly #last = integers();
  /** By slot with many of them: the contents behind the first few, by the hashes of their bytes. */
  readonly #byHash = new Map<Slot, Map<number, number[]>>();
  /** The same by the numbers of their texts, of all its contents. */
  readonly #byText = new Map<Slot, Map<number, number>>();

  constructor(texts: InternedTexts, images: WindowImages | null = null) {
    this.#texts = texts;
    this.#images = images;
  }

  /** Of a row in that slot. Texts that were numbered before are not looked for: the window's images come first. */
  ofImage(slot: Slot, image: number, bytes: Buffer): number {
    for (let empty = this.#first.length; empty <= slot; empty++) {
      this.#first.push(NONE);
      this.#last.push(NONE);
    }
    const hash = hashOf(bytes, bytes.length) | 0;
    // Nearly always what the slot held last: a row is changed from what it was.
    const last = this.#last.at(slot);
    if (last !== NONE && this.#isSame(last, hash, bytes)) return imageContent(last);
    let at = this.#first.at(slot);
    let count = 0;
    for (; at !== NONE && count < FEW; at = this.#next.at(at), count++) {
      if (this.#isSame(at, hash, bytes)) return imageContent(at);
    }
    const others = count < FEW ? null : this.#others(slot, hash);
    const same = others?.find((number) => this.#isSame(number, hash, bytes));
    if (same !== undefined) return imageContent(same);
    const number = this.#append(slot, image, hash);
    others?.push(number);
    return imageContent(number);
  }

  #isSame(number: number, hash: number, bytes: Buffer): boolean {
    return this.#hashes.at(number) === hash && this.#images!.holds(this.#imageOf.at(number), bytes);
  }

  /** A slot's contents with that hash, but for the first few. */
  #others(slot: Slot, hash: number): number[] {
    const ofSlot = this.#byHash.get(slot) ?? new Map<number, number[]>();
    const others = ofSlot.get(hash) ?? [];
    this.#byHash.set(slot, ofSlot.set(hash, others));
    return others;
  }

  #append(slot: Slot, image: number, hash: number): number {
    const number = this.#imageOf.length;
    this.#imageOf.push(image);
    this.#hashes.push(hash);
    this.#next.push(NONE);
    const last = this.#last.at(slot);
    if (last === NONE) this.#first.set(slot, number);
    else this.#next.set(last, number);
    this.#last.set(slot, number);
    return number;
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

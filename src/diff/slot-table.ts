// A number by slot, in pages: a whole window's slots cost a few bytes each, and a look at three of a million costs three.
// Never knows what the numbers mean.
import type { Slot } from './footprint.ts';
import { packHeld, unpackHeld } from './held-number.ts';

const PAGE_BITS = 8;
const PAGE = 1 << PAGE_BITS;
/** Nothing was set; below what packHeld() writes. */
const NOTHING = -3;

export class SlotTable {
  readonly #pages: (Int32Array | undefined)[] = [];

  /** undefined where nothing was set. */
  get(slot: Slot): number | null | undefined {
    const value = this.#pages[slot >> PAGE_BITS]?.[slot & (PAGE - 1)];
    if (value === undefined || value === NOTHING) return undefined;
    return unpackHeld(value);
  }

  has(slot: Slot): boolean {
    return this.get(slot) !== undefined;
  }

  set(slot: Slot, value: number | null): void {
    const number = slot >> PAGE_BITS;
    let page = this.#pages[number];
    if (page === undefined) {
      // Holes in the list would make a dictionary of it.
      while (this.#pages.length < number) this.#pages.push(undefined);
      page = new Int32Array(PAGE).fill(NOTHING);
      this.#pages[number] = page;
    }
    page[slot & (PAGE - 1)] = packHeld(value);
  }
}

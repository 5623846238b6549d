// The chains of a window: for every row slot the values that passed through it, one step a transaction, and the positions
// in it at which the restored primary may stand. Keeps and narrows positions; chooses none.
import type { RestoredFacts } from './footprint.ts';
import { packHeld } from './held-number.ts';
import type { NetList } from './net-transitions.ts';
import { SlotTable } from './slot-table.ts';

/** Which side of a step the restored primary is on: `open` where both are possible, `none` where it is nowhere. */
export type Verdict = 'present' | 'missing' | 'open' | 'none';

const NO_CHAIN = -1;

export class RowChains {
  readonly count: number;
  /** By entry of the net list: its chain (NO_CHAIN where the transaction left the row as it was) and place in it. */
  readonly #chainOf: Int32Array;
  readonly #placeOf: Int32Array;
  /** Entries by chain, in commit order. */
  readonly #starts: Int32Array;
  readonly #steps: Int32Array;
  readonly #transactionOf: Int32Array;
  /** Each chain's positions in ascending order, and which of them are left: low to high - 1. */
  readonly #positions: Int32Array;
  readonly #low: Int32Array;
  readonly #high: Int32Array;

  constructor(net: NetList, facts: RestoredFacts) {
    this.#chainOf = new Int32Array(net.length).fill(NO_CHAIN);
    this.#placeOf = new Int32Array(net.length);
    this.#transactionOf = new Int32Array(net.length);
    const lengths = this.#nameChains(net);
    this.count = lengths.length;
    this.#starts = new Int32Array(this.count + 1);
    for (let chain = 0; chain < this.count; chain++) {
      this.#starts[chain + 1] = this.#starts[chain]! + lengths[chain]!;
    }
    this.#steps = new Int32Array(this.#starts[this.count]!);
    for (let entry = 0; entry < net.length; entry++) {
      const chain = this.#chainOf[entry]!;
      if (chain !== NO_CHAIN) this.#steps[this.#starts[chain]! + this.#placeOf[entry]!] = entry;
    }
    this.#positions = new Int32Array(this.#steps.length + this.count);
    this.#low = new Int32Array(this.count);
    this.#high = new Int32Array(this.count);
    for (let chain = 0; chain < this.count; chain++) this.#findPositions(chain, net, facts);
  }

  /** Returns the chains' lengths. */
  #nameChains(net: NetList): number[] {
    const bySlot = new SlotTable();
    const lengths: number[] = [];
    for (let transaction = 0; transaction < net.transactions; transaction++) {
      for (let entry = net.first(transaction); entry < net.first(transaction + 1); entry++) {
        this.#transactionOf[entry] = transaction;
        if (net.from(entry) === net.to(entry)) continue;
        let chain = bySlot.get(net.slot(entry));
        if (chain === undefined || chain === null) {
          chain = lengths.push(0) - 1;
          bySlot.set(net.slot(entry), chain);
        }
        this.#chainOf[entry] = chain;
        this.#placeOf[entry] = lengths[chain]!++;
      }
    }
    return lengths;
  }

  #findPositions(chain: number, net: NetList, facts: RestoredFacts): void {
    const start = this.#starts[chain]!;
    const length = this.#starts[chain + 1]! - start;
    const restored = packHeld(facts.value(net.slot(this.#steps[start]!)));
    // A chain of n steps has n + 1 positions.
    let end = start + chain;
    this.#low[chain] = end;
    for (let k = 0; k <= length; k++) {
      // A chain can have a seam (an unlogged cascade between two steps): either side of it counts as position k.
      if (
        (k > 0 && net.to(this.#steps[start + k - 1]!) === restored) ||
        (k < length && net.from(this.#steps[start + k]!) === restored)
      )
        this.#positions[end++] = k;
    }
    this.#high[chain] = end;
  }

  /** NO_CHAIN (-1) where the transaction left the row as it was. */
  chain(entry: number): number {
    return this.#chainOf[entry]!;
  }

  place(entry: number): number {
    return this.#placeOf[entry]!;
  }

  verdict(entry: number): Verdict {
    const chain = this.#chainOf[entry]!;
    const low = this.#low[chain]!;
    const high = this.#high[chain]!;
    if (low === high) return 'none';
    const place = this.#placeOf[entry]!;
    if (this.#positions[low]! > place) return 'present';
    if (this.#positions[high - 1]! <= place) return 'missing';
    return 'open';
  }

  /** More than one position is left. */
  isOpen(chain: number): boolean {
    return this.#high[chain]! - this.#low[chain]! > 1;
  }

  /** The last position that is left; undefined where the restored primary is nowhere in the chain. */
  last(chain: number): number | undefined {
    return this.#high[chain] === this.#low[chain] ? undefined : this.#positions[this.#high[chain]! - 1]!;
  }

  /** Leaves the positions from `least` to `most`, where some of them do: true if that is fewer than before. */
  narrow(chain: number, least: number, most: number): boolean {
    let low = this.#low[chain]!;
    let high = this.#high[chain]!;
    while (low < high && this.#positions[low]! < least) low++;
    while (high > low && this.#positions[high - 1]! > most) high--;
    if (low === high || (low === this.#low[chain] && high === this.#high[chain])) return false;
    this.#low[chain] = low;
    this.#high[chain] = high;
    return true;
  }

  transaction(entry: number): number {
    return this.#transactionOf[entry]!;
  }

  /** The entries that are the chain's steps, in commit order. */
  *steps(chain: number): Generator<number> {
    for (let i = this.#starts[chain]!; i < this.#starts[chain + 1]!; i++) yield this.#steps[i]!;
  }
}

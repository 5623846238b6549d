// Which transactions share a slot: the same row, the same unique value, a parent. Each slot's company is told once.
import { integers } from '../binlog/number-list.ts';
import type { Slot, TransactionFootprint } from './footprint.ts';
import { SlotTable } from './slot-table.ts';

export class TransactionLinks {
  /** By transaction: its slots, under numbers of our own. */
  readonly #starts = integers();
  readonly #links = integers();
  /** By slot: the transactions that have it. */
  readonly #sharerStarts: Int32Array;
  readonly #sharers: Int32Array;
  readonly #told: Uint8Array;

  constructor(transactions: readonly TransactionFootprint[]) {
    const numbers = new SlotTable();
    let count = 0;
    for (const transaction of transactions) {
      this.#starts.push(this.#links.length);
      for (const slot of linkSlots(transaction)) {
        let number = numbers.get(slot);
        if (number === undefined || number === null) {
          number = count++;
          numbers.set(slot, number);
        }
        this.#links.push(number);
      }
    }
    this.#starts.push(this.#links.length);
    this.#told = new Uint8Array(count);
    this.#sharerStarts = new Int32Array(count + 1);
    for (let i = 0; i < this.#links.length; i++) this.#sharerStarts[this.#links.at(i) + 1]!++;
    for (let i = 0; i < count; i++) this.#sharerStarts[i + 1]! += this.#sharerStarts[i]!;
    this.#sharers = new Int32Array(this.#links.length);
    const filled = this.#sharerStarts.slice(0, count);
    for (let transaction = 0; transaction < transactions.length; transaction++) {
      for (let i = this.#starts.at(transaction); i < this.#starts.at(transaction + 1); i++) {
        this.#sharers[filled[this.#links.at(i)]!++] = transaction;
      }
    }
  }

  /**
   * The transactions that have a slot of this one's, itself among them, slot by slot. A slot whose company somebody has
   * been told before is left out: looking again at each of its transactions would be quadratic.
   */
  *company(transaction: number): Generator<number> {
    for (let i = this.#starts.at(transaction); i < this.#starts.at(transaction + 1); i++) {
      const slot = this.#links.at(i);
      if (this.#told[slot] === 1) continue;
      this.#told[slot] = 1;
      for (let j = this.#sharerStarts[slot]!; j < this.#sharerStarts[slot + 1]!; j++) yield this.#sharers[j]!;
    }
  }
}

/** Slots through which one transaction can be the condition of another. */
function linkSlots({ changes }: TransactionFootprint): Set<Slot> {
  const slots = new Set<Slot>();
  for (const { rows, unique, references, counted } of changes) {
    for (const { slot } of rows) slots.add(slot);
    for (const { slot } of unique) slots.add(slot);
    for (const { parent } of references) if (parent !== null) slots.add(parent);
    // Parents that no unique key tells apart.
    for (const { slot } of counted) slots.add(slot);
  }
  return slots;
}

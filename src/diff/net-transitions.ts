// What each transaction did to each row slot, from its first touch to its last. Kept as numbers; decides nothing.
import { integers } from '../binlog/number-list.ts';
import type { Held, Slot, TransactionFootprint } from './footprint.ts';
import { packHeld, unpackHeld } from './held-number.ts';

export interface NetTransition {
  slot: Slot;
  from: Held | null;
  to: Held | null;
}

export function netTransitions({ changes }: TransactionFootprint): NetTransition[] {
  if (changes.length === 1) return changes[0]!.rows.length === 1 ? [...changes[0]!.rows] : netOf(changes);
  return netOf(changes);
}

function netOf(changes: TransactionFootprint['changes']): NetTransition[] {
  const bySlot = new Map<Slot, NetTransition>();
  for (const { rows } of changes) {
    for (const { slot, from, to } of rows) {
      const known = bySlot.get(slot);
      if (known) known.to = to;
      else bySlot.set(slot, { slot, from, to });
    }
  }
  return [...bySlot.values()];
}

/** Every transaction's net transitions in one row of entries, numbered through the window. */
export class NetList {
  readonly #starts = integers();
  readonly #slots = integers();
  readonly #froms = integers();
  readonly #tos = integers();

  constructor(transactions: Iterable<TransactionFootprint>) {
    for (const transaction of transactions) {
      this.#starts.push(this.#slots.length);
      for (const { slot, from, to } of netTransitions(transaction)) {
        this.#slots.push(slot);
        this.#froms.push(packHeld(from));
        this.#tos.push(packHeld(to));
      }
    }
    this.#starts.push(this.#slots.length);
  }

  /** Entries of all transactions. */
  get length(): number {
    return this.#slots.length;
  }

  get transactions(): number {
    return this.#starts.length - 1;
  }

  /** The transaction's first entry; that of the next one is behind its last. */
  first(transaction: number): number {
    return this.#starts.at(transaction);
  }

  slot(entry: number): Slot {
    return this.#slots.at(entry);
  }

  /** As packHeld() writes them. */
  from(entry: number): number {
    return this.#froms.at(entry);
  }

  to(entry: number): number {
    return this.#tos.at(entry);
  }

  of(transaction: number): NetTransition[] {
    const list: NetTransition[] = [];
    for (let entry = this.first(transaction); entry < this.first(transaction + 1); entry++) {
      list.push({
        slot: this.slot(entry),
        from: unpackHeld(this.from(entry)),
        to: unpackHeld(this.to(entry)),
      });
    }
    return list;
  }
}

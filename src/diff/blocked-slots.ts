// Slots that transactions which will not be applied stand in, so that what builds on them is held. Judges nothing else.
import type { HeldBecause } from './decision.ts';
import type { Slot, TransactionFootprint } from './footprint.ts';

export class BlockedSlots {
  readonly #touched = new Map<Slot, string>();
  readonly #filled = new Map<Slot, string>();
  readonly #added = new Map<Slot, string>();
  readonly #leftOut = new Set<Slot>();

  block({ id, changes }: TransactionFootprint): void {
    for (const { rows, unique, counted } of changes) {
      for (const { slot, from, to } of [...rows, ...unique]) {
        if (!this.#touched.has(slot)) this.#touched.set(slot, id);
        if (from === null && to !== null && !this.#filled.has(slot)) this.#filled.set(slot, id);
      }
      for (const { slot, step } of counted) if (step > 0 && !this.#added.has(slot)) this.#added.set(slot, id);
    }
  }

  /** Who stands in the slot. */
  holder(slot: Slot): string | undefined {
    return this.#touched.get(slot);
  }

  /**
   * Who would have filled the slot: a child that refers to it means that row, whatever else stands there on the
   * restored primary. A parent that was merely changed does not hold its children.
   */
  filler(slot: Slot): string | undefined {
    return this.#filled.get(slot);
  }

  /** Who would have brought a row to a counted slot: any other row there does as well. */
  adder(slot: Slot): string | undefined {
    return this.#added.get(slot);
  }

  /** A rule left out what would have filled these: what stands there instead is somebody else's. */
  leaveOut(slots: Iterable<Slot>): void {
    for (const slot of slots) this.#leftOut.add(slot);
  }

  /** They are filled now, or the attempt to leave them out came to nothing. */
  forgetLeftOut(slots: Iterable<Slot>): void {
    for (const slot of slots) this.#leftOut.delete(slot);
  }

  get someLeftOut(): boolean {
    return this.#leftOut.size > 0;
  }

  isLeftOut(slot: Slot): boolean {
    return this.#leftOut.has(slot);
  }

  /** The first unapplied transaction that this one builds on. */
  conditionOf(transaction: TransactionFootprint): { by: string; because: HeldBecause; slot: Slot } | null {
    // Its changes are made at each look.
    if (this.#touched.size === 0) return null;
    for (const { rows, unique, references } of transaction.changes) {
      for (const { slot } of rows) {
        const by = this.holder(slot);
        if (by !== undefined) return { by, because: 'same-row', slot };
      }
      for (const { slot } of unique) {
        const by = this.holder(slot);
        if (by !== undefined) return { by, because: 'same-unique-value', slot };
      }
      for (const { parent } of references) {
        const by = parent === null ? undefined : this.filler(parent);
        if (by !== undefined) return { by, because: 'parent-row', slot: parent! };
      }
    }
    return null;
  }
}

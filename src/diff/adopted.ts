// Which children came to refer to a parent, in the order in which they came. Forgets none: whether one still refers to
// it, its owner knows.
import { integers } from '../binlog/number-list.ts';
import type { Slot } from './footprint.ts';
import { SlotTable } from './slot-table.ts';

const NO_OTHER = -1;

export class Adopted {
  /** By parent: its latest entry. Each entry is a child, and the parent's entry before it. */
  readonly #latest = new SlotTable();
  readonly #children = integers();
  readonly #before = integers();

  add(parent: Slot, child: Slot): void {
    this.#before.push(this.#latest.get(parent) ?? NO_OTHER);
    this.#latest.set(parent, this.#children.length);
    this.#children.push(child);
  }

  /** Each once. */
  children(parent: Slot): Set<Slot> {
    const children: Slot[] = [];
    for (
      let entry = this.#latest.get(parent) ?? NO_OTHER;
      entry !== NO_OTHER;
      entry = this.#before.at(entry)
    ) {
      children.push(this.#children.at(entry));
    }
    return new Set(children.reverse());
  }
}

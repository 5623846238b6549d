// The restored primary as the replay of everything decided so far would leave it: what each slot would hold, which slots
// an unapplied transaction stands in, and who would still refer to whom. Decides nothing, asks only the facts it is given.

import { Adopted } from './adopted.ts';
import { BlockedSlots } from './blocked-slots.ts';
import type {
  ChangeFootprint,
  ChildRow,
  Held,
  RestoredFacts,
  Slot,
  TransactionFootprint,
} from './footprint.ts';
import { SlotTable } from './slot-table.ts';

/** Something by slot: SlotTable for a window's worth, Map for one transaction's. */
interface BySlot {
  get(slot: Slot): number | null | undefined;
  set(slot: Slot, value: number | null): unknown;
}

export class Picture {
  readonly #facts: RestoredFacts;
  readonly #base: Picture | null;
  readonly #values: BySlot;
  /** By foreign key: what the child rows refer to. */
  readonly #references: BySlot[] = [];
  readonly blocked = new BlockedSlots();
  /** Children that replayed transactions made refer to a parent, by foreign key. */
  readonly #adopted: Adopted[];

  constructor(facts: RestoredFacts, base: Picture | null = null) {
    this.#facts = facts;
    this.#base = base;
    this.#values = base ? new Map() : new SlotTable();
    this.#adopted = base ? base.#adopted : [];
  }

  value(slot: Slot): Held | null {
    const known = this.#values.get(slot);
    if (known !== undefined) return known;
    return this.#base ? this.#base.value(slot) : this.#facts.value(slot);
  }

  /** What the child row refers to now; undefined where the window has not touched it. */
  reference(foreignKey: number, child: Slot): Slot | null | undefined {
    const known = this.#references[foreignKey]?.get(child);
    return known !== undefined ? known : this.#base?.reference(foreignKey, child);
  }

  /**
   * Rows that would still refer to `parent`, those among them that the window itself brings: what became of them on the
   * failed primary by a cascade that its log does not show, nobody could check.
   */
  childrenLeft(foreignKey: number, parent: Slot): ChildRow[] {
    const found = this.#facts.children(foreignKey, parent).filter((child) => {
      if (child.slot === null) return true;
      const now = this.reference(foreignKey, child.slot);
      return now === undefined || now === parent;
    });
    const known = new Set(found.map(({ slot }) => slot));
    for (const child of this.#adopted[foreignKey]?.children(parent) ?? []) {
      if (known.has(child) || this.reference(foreignKey, child) !== parent) continue;
      found.push({ slot: child, name: 'a row that the window brings' });
    }
    return found;
  }

  apply({ changes }: Pick<TransactionFootprint, 'changes'>): void {
    if (this.blocked.someLeftOut) this.blocked.forgetLeftOut(changes.flatMap(heldAfter));
    for (const change of changes) {
      this.step(change);
      for (const { foreignKey, child, parent } of change.references) {
        if (parent === null) continue;
        this.#adopted[foreignKey] ??= new Adopted();
        this.#adopted[foreignKey].add(parent, child);
      }
    }
  }

  /** This picture, to go on from without changing it. */
  branch(): Picture {
    return new Picture(this.#facts, this);
  }

  step(change: ChangeFootprint): void {
    for (const { slot, to } of change.rows) this.#values.set(slot, to);
    for (const { slot, to } of change.unique) this.#values.set(slot, to);
    for (const { slot, step } of change.counted) {
      const count = (this.value(slot) ?? 0) + step;
      this.#values.set(slot, count > 0 ? count : null);
    }
    for (const { foreignKey, child, parent } of change.references) {
      this.#references[foreignKey] ??= this.#base ? new Map<Slot, Slot | null>() : new SlotTable();
      this.#references[foreignKey].set(child, parent);
    }
  }
}

function heldAfter({ rows, unique }: ChangeFootprint): Slot[] {
  return [...rows, ...unique].flatMap(({ slot, to }) => (to === null ? [] : [slot]));
}

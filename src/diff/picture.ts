// The restored primary as the replay of everything decided so far would leave it: what each slot would hold, which slots
// an unapplied transaction stands in, and who would still refer to whom. Decides nothing, asks only the facts it is given.
import { BlockedSlots } from './blocked-slots.ts';
import type {
  ChangeFootprint,
  ChildRow,
  Held,
  RestoredFacts,
  Slot,
  TransactionFootprint,
} from './footprint.ts';

export class Picture {
  readonly #facts: RestoredFacts;
  readonly #values: Map<Slot, Held | null>;
  readonly #references: Map<string, Slot | null>;
  readonly blocked = new BlockedSlots();
  /** Children that replayed transactions made refer to a parent, by foreign key and parent. */
  readonly #adopted: Map<string, Set<Slot>>;
  /** What children referred to on the failed primary, replayed here or not. */
  readonly #logged: Map<string, Slot | null>;

  constructor(facts: RestoredFacts, base?: Picture) {
    this.#facts = facts;
    this.#values = new LayeredMap(base === undefined ? undefined : base.#values);
    this.#references = new LayeredMap(base === undefined ? undefined : base.#references);
    this.#adopted = base === undefined ? new Map() : base.#adopted;
    this.#logged = base === undefined ? new Map() : base.#logged;
  }

  value(slot: Slot): Held | null {
    const known = this.#values.get(slot);
    return known !== undefined ? known : this.#facts.value(slot);
  }

  /** What the child row refers to now; undefined where the window has not touched it. */
  reference(foreignKey: number, child: Slot): Slot | null | undefined {
    return this.#references.get(`${foreignKey}:${child}`);
  }

  /**
   * Rows that would still refer to `parent`. A row that the window itself brought counts only where the failed primary
   * had led it away before: what still referred to the parent there went by the same cascade that will run here.
   */
  childrenLeft(foreignKey: number, parent: Slot): ChildRow[] {
    const found = this.#facts.children(foreignKey, parent).filter((child) => {
      if (child.slot === null) return true;
      const now = this.reference(foreignKey, child.slot);
      return now === undefined || now === parent;
    });
    const known = new Set(found.map(({ slot }) => slot));
    for (const child of this.#adopted.get(`${foreignKey}:${parent}`) ?? []) {
      if (known.has(child) || this.reference(foreignKey, child) !== parent) continue;
      if (this.#logged.get(`${foreignKey}:${child}`) === parent) continue;
      found.push({ slot: child, name: `row brought by the window` });
    }
    return found;
  }

  /** Keeps what the log says of references, whatever was decided. */
  note(transaction: TransactionFootprint): void {
    for (const { references } of transaction.changes) {
      for (const { foreignKey, child, parent } of references)
        this.#logged.set(`${foreignKey}:${child}`, parent);
    }
  }

  apply(transaction: TransactionFootprint): void {
    for (const change of transaction.changes) {
      this.#applyChange(change);
      for (const { foreignKey, child, parent } of change.references) {
        if (parent === null) continue;
        const key = `${foreignKey}:${parent}`;
        this.#adopted.set(key, (this.#adopted.get(key) ?? new Set()).add(child));
      }
    }
  }

  /** The picture after `transaction`, without changing this one. */
  branch(transaction: TransactionFootprint): Picture {
    const next = new Picture(this.#facts, this);
    for (const change of transaction.changes) next.#applyChange(change);
    return next;
  }

  #applyChange(change: ChangeFootprint): void {
    for (const { slot, to } of change.rows) this.#values.set(slot, to);
    for (const { slot, to } of change.unique) this.#values.set(slot, to);
    for (const { foreignKey, child, parent } of change.references) {
      this.#references.set(`${foreignKey}:${child}`, parent);
    }
  }
}

/** A map over another one: reads fall through, writes stay here. */
class LayeredMap<K, V> extends Map<K, V> {
  readonly #below: Map<K, V> | undefined;

  constructor(below?: Map<K, V>) {
    super();
    this.#below = below;
  }

  override get(key: K): V | undefined {
    return super.has(key) ? super.get(key) : this.#below?.get(key);
  }
}

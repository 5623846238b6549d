// What a transaction touches, in the terms the decision needs: slots and the values that pass through them. Types only.
//
// A slot is a place that holds at most one thing at a time:
//   a row slot     (table, key)                  holds a row (its canonical text) or nothing
//   a unique slot  (table, unique index, value)  holds the row slot that has the value, or nothing
// With slots, "the same row", "the same unique value" and "needs that parent" are one question: the same slot.

/** Index into the window's slot list. */
export type Slot = number;

/** One passage through a slot. null means: the slot is empty. */
export interface Transition {
  slot: Slot;
  from: string | null;
  to: string | null;
}

/** A child row that starts or stops to refer to a parent value. `parent` null: it refers to nothing. */
export interface Reference {
  /** The foreign key (child side) and the child's row slot. */
  foreignKey: number;
  child: Slot;
  parent: Slot | null;
  /** The parent it referred to before, where it was another. */
  left: Slot | null;
}

/** What one change does. */
export interface ChangeFootprint {
  /** One, or two where an update moves the row to another key: the old slot empties, the new one fills. */
  rows: Transition[];
  /** Unique values freed and taken, in that order. */
  unique: Transition[];
  references: Reference[];
  /** Parent values that this change takes away: nothing on the restored primary may still refer to them. */
  vanishing: { slot: Slot; foreignKeys: number[] }[];
}

export interface TransactionFootprint {
  id: string;
  /** Why it can't be judged or replayed at all; empty where it can. */
  unsupported: string[];
  /** Changes whose table is another one on the restored primary. */
  differs: { change: number; why: string }[];
  /** The restored primary's own log shows that it was applied there: present, whatever its rows are by now. */
  applied: boolean;
  changes: ChangeFootprint[];
}

/** The restored primary as it was looked up: only slots of the window are asked for. */
export interface RestoredFacts {
  /** Row slot: the canonical row, or null. Unique slot: the holder's row as text that equals its row slot's name, or null. */
  value(slot: Slot): string | null;
  /** Row slots (or their names, where the window does not touch them) on the restored primary that refer to `parent` by `foreignKey`. */
  children(foreignKey: number, parent: Slot): readonly ChildRow[];
}

export interface ChildRow {
  /** The child's row slot where the window touches it, else null. */
  slot: Slot | null;
  /** For the report: the child's key as text. */
  name: string;
}

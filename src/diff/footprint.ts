// What a transaction touches, in the terms the decision needs: slots and the values that pass through them. Types only.
//
// A slot is a place that holds at most one thing at a time:
//   a row slot     (table, key)                  holds a row (the number of its content) or nothing
//   a unique slot  (table, unique index, value)  holds the row slot that has the value, or nothing
// One kind holds more: a counted slot (table, columns, value), of a foreign key whose parents no unique key tells apart,
// holds how many rows have the value, or nothing.
// Contents are numbered by WindowSlots: two rows have one number exactly when their canonical texts are the same.
// With slots, "the same row", "the same unique value" and "needs that parent" are one question: the same slot.
import type { PlanConflict } from '../plan/plan.ts';
import type { TableDefinition } from '../server/catalogue.ts';
import type { OwnChange } from './restored-changes.ts';

/** Index into the window's slot list. */
export type Slot = number;

/** A row slot's content by its number, or for a unique slot the row slot that has the value, or ELSEWHERE; a count. */
export type Held = number;

/** A unique value is held by a row of the restored primary that the window has no slot for. */
export const ELSEWHERE = -1;

/** One passage through a slot. null means: the slot is empty. */
export interface Transition {
  slot: Slot;
  from: Held | null;
  to: Held | null;
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

/** A parent value that a change takes away, or only spells anew: to a foreign key that is the same. */
export interface Vanishing {
  slot: Slot;
  foreignKeys: number[];
  /** Its event asks the server to look at no children: only what the whole transaction leaves matters. */
  unchecked: boolean;
}

/** What one change does. */
export interface ChangeFootprint {
  /** One, or two where an update moves the row to another key: the old slot empties, the new one fills. */
  rows: Transition[];
  /** Unique values freed and taken, in that order. */
  unique: Transition[];
  references: Reference[];
  /** Parent values that this change takes away or spells anew: nothing on the restored primary may still refer to them. */
  vanishing: Vanishing[];
  /** Counted slots that get a row more, or one less. */
  counted: { slot: Slot; step: 1 | -1 }[];
}

/** What was found behind the decision, of a transaction that would be replayed. */
export interface RetryMark {
  change: number;
  /** Else a likely retry. */
  kind?: 'unique-taken';
  /** Else the changed row's own. */
  slot?: Slot;
  /** The restored primary's row; null: it was deleted there since. */
  restored: Held | null;
  changedBy?: readonly OwnChange[];
}

/** A conflict that no row has to be looked at for: the table is another one, or the row can't be completed. */
export interface Difference {
  change: number;
  /** `schema-differs` unless given. */
  kind?: 'changed-on-restored';
  why: string;
  /** The row as far as it is known; absent columns are left out. */
  shown?: Pick<PlanConflict, 'key' | 'before' | 'after' | 'restored' | 'columns'>;
  changedBy?: readonly OwnChange[];
}

export interface TransactionFootprint {
  id: string;
  /** Why it can't be judged or replayed at all; empty where it can. */
  unsupported: string[];
  /** Changes that are conflicts whatever the restored primary's rows are. */
  differs: Difference[];
  /** The restored primary's own log shows that it was applied there: present, whatever its rows are by now. */
  applied: boolean;
  /** Inserts whose content the restored primary wrote itself, under other automatic ids. */
  retries?: readonly RetryMark[];
  /** May be made anew at every look. */
  readonly changes: readonly ChangeFootprint[];
}

/** The restored primary as it was looked up: only slots of the window are asked for. */
export interface RestoredFacts {
  value(slot: Slot): Held | null;
  /** Rows of the restored primary that refer to `parent` by `foreignKey`. */
  children(foreignKey: number, parent: Slot): readonly ChildRow[];
}

export interface ChildRow {
  /** The child's row slot where the window touches it, else null. */
  slot: Slot | null;
  /** For the report: the child's key as text. */
  name: string;
  /** Where the server would spread to the row, not refuse: by which key it is found. */
  spread?: { definition: TableDefinition; key: string[] };
}

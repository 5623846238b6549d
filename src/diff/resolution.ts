// What a policy makes of a transaction that is in conflict. Types only.
import type { ConflictKind } from '../plan/plan.ts';
import type { ColumnRule, Placed, RowRule } from '../policy/policy.ts';
import type { RowChange, WindowTransaction } from './window-rows.ts';

type Values = readonly (string | null)[];

/** The window's transactions with their rows; an array is one. */
export interface WindowList extends Iterable<WindowTransaction> {
  at(index: number): WindowTransaction | undefined;
}

/** One row of the transaction, and the rule that decided it. */
export interface RowResolution {
  /** Null: it was no conflict; a decision for the whole transaction leaves it out. */
  kind: ConflictKind | null;
  /** Index of the first of the transaction's changes to the row. */
  change: number;
  rule: Placed<RowRule | ColumnRule>;
  /** Columns that have a rule of their own, where it was looked at. */
  columns: ReadonlyMap<string, Placed<ColumnRule>>;
  /** What the failed primary found and left, as it logged it. */
  before: Values | null;
  after: Values | null;
  /** What the restored primary has, or would have by then. */
  restored: Values | null;
  /** What it will have. */
  result: Values | null;
}

/** A row change to write, and which of the transaction's own changes it stands for. */
export interface Write {
  source: number;
  row: RowChange;
}

export interface ResolvedTransaction {
  /** What is written in place of the transaction's own changes, in order; none: nothing is. */
  writes: Write[];
  rows: RowResolution[];
  /** Inserts that are left out: what refers to them must not find another row there. By change. */
  leftOut: number[];
  /** Inserts that got another key. */
  rekeyed: { change: number; key: string }[];
}

/** What an earlier replay made of a transaction, as the restored primary remembers it. */
export type Remembered = Pick<ResolvedTransaction, 'leftOut' | 'rekeyed'>;

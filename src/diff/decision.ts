// What the decision says of a transaction, and why. Types only.
import type { ConflictKind } from '../plan/plan.ts';
import type { ChildRow, Difference, Held, Slot } from './footprint.ts';
import type { ResolvedTransaction } from './resolution.ts';
import type { OwnChange } from './restored-changes.ts';

export interface Finding {
  kind: ConflictKind;
  /** Index into the transaction's changes. */
  change: number;
  /** The slot that does not fit: the row's own, the unique value's, the parent's; null where the table itself differs. */
  slot: Slot | null;
  /** What stands there on the restored primary (or would, after the transactions before this one). */
  restored: Held | null;
  children?: readonly ChildRow[];
  /** So many of them, the last ones, the restored primary has not written since the failover. */
  oldChildren?: number;
  /** For `parent-missing`: the foreign key. */
  foreignKey?: number;
  /** For `schema-differs`, `too-large`, `refused-by-restored`: what in particular. */
  why?: string;
  /** The rule that was to decide it, and why it can't. */
  undecided?: string;
  /** Transactions of the restored primary's own that wrote the row since the failover, last first. */
  changedBy?: readonly OwnChange[];
  /** Where there is no slot, but something to show. */
  shown?: Difference['shown'];
  /** For `unique-taken`: the other row is the same but for its automatic id and times. */
  sentAgain?: true;
}

/**
 * `decision`: a person decided to hold it; `by` is the transaction itself then. `unclear`: whether it is there hangs on a
 * later one, `by`, that is there in part, or whose row somebody else wrote.
 */
export type HeldBecause =
  | 'same-row'
  | 'same-unique-value'
  | 'parent-row'
  | 'child-row'
  | 'decision'
  | 'unclear';

export type Decision =
  | { kind: 'missing' }
  | { kind: 'present' }
  | { kind: 'conflict'; findings: Finding[] }
  | { kind: 'held'; by: string; because: HeldBecause; slot: Slot | null }
  | { kind: 'unsupported'; reasons: string[] };

export type ChangeState = Decision['kind'];

export interface DecidedTransaction {
  decision: Decision;
  /** One a change; their sum over the window is the window's number of changes. */
  changes: readonly ChangeState[];
  /** What a policy made of it: `decision` is then of what it became. */
  resolved?: ResolvedTransaction;
}

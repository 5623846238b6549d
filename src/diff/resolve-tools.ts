// What the resolution of one transaction is given, and what it answers. Types only.
import type { Policy } from '../policy/policy.ts';
import type { Decision, Finding } from './decision.ts';
import type { ChangeFootprint, Held, Slot, TransactionFootprint } from './footprint.ts';
import type { NewKey } from './key-translation.ts';
import type { ResolvedTransaction, Write } from './resolution.ts';
import type { Rows } from './row-edits.ts';
import type { RowChange } from './window-rows.ts';
import type { WindowTable } from './window-table.ts';

export interface ConflictedTransaction {
  /** As far as earlier transactions gave rows other keys, it is in those terms already. */
  footprint: TransactionFootprint;
  rows: Rows;
  /** As the failed primary logged them. */
  logged: Rows;
  findings: readonly Finding[];
  /** Row slots that the restored primary has as the transaction left them. */
  present: ReadonlySet<Slot>;
  /** Every row of it that is there or missing, as findings of kind `partly-present`. */
  parts: readonly Finding[];
}

export interface ResolveTools {
  policy: Policy;
  /** The content of a row slot as values. */
  values: (held: Held) => (string | null)[];
  print: (row: RowChange) => ChangeFootprint;
  /** Why a row that was not logged like that can't be put into the log's bytes; null: it can. */
  cantWrite: (write: Write) => string | null;
  /** Judges a footprint in the picture; `leftOut`: slots whose rows it leaves out. */
  judge: (footprint: TransactionFootprint, leftOut: readonly Slot[]) => Decision;
  /** Whether rows that the restored primary has already, of this window, refer to what stands there. */
  isReferredTo: (slot: Slot) => boolean;
  /** A key for a new row; null where the table has none left or none is known. */
  newKey: (table: WindowTable) => string | null;
  /** Why the key can't be given; null: it is. See KeyTranslation. */
  giveKey: (key: NewKey) => string | null;
  takeKey: (key: NewKey) => void;
  translate: (row: RowChange) => RowChange;
}

export type Outcome =
  | {
      kind: 'resolved';
      decision: Decision;
      footprint: TransactionFootprint;
      resolved: ResolvedTransaction;
      leftOut: Slot[];
      /** Changes that a rule speaks of. */
      ruled: Set<number>;
    }
  | { kind: 'refused'; findings: Finding[] };

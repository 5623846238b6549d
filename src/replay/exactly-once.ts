// How the restored primary itself remembers that a transaction was replayed, so that a second run, or one after a
// crash, writes nothing twice. Decides which memory to use; src/replay/journal.ts owns the journal table.
import type { PlanTransaction } from '../plan/plan.ts';

/** The memory that is written in the same server transaction as the rows. */
export type Marker = { kind: 'gtid'; gtid: string } | { kind: 'journal' };

export type Standing =
  | { kind: 'to-apply'; marker: Marker }
  /** Replayed since the plan was made, by this plan or another. */
  | { kind: 'already-applied' };

/** What the restored primary remembers now. */
export interface Memory {
  /** MySQL with GTIDs on: transactions can keep their GTID. */
  keepsGtids: boolean;
  executed: (gtid: string) => boolean;
  journaled: (id: string) => boolean;
}

export function standing(planned: PlanTransaction, memory: Memory): Standing {
  if (memory.journaled(planned.id)) return { kind: 'already-applied' };
  const { gtid } = planned;
  if (!memory.keepsGtids || gtid === null) return { kind: 'to-apply', marker: { kind: 'journal' } };
  if (!memory.executed(gtid)) return { kind: 'to-apply', marker: { kind: 'gtid', gtid } };
  // Executed when the diff looked, and its rows were missing all the same: the GTID was recorded empty. The server
  // would skip it in silence, so its rows go in under a GTID of their own, and the journal remembers.
  return planned.executed ? { kind: 'to-apply', marker: { kind: 'journal' } } : { kind: 'already-applied' };
}

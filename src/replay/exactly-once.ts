// How the restored primary itself remembers that a transaction was replayed or undone, so that a second run, or one
// after a crash, writes nothing twice. Decides which memory to use; src/replay/journal.ts owns the journal table.
import type { PlanTransaction } from '../plan/plan.ts';
import type { JournalState } from './journal.ts';

/** The memory that is written in the same server transaction as the rows. */
export type Marker = { kind: 'gtid'; gtid: string } | { kind: 'journal'; key: string; state: JournalState };

export type Standing =
  | { kind: 'to-apply'; marker: Marker }
  /** Nothing to do: replayed since the plan was made; for an undo: not replayed, or undone already. */
  | { kind: 'done' };

/** What the restored primary remembers now. */
export interface Memory {
  /** MySQL with GTIDs on: transactions can keep their GTID. */
  keepsGtids: boolean;
  /** Whether our account may give a transaction its GTID. */
  maySetGtids: boolean;
  /** Also where GTIDs were turned off since. Never by MariaDB's watermarks. */
  executed: (gtid: string) => boolean;
  /** `key` is asked for only where something is noted at all: it is a digest of all of a transaction's rows. */
  journal: (key: () => string) => JournalState | undefined;
}

/** As much of a plan's transaction as it takes. */
type Planned = Pick<PlanTransaction, 'gtid' | 'state' | 'executed'>;

/** `key` makes the transaction's journalKey. */
export function replayStanding(planned: Planned, key: () => string, memory: Memory): Standing {
  if (isReplayed(planned, key, memory)) return { kind: 'done' };
  const { gtid } = planned;
  // An executed GTID whose rows are missing was recorded empty, or replayed and undone. The server would skip it in
  // silence, so its rows go in under a GTID of their own, and the journal remembers.
  return memory.keepsGtids && memory.maySetGtids && gtid !== null && !memory.executed(gtid)
    ? { kind: 'to-apply', marker: { kind: 'gtid', gtid } }
    : { kind: 'to-apply', marker: { kind: 'journal', key: key(), state: 'applied' } };
}

/** A present transaction counts as replayed where the restored primary remembers it: its rows were not sent again. */
export function verifyStanding(planned: Planned, key: () => string, memory: Memory): Standing {
  const asMissing = planned.state === 'present' ? { ...planned, executed: false } : planned;
  return isReplayed(asMissing, key, memory) ? { kind: 'done' } : replayStanding(asMissing, key, memory);
}

export function undoStanding(planned: Planned, key: () => string, memory: Memory): Standing {
  return isReplayed(planned, key, memory)
    ? { kind: 'to-apply', marker: { kind: 'journal', key: key(), state: 'undone' } }
    : { kind: 'done' };
}

function isReplayed({ gtid, executed }: Planned, key: () => string, memory: Memory): boolean {
  const noted = memory.journal(key);
  if (noted !== undefined) return noted === 'applied';
  // Executed when the diff looked, and its rows were missing all the same: that was no replay.
  return gtid !== null && !executed && memory.executed(gtid);
}

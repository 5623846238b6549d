// Which of the failed primary's GTIDs the restored primary has not executed when a replay is through: as long as one is
// lacking, the failed primary can't follow it by its GTIDs. Tells; records none.
import type { LoadedPlan } from '../plan/planned-transactions.ts';
import { GtidSet } from '../server/gtid-set.ts';

/** GTID sets of the window's transactions; empty where none is lacking. */
export interface LackingGtids {
  /** Their rows are there: the application sent them again, or they have none (the prepare of an XA transaction). */
  present: string;
  /** Conflicts, and what is held or unsupported. */
  leftOut: string;
}

/** `executed`: by the restored primary; `kept`: what a rehearsal would replay under its own GTID. */
export function lackingGtids(
  { transactions }: Pick<LoadedPlan, 'transactions'>,
  executed: (gtid: string) => boolean,
  kept: Iterable<string>,
): LackingGtids {
  const known = new Set(kept);
  const present: string[] = [];
  const leftOut: string[] = [];
  for (const { gtid, state } of transactions) {
    if (gtid === null || known.has(gtid) || executed(gtid)) continue;
    if (state === 'present') present.push(gtid);
    else leftOut.push(gtid);
  }
  return { present: GtidSet.of(present).toString(), leftOut: GtidSet.of(leftOut).toString() };
}

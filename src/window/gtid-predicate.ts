// "Is this GTID in that set?", for both flavours' notations. Nothing else.
import { ReconcileError } from '../reconcile-error.ts';
import { GtidSet } from '../server/gtid-set.ts';
import { MariadbGtidPosition } from '../server/mariadb-gtid-position.ts';

/** A MySQL set always has a colon, a MariaDB position never; the empty text contains nothing in both. */
export function gtidPredicate(text: string): (gtid: string) => boolean {
  if (text.trim() === '') return () => false;
  if (text.includes(':')) {
    const set = GtidSet.parse(text);
    return (gtid) => gtid.includes(':') && set.contains(gtid);
  }
  const position = MariadbGtidPosition.parse(text);
  return (gtid) => !gtid.includes(':') && position.covers(gtid);
}

/** The set that holds `text` and these GTIDs; null where GTIDs are off. */
export function withGtids(text: string | null, gtids: readonly string[]): string | null {
  if (text === null) return null;
  try {
    if (gtids.length === 0) return text;
    if (gtids[0]!.includes(':')) return GtidSet.parse(text).union(GtidSet.of(gtids)).toString();
    return MariadbGtidPosition.parse(text)
      .union(MariadbGtidPosition.parse(gtids.join(',')))
      .toString();
  } catch (cause) {
    throw new ReconcileError('internal', 'the window’s GTIDs do not go with its start set', { cause });
  }
}

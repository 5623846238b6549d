// Refuses a failed primary that has lost GTIDs which it had at the failover: its log was reset since, and what it wrote
// before that is gone. Where the new log is as long as the old one was, its coordinates would not tell.
import { ReconcileError } from '../../reconcile-error.ts';
import { GtidSet } from '../gtid-set.ts';

/** MySQL's executed sets: by the record, and now; null where GTIDs are off. Throws ReconcileError('input'). */
export function refuseResetLog(name: string, recorded: string | null, now: string | null): void {
  if (recorded === null || now === null) return;
  const lost = GtidSet.parse(recorded).subtract(GtidSet.parse(now));
  if (lost.count === 0n) return;
  throw new ReconcileError(
    'input',
    `the ${name} has not executed what it had at the failover (${lost}): its log was reset since, or cut`,
    {
      hint: 'What it wrote before that is in copies of its log only: give them with --binlog. If it lost them in its crash instead, --start-position FILE:POS begins where the record says.',
    },
  );
}

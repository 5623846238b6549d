// Refuses a server that is not the one in the failover record: its coordinates mean nothing on another server's log.
import { isRecordedServer } from '../identity.ts';
import { type CheckResult, refusal } from './run-checks.ts';
import { checkSwapped, type RecordedPair, type WhoIs } from './swapped.ts';

/** `failed` is null where only its binlog files are at hand. Nothing where the two are swapped: that has its own check. */
export function checkNotRecorded(failed: WhoIs | null, restored: WhoIs, recorded: RecordedPair): CheckResult {
  if (checkSwapped(failed, restored, recorded)) return null;
  const faults: string[] = [];
  if (failed !== null && !isRecordedServer(failed, recorded.new)) {
    faults.push(`the failed primary has ${text(failed)}, the record's new primary ${text(recorded.new)}`);
  }
  if (!isRecordedServer(restored, recorded.old)) {
    faults.push(`the restored primary has ${text(restored)}, the record's old primary ${text(recorded.old)}`);
  }
  if (faults.length === 0) return null;
  return refusal(
    'not-recorded',
    faults.join('; '),
    "Is it this cluster's record, and are these its servers? A server that was rebuilt has another uuid, and another log.",
  );
}

function text(who: WhoIs): string {
  return who.uuid === null ? `${who.flavor} server id ${who.serverId}` : `server uuid ${who.uuid}`;
}

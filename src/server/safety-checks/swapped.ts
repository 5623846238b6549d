// Refuses failed and restored primary the wrong way round: the replay would write the restored primary's data back to
// the server that is out of service, and the real loss would stay unseen.
import { isRecordedServer, type ServerIdentity } from '../identity.ts';
import { type CheckResult, refusal } from './run-checks.ts';

export type WhoIs = Pick<ServerIdentity, 'flavor' | 'uuid' | 'serverId'>;

export interface RecordedPair {
  old: WhoIs;
  new: WhoIs;
}

/** `failed` is null where only its binlog files are at hand. */
export function checkSwapped(failed: WhoIs | null, restored: WhoIs, recorded: RecordedPair): CheckResult {
  if (isRecordedServer(restored, recorded.old) || !isRecordedServer(restored, recorded.new)) return null;
  if (failed !== null && !isRecordedServer(failed, recorded.old)) return null;
  return refusal(
    'swapped',
    'failed and restored primary are swapped: the record says that the restored one is the new primary, which failed',
    'Exchange --failed and --restored.',
  );
}

// Refuses a restored primary that replicates: writes to a replica diverge it from its source, the very fault we mend.
import type { CheckedServer } from './checked-server.ts';
import { type CheckResult, refusal } from './run-checks.ts';

export function checkRestoredReplicates(restored: CheckedServer): CheckResult {
  const source = restored.sources.find((one) => one.running);
  if (!source) return null;
  const channel = source.channel === '' ? '' : ` on channel ${source.channel}`;
  const statement = restored.identity.flavor === 'mysql' ? 'STOP REPLICA' : 'STOP ALL SLAVES';
  return refusal(
    'restored-replicates',
    `the ${restored.name} is a replica of ${source.host}:${source.port}${channel}, not the primary`,
    `Give the primary as --restored; or, if it is the primary by now: ${statement}.`,
  );
}

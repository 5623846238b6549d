// Refuses two names for one server: a diff of a server with itself finds nothing missing, whatever was lost.
import { describeIdentity, isSameServer } from '../identity.ts';
import type { CheckedServer } from './checked-server.ts';
import { type CheckResult, refusal } from './run-checks.ts';

type Named = Pick<CheckedServer, 'name' | 'identity'>;

export function checkSameServer(one: Named, other: Named): CheckResult {
  if (!isSameServer(one.identity, other.identity)) return null;
  return refusal(
    'same-server',
    `${one.name} and ${other.name} are one server (${describeIdentity(one.identity)})`,
    'Check both addresses; a proxy or a virtual address may lead to the wrong one.',
  );
}

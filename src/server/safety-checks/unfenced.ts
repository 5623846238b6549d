// Refuses a failed primary that still takes writes. A capture came up empty once because clients with SUPER wrote past
// read_only while it ran (signal18/replication-manager#1575): on MySQL only super_read_only is a fence.
import type { CheckedServer } from './checked-server.ts';
import { type CheckResult, refusal } from './run-checks.ts';

export function checkUnfenced(failed: CheckedServer): CheckResult {
  const { identity, settings, name } = failed;
  const variable = identity.flavor === 'mysql' ? 'super_read_only' : 'read_only';
  const fenced = identity.flavor === 'mysql' ? settings.superReadOnly : settings.readOnly;
  if (fenced === true) return null;
  return refusal(
    'unfenced',
    `the ${name} still takes writes (${variable}=OFF): what is read now may not be all`,
    `Fence it first: SET GLOBAL ${variable}=ON.`,
  );
}

// Refuses a read-only restored primary: writes go elsewhere, so it is not the primary (any more).
import type { CheckedServer } from './checked-server.ts';
import { type CheckResult, refusal } from './run-checks.ts';

export function checkRestoredReadOnly(restored: CheckedServer): CheckResult {
  const { settings, name } = restored;
  const variable = settings.superReadOnly ? 'super_read_only' : settings.readOnly ? 'read_only' : null;
  if (variable === null) return null;
  return refusal(
    'restored-read-only',
    `the ${name} is read-only (${variable}=ON): it does not serve writes now`,
    `Is it the primary? If it is: SET GLOBAL ${variable}=OFF.`,
  );
}

// Refuses a second failover record within the cool-off of the first: failing over to and fro is how one outage became
// two (GitHub, 2012: the second automated failover went back to a cold server). It also keeps the first one's evidence.
import { type CheckResult, refusal } from './run-checks.ts';

/** Times in milliseconds since 1970. A record from the future counts as new: somebody's clock is wrong. */
export function checkCoolOff(recordedAt: number, now: number, coolOff: number): CheckResult {
  const age = now - recordedAt;
  if (age >= coolOff) return null;
  return refusal(
    'cool-off',
    `a failover of this cluster was recorded ${age < 0 ? 'in the future' : `${minutes(age)} ago`} (${new Date(recordedAt).toISOString()}), and the cool-off is ${minutes(coolOff)}`,
    'Look at the first failover before the next one.',
  );
}

function minutes(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

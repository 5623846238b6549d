// Collects what the safety checks found into one error, so that a person sees all of it at once. Runs no check itself.
import { ReconcileError } from '../../reconcile-error.ts';
import { CHECKS, type CheckName } from './check-names.ts';

/** A failed check, or null. */
export type CheckResult = ReconcileError | null;

/** One check's refusal: `hint` is the remedy, `--force` is added by runChecks. */
export function refusal(check: CheckName, message: string, hint: string): ReconcileError {
  return new ReconcileError('refused', message, { check, hint });
}

/** Throws the first failed check that is not forced, the others named in its message. Order: the gravest first. */
export function runChecks(results: readonly CheckResult[], force: ReadonlySet<string>): void {
  const failed = results.filter((result) => result !== null && !force.has(result.check ?? ''));
  const [first, ...others] = failed as ReconcileError[];
  if (!first) return;
  const message = [first.message, ...others.map((other) => `also refused: ${other.message}${remedy(other)}`)];
  const names = [first, ...others].map((one) => `--force ${one.check}`);
  throw new ReconcileError('refused', message.join('\n'), {
    ...(first.check === undefined ? {} : { check: first.check }),
    hint: `${first.hint ?? ''} To go on all the same: ${names.join(' ')}.`.trim(),
    cause: first,
  });
}

/** What a forced check would have said, for a warning. */
export function overridden(results: readonly CheckResult[], force: ReadonlySet<string>): string[] {
  return results
    .filter((result) => result !== null && force.has(result.check ?? ''))
    .map((result) => `--force ${result!.check}: ${CHECKS[result!.check as CheckName]}: ${result!.message}`);
}

function remedy(error: ReconcileError): string {
  return error.hint === undefined ? '' : ` (${error.hint})`;
}

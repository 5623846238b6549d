// A plan or undo file that can be read but is not what was written: refused, unless forced by name. Reads nothing itself.
import type { Progress } from '../requests.ts';
import { overridden, refusal, runChecks } from '../server/safety-checks/run-checks.ts';

const RISKS =
  'Forced, each row is still judged under lock; but an edited row is written as the file has it, where it fits, and what was cut off is left out.';

/** For loadPlan(). Throws ReconcileError('refused', check 'plan-damaged'); returns what is to be said of it from then on. */
export function acceptDamage(
  path: string,
  what: 'plan' | 'undo file',
  { force, progress }: { force: ReadonlySet<string>; progress: Pick<Progress, 'warn'> },
): (damage: string) => string {
  return (damage) => {
    const remedy = what === 'plan' ? 'Make it again: `reconcile diff`.' : 'Take a whole copy of it.';
    const found = refusal('plan-damaged', `${path}: the ${what} is damaged: ${damage}`, `${remedy} ${RISKS}`);
    runChecks([found], force);
    for (const warning of overridden([found], force)) progress.warn(warning);
    return `Made of a damaged ${what}, by --force plan-damaged: ${damage}.`;
  };
}

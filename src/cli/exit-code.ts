// What the process ends with: the contract's numbers. Pure.
import type { ErrorCode } from '../reconcile-error.ts';
import type { VerifyResult } from '../replay/verify-plan.ts';
import type { ReplayOutcome } from '../requests.ts';

export type ExitCode = 0 | 1 | 2 | 3 | 4 | 130;

export function errorExitCode(code: ErrorCode): ExitCode {
  if (code === 'refused') return 4;
  if (code === 'interrupted') return 130;
  return 1;
}

/** 3: something is left for a person; 2: a dry run that found something to write; 0: nothing is left. */
export function replayExitCode(
  outcome: Pick<ReplayOutcome, 'apply' | 'applied' | 'held' | 'conflicts' | 'verified'>,
): ExitCode {
  if (outcome.held > 0 || outcome.conflicts.length > 0) return 3;
  if (outcome.verified && outcome.verified.wrong > 0) return 3;
  return !outcome.apply && outcome.applied.length > 0 ? 2 : 0;
}

/** 3: a row is wrong, or the plan's window was not read whole; 2: some of the plan is not replayed yet. */
export function verifyExitCode(
  result: Pick<VerifyResult, 'wrong' | 'transactions'>,
  accountCloses: boolean,
): ExitCode {
  if (result.wrong > 0 || !accountCloses) return 3;
  return result.transactions.notReplayed > 0 ? 2 : 0;
}

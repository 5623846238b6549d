// What can be wrong with a plan's file, in words for a person: the fact, the place, the way out. An undo file is a plan too,
// and its way out is another one. Reads nothing.
import { fileReason, ReconcileError } from '../reconcile-error.ts';
import { PLAN_VERSION } from './plan.ts';

export interface NamedPlan {
  path: string;
  kind: 'plan' | 'undo file';
}

/** `cause`: what node:fs threw. */
export function unreadablePlan({ path, kind }: NamedPlan, cause: unknown): ReconcileError {
  return new ReconcileError('input', `${path}: the ${kind} can't be read: ${fileReason(cause)}`, {
    hint:
      kind === 'plan'
        ? 'Write one with `reconcile diff`, or name it.'
        : 'Name the file that `reconcile replay --apply` wrote.',
    cause,
  });
}

/** For files that are not, or not any more, what was written. */
export function damagedPlan({ path, kind }: NamedPlan, what: string, cause?: unknown): ReconcileError {
  return new ReconcileError('input', `${path}: the ${kind} is damaged: ${what}`, {
    hint:
      kind === 'plan'
        ? 'Write it again with `reconcile diff`; nothing was changed.'
        : 'Take a whole copy of it; nothing was changed.',
    cause,
  });
}

export function undoFileGiven(path: string): ReconcileError {
  return new ReconcileError('usage', `${path} is an undo file`, {
    hint: `Take the replay back with: reconcile undo ${path}`,
  });
}

export function otherPlanVersion({ path, kind }: NamedPlan, version: unknown): ReconcileError {
  return new ReconcileError(
    'input',
    `${path}: ${kind} version ${version}; this reconcile reads version ${PLAN_VERSION}`,
    {
      hint:
        kind === 'plan'
          ? 'Write the plan again with this reconcile: `reconcile diff`.'
          : 'Use the reconcile that wrote it.',
    },
  );
}

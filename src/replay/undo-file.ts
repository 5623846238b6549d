// The undo file: what a replay is about to write, on disk before the first of it is committed, so that all of it can be
// taken back. It is a plan of its own, with the same rows and the same checksum; which of its transactions were really
// written, the restored primary remembers. Never holds more than the plan did.
import { createHash } from 'node:crypto';
import { PLAN_VERSION, type PlanLine } from '../plan/plan.ts';
import { writePlan } from '../plan/plan-file.ts';
import type { LoadedPlan } from '../plan/planned-transactions.ts';
import { ReconcileError } from '../reconcile-error.ts';

/** Beside the plan, named for its content: the same plan has the same undo file, another plan never overwrites it. */
export function undoPath(plan: string, loaded: LoadedPlan): string {
  const hash = createHash('sha256').update(
    JSON.stringify([loaded.header, missing(loaded).map(({ id }) => id)]),
  );
  return `${plan.replace(/(\.plan)?\.jsonl$/, '')}.undo-${hash.digest('hex').slice(0, 8)}.jsonl`;
}

/** Written, fsynced and renamed into its place before it returns. Throws ReconcileError('input'). */
export async function writeUndoFile(path: string, loaded: LoadedPlan): Promise<void> {
  await writePlan(path, undoLines(loaded), '--undo FILE').catch((cause: unknown) => {
    throw new ReconcileError(
      'input',
      `the undo file ${path} can't be written, so nothing was replayed: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        hint: 'Give another place with --undo FILE.',
        cause,
      },
    );
  });
}

export function refuseWrongFile(
  path: string,
  { header }: LoadedPlan,
  direction: 'replay' | 'undo' | 'verify',
): void {
  if (direction !== 'undo' && header.undo) {
    throw new ReconcileError('usage', `${path} is an undo file`, {
      hint: `Take the replay back with: reconcile undo ${path}`,
    });
  }
  if (direction === 'undo' && !header.undo) {
    throw new ReconcileError('usage', `${path} is a plan, no undo file`, {
      hint: 'The replay said which undo file it wrote: *.undo-*.jsonl beside the plan.',
    });
  }
}

function missing({ transactions }: LoadedPlan) {
  return transactions.map(({ planned }) => planned).filter(({ state }) => state === 'missing');
}

function* undoLines(loaded: LoadedPlan): Generator<PlanLine> {
  yield { ...loaded.header, type: 'plan', version: PLAN_VERSION, undo: true };
  yield* loaded.tables;
  yield* missing(loaded);
}

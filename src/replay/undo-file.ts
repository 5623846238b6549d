// The undo file: what a replay is about to write, on disk before the first of it is committed, so that all of it can be
// taken back. It is a plan of its own, with the same rows and the same checksum; which of its transactions were really
// written, the restored primary remembers. Never holds more than the plan did.
import { createHash } from 'node:crypto';
import { copyPlan } from '../plan/copy-plan.ts';
import { copyPlanBeside } from '../plan/copy-plan-beside.ts';
import { undoFileGiven } from '../plan/plan-faults.ts';
import { UNDO_HEAD } from '../plan/plan-file.ts';
import type { LoadedPlan, PlannedTransaction } from '../plan/planned-transactions.ts';
import { ReconcileError } from '../reconcile-error.ts';

/** Beside the plan, named for its content: the same plan has the same undo file, another plan never overwrites it. */
export function undoPath(plan: string, loaded: LoadedPlan): string {
  const ids = loaded.transactions.filter(isMissing).map(({ id }) => id);
  const hash = createHash('sha256').update(JSON.stringify([loaded.header, ids]));
  return `${plan.replace(/(\.plan)?\.jsonl$/, '')}.undo-${hash.digest('hex').slice(0, 8)}.jsonl`;
}

/** Bytes, from which on a copy takes longer than to start a thread for it. */
const LARGE = 8 << 20;

export interface UndoFile {
  readonly path: string;
  /** Once what follows may keep this thread busy: the copy does not need it any more. Never rejects. */
  readonly mayBeBusy: Promise<void>;
  /** On disk under its name when it returns. Throws ReconcileError('input') for all that has failed since the start. */
  keep(): Promise<void>;
  /** Leaves nothing, if it was not kept. Never throws. */
  discard(): Promise<void>;
}

/** Of the plan's missing transactions; by default beside the plan. Written while the caller does something else. */
export function startUndoFile(
  { plan, undo }: { plan: string; undo?: string | undefined },
  loaded: LoadedPlan,
): UndoFile {
  const path = undo ?? undoPath(plan, loaded);
  const { header, sha256, bytes, transactions } = loaded;
  const inThread = bytes > LARGE;
  const copying = (inThread ? copyPlanBeside : copyPlan)({
    ...{ from: plan, sha256, to: path, option: '--undo FILE' },
    // Twice: what stands in front, and what holds.
    header: { ...UNDO_HEAD, ...header, ...UNDO_HEAD },
    wanted: Uint8Array.from(transactions, (one) => (isMissing(one) ? 1 : 0)),
  });
  // Told by keep(): until then a failure must not end the process.
  const settled = copying.then(
    () => {},
    () => {},
  );
  let keeping: Promise<void> | null = null;
  const notWritten = (cause: unknown): never => {
    throw new ReconcileError(
      'input',
      `the undo file ${path} can't be written, so nothing was replayed: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        hint: 'Give another place with --undo FILE.',
        cause,
      },
    );
  };
  return {
    path,
    mayBeBusy: inThread ? Promise.resolve() : settled,
    keep: () => {
      keeping = copying.then((draft) => draft.keep()).catch(notWritten);
      return keeping;
    },
    // One that is being kept is: it would be neither there nor gone.
    discard: async () => {
      await keeping?.catch(() => {});
      await copying.then(
        (draft) => draft.discard(),
        () => {},
      );
    },
  };
}

export function refuseWrongFile(
  path: string,
  { header }: LoadedPlan,
  direction: 'replay' | 'undo' | 'verify',
): void {
  if (direction !== 'undo' && header.undo) {
    throw undoFileGiven(path);
  }
  if (direction === 'undo' && !header.undo) {
    throw new ReconcileError('usage', `${path} is a plan, no undo file`, {
      hint: 'The replay said which undo file it wrote: *.undo-*.jsonl beside the plan.',
    });
  }
}

function isMissing({ state }: PlannedTransaction): boolean {
  return state === 'missing';
}

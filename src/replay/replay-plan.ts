// The replay's loop: the plan's missing transactions, each given to a writer, behind those it builds on. A transaction that no
// longer fits is a new conflict, and what builds on it is held. Never writes by itself.

import { BlockedSlots } from '../diff/blocked-slots.ts';
import { describeConflict } from '../diff/conflict.ts';
import type { FoundConflict } from '../diff/who-changed.ts';
import type { PlanConflict } from '../plan/plan.ts';
import { ReconcileError } from '../reconcile-error.ts';
import type { PreparedReplay, PreparedTransaction } from './prepare-replay.ts';
import type { ReplayStep, ReplayWriter, StepOutcome } from './replay-writer.ts';
import { sideBySide } from './side-by-side.ts';

export interface ReplayResult {
  /** Written by this run (or, by a dry run, found to be writable). */
  applied: string[];
  /** Replayed by an earlier run, or there by other means. */
  alreadyPresent: string[];
  /** Held now because a transaction before them no longer fits. */
  held: { transaction: string; by: string }[];
  conflicts: PlanConflict[];
  seconds: number;
}

export interface ReplayHooks {
  signal: AbortSignal;
  progress: (done: number, total: number) => void;
  /** Puts on what was found who is behind it: asked once, when all is written. Throws nothing. */
  nameWhoChanged: (found: readonly FoundConflict[]) => Promise<void>;
}

/**
 * One writer a worker. Throws ReconcileError('interrupted') between two transactions, with what was applied by then in
 * the message.
 */
export async function replayPlan(
  prepared: PreparedReplay,
  writers: readonly ReplayWriter[],
  { signal, progress, nameWhoChanged }: ReplayHooks,
): Promise<ReplayResult> {
  const started = performance.now();
  const result: ReplayResult = { applied: [], alreadyPresent: [], held: [], conflicts: [], seconds: 0 };
  const found: FoundConflict[] = [];
  const blocked = new BlockedSlots();
  const { transactions } = prepared;
  let done = 0;
  const all = await sideBySide(
    prepared.order,
    writers.length,
    () => signal.aborted,
    async (index, worker, handedOver) => {
      const write = (step: ReplayStep) => writers[worker]!.write(step, handedOver);
      await replayOne(index, transactions[index]!, write, blocked, result, found);
      done += 1;
      progress(done, transactions.length);
    },
  ).catch((error: unknown) => {
    // A writer that was waiting when it came.
    if (error instanceof ReconcileError && error.code === 'interrupted')
      throw interrupted(result, transactions.length);
    throw withProgress(error, result);
  });
  if (!all) throw interrupted(result, transactions.length);
  result.seconds = (performance.now() - started) / 1000;
  await nameWhoChanged(found);
  for (const { finding, one, facts } of found)
    result.conflicts.push(describeConflict(finding, one, prepared, facts));
  inPlanOrder(prepared, result);
  return result;
}

/** Workers end in any order; people and programs read the window's. */
function inPlanOrder({ transactions }: PreparedReplay, result: ReplayResult): void {
  const place = new Map(transactions.map(({ footprint }, i) => [footprint.id, i]));
  const byId = (a: string, b: string): number => place.get(a)! - place.get(b)!;
  result.applied.sort(byId);
  result.alreadyPresent.sort(byId);
  result.held.sort((a, b) => byId(a.transaction, b.transaction));
  result.conflicts.sort((a, b) => byId(a.transaction, b.transaction));
}

async function replayOne(
  index: number,
  one: PreparedTransaction,
  write: (step: ReplayStep) => Promise<StepOutcome>,
  blocked: BlockedSlots,
  result: ReplayResult,
  found: FoundConflict[],
): Promise<void> {
  const { footprint, window, standing } = one;
  const { id } = footprint;
  if (standing.kind === 'done') {
    result.alreadyPresent.push(id);
    return;
  }
  const condition = blocked.conditionOf(footprint);
  if (condition) {
    result.held.push({ transaction: id, by: condition.by });
    blocked.block(footprint);
    return;
  }
  const { decision, facts } = await write({
    index,
    window,
    footprint,
    marker: standing.marker,
    notes: one.notes,
  });
  switch (decision.kind) {
    case 'missing':
      result.applied.push(id);
      return;
    case 'present':
      result.alreadyPresent.push(id);
      return;
    case 'conflict': {
      // It was begun behind one that the server then would not commit.
      const late = blocked.conditionOf(footprint);
      if (late) {
        result.held.push({ transaction: id, by: late.by });
        blocked.block(footprint);
        return;
      }
      found.push(...decision.findings.map((finding) => ({ finding, one: window, facts })));
      blocked.block(footprint);
      return;
    }
    case 'held':
      result.held.push({ transaction: id, by: decision.by });
      blocked.block(footprint);
      return;
    case 'unsupported':
      throw new ReconcileError(
        'internal',
        `transaction ${id} can't be replayed: ${decision.reasons.join('; ')}`,
      );
  }
}

/** What was changed by then belongs into the message of whatever ended the run. */
function withProgress(error: unknown, { applied }: ReplayResult): unknown {
  if (!(error instanceof ReconcileError)) return error;
  const { code, message, hint, check } = error;
  return new ReconcileError(
    code,
    `${message} (${applied.length} transactions of this run are replayed and committed)`,
    {
      ...(hint === undefined ? {} : { hint }),
      ...(check === undefined ? {} : { check }),
      cause: error,
    },
  );
}

function interrupted(result: ReplayResult, total: number): ReconcileError {
  return new ReconcileError(
    'interrupted',
    `interrupted: ${result.applied.length} of ${total} transactions are replayed and committed by this run, ${result.alreadyPresent.length} were there already, none is half done`,
    { hint: 'The same command goes on from here.' },
  );
}

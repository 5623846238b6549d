// The replay's loop: the plan's missing transactions, in commit order, each given to a writer. A transaction that no
// longer fits is a new conflict, and what builds on it is held. Never writes by itself.

import { BlockedSlots } from '../diff/blocked-slots.ts';
import { describeConflict } from '../diff/conflict.ts';
import type { PlanConflict } from '../plan/plan.ts';
import { ReconcileError } from '../reconcile-error.ts';
import type { PreparedReplay, PreparedTransaction } from './prepare-replay.ts';
import type { ReplayWriter } from './replay-writer.ts';

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
}

/** Throws ReconcileError('interrupted') between two transactions; what was applied by then is in the message. */
export async function replayPlan(
  prepared: PreparedReplay,
  writer: ReplayWriter,
  { signal, progress }: ReplayHooks,
): Promise<ReplayResult> {
  const started = performance.now();
  const result: ReplayResult = { applied: [], alreadyPresent: [], held: [], conflicts: [], seconds: 0 };
  const blocked = new BlockedSlots();
  const total = prepared.transactions.length;
  for (const [index, one] of prepared.transactions.entries()) {
    progress(index, total);
    if (signal.aborted) throw interrupted(result, total);
    await replayOne(index, one, prepared, writer, blocked, result);
  }
  progress(total, total);
  result.seconds = (performance.now() - started) / 1000;
  return result;
}

async function replayOne(
  index: number,
  one: PreparedTransaction,
  prepared: PreparedReplay,
  writer: ReplayWriter,
  blocked: BlockedSlots,
  result: ReplayResult,
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
  const { transaction } = window;
  const { decision, facts } = await writer.write({ index, transaction, footprint, marker: standing.marker });
  switch (decision.kind) {
    case 'missing':
      result.applied.push(id);
      return;
    case 'present':
      result.alreadyPresent.push(id);
      return;
    case 'conflict':
      result.conflicts.push(
        ...decision.findings.map((finding) => describeConflict(finding, window, prepared, facts)),
      );
      blocked.block(footprint);
      return;
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

function interrupted(result: ReplayResult, total: number): ReconcileError {
  return new ReconcileError(
    'interrupted',
    `interrupted: ${result.applied.length} of ${total} transactions are replayed and committed, none is half done`,
    { hint: 'The same command goes on from here.' },
  );
}

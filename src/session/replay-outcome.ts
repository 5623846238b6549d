// Puts a replay's result into the terms of the command line. Decides nothing.
import type { LoadedPlan } from '../plan/planned-transactions.ts';
import type { ReplayResult } from '../replay/replay-plan.ts';
import type { VerifyResult } from '../replay/verify-plan.ts';
import type { ReplayOutcome, ReplayRequest } from '../requests.ts';
import { GtidSet } from '../server/gtid-set.ts';
import type { ReplaySession } from './open-replay.ts';

/** What a replay's run comes to, for the command line. */
export async function replayOutcome(
  plan: LoadedPlan,
  { apply, plan: path }: ReplayRequest,
  {
    prepared,
    waited,
    engine,
    lackingGtids,
    undoFile,
  }: Pick<ReplaySession, 'prepared' | 'waited' | 'engine' | 'lackingGtids' | 'undoFile'>,
  result: ReplayResult,
  verified: VerifyResult | null,
): Promise<ReplayOutcome> {
  const markers = new Map(prepared.transactions.map(({ footprint, standing }) => [footprint.id, standing]));
  const kept = result.applied.filter((id) => {
    const standing = markers.get(id);
    return standing?.kind === 'to-apply' && standing.marker.kind === 'gtid';
  });
  return {
    kind: 'replay',
    apply,
    plan: path,
    header: plan.header,
    applied: result.applied,
    alreadyPresent: result.alreadyPresent,
    held: leftOut(plan, result),
    conflicts: result.conflicts,
    transactionsPerSecond:
      apply && result.seconds > 0 ? Math.round(result.applied.length / result.seconds) : 0,
    seconds: Math.round(result.seconds * 1000) / 1000,
    secondsHeldBack: Math.round(waited() / 100) / 10,
    gtids: GtidSet.of(kept).toString(),
    lackingGtids: await lackingGtids(kept),
    undo: undoFile,
    engine,
    verified,
  };
}

/** All of the window that is not there; also what was cut off from a damaged plan, for its header counts that too. */
function leftOut({ header }: LoadedPlan, { applied, alreadyPresent, held, conflicts }: ReplayResult): number {
  const { missing, conflict, held: heldBefore, unsupported } = header.transactions;
  const newlyLeft = held.length + new Set(conflicts.map(({ transaction }) => transaction)).size;
  const lost = missing - applied.length - alreadyPresent.length;
  return conflict + heldBefore + unsupported + Math.max(newlyLeft, lost);
}

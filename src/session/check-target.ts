// The safety checks before a replay, an undo or a verification: is this the server that the file was made for, and may it
// be written to now? Writes nothing.
import type { PlanHeader } from '../plan/plan.ts';
import type { LoadedPlan } from '../plan/planned-transactions.ts';
import { type FailoverRecord, loadRecord } from '../record/failover-record.ts';
import type { ReplayRequest } from '../requests.ts';
import type { CheckedServer } from '../server/safety-checks/checked-server.ts';
import { checkRestoredReadOnly } from '../server/safety-checks/restored-read-only.ts';
import { checkRestoredReplicates } from '../server/safety-checks/restored-replicates.ts';
import { type CheckResult, overridden, refusal, runChecks } from '../server/safety-checks/run-checks.ts';
import { checkFailed } from './check-failed.ts';
import { isPlanned } from './is-planned.ts';

/** Throws ReconcileError('refused'). */
export async function checkTarget(
  { header }: LoadedPlan,
  restored: CheckedServer,
  request: Pick<ReplayRequest, 'apply' | 'failed' | 'failedNamed' | 'force' | 'progress' | 'record'>,
): Promise<void> {
  const results = [
    isPlanned(restored.identity, header.restored)
      ? null
      : refusal(
          'not-recorded',
          `the ${restored.name} is not the server that the plan was made for (${header.restored.uuid ?? `server id ${header.restored.serverId}`})`,
          'Give that server as --restored, or make a plan for this one with `reconcile diff`.',
        ),
    checkRestoredReplicates(restored),
    ...(request.apply ? [checkRestoredReadOnly(restored)] : []),
  ];
  if (request.record !== undefined)
    results.push(checkPairOfPlan(header, await loadRecord(request.record), request.record));
  if (request.failed && request.apply)
    results.push(...(await checkFailed(request.failed, request.failedNamed, header, request.progress)));
  runChecks(results, request.force);
  for (const warning of overridden(results, request.force)) request.progress.warn(warning);
}

/** A plan of another failover beside this one's record: one of the two is not meant. */
function checkPairOfPlan(header: PlanHeader, record: FailoverRecord, path: string): CheckResult {
  if (isPlanned(record.old, header.restored) && isPlanned(record.new, header.failed)) return null;
  return refusal(
    'not-recorded',
    `the plan is of another pair of servers than the failover record ${path}`,
    'Name the record that the plan was made with, --record FILE, or make a plan with this one: `reconcile diff`.',
  );
}

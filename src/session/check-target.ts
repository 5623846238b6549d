// The safety checks before a replay, an undo or a verification: is this the server that the file was made for, and may it
// be written to now? Writes nothing.
import type { LoadedPlan } from '../plan/planned-transactions.ts';
import type { ReplayRequest } from '../requests.ts';
import { connectServer, type Server } from '../server/connection.ts';
import { isRecordedServer } from '../server/identity.ts';
import { type CheckedServer, readCheckedServer } from '../server/safety-checks/checked-server.ts';
import { checkRestoredReadOnly } from '../server/safety-checks/restored-read-only.ts';
import { checkRestoredReplicates } from '../server/safety-checks/restored-replicates.ts';
import { overridden, refusal, runChecks } from '../server/safety-checks/run-checks.ts';
import { checkUnfenced } from '../server/safety-checks/unfenced.ts';

/** Connections that it makes are added to `servers`. Throws ReconcileError('refused'). */
export async function checkTarget(
  { header }: LoadedPlan,
  restored: CheckedServer,
  request: Pick<ReplayRequest, 'apply' | 'failed' | 'force' | 'progress'>,
  servers: Server[],
): Promise<void> {
  const results = [
    isRecordedServer(restored.identity, { ...header.restored, flavor: header.restored.flavor })
      ? null
      : refusal(
          'not-recorded',
          `the ${restored.name} is not the server that the plan was made for (${header.restored.uuid ?? `server id ${header.restored.serverId}`})`,
          'Give that server as --restored, or make a plan for this one with `reconcile diff`.',
        ),
    checkRestoredReplicates(restored),
    ...(request.apply ? [checkRestoredReadOnly(restored)] : []),
  ];
  if (request.failed && request.apply) {
    const failed = await connectServer(request.failed).catch((error: unknown) => {
      // A dead server takes no writes, and replay works from the plan alone.
      request.progress.warn(
        `the failed primary can't be asked whether it is fenced: ${error instanceof Error ? error.message : String(error)}`,
      );
      return null;
    });
    if (failed) {
      servers.push(failed);
      results.push(checkUnfenced(await readCheckedServer(failed)));
    }
  }
  runChecks(results, request.force);
  for (const warning of overridden(results, request.force)) request.progress.warn(warning);
}

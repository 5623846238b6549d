// The failed primary before a replay, where it is up: is it the one that the plan was made of, is it fenced, and has it
// written anything since? What can't be asked is said, not refused: a replay works from the plan alone. Writes nothing.
import type { PlanHeader } from '../plan/plan.ts';
import type { Progress } from '../requests.ts';
import { connectServer, type Server } from '../server/connection.ts';
import { readCheckedServer } from '../server/safety-checks/checked-server.ts';
import { type CheckResult, refusal } from '../server/safety-checks/run-checks.ts';
import { checkUnfenced } from '../server/safety-checks/unfenced.ts';
import type { ServerChoice } from '../server/server-choice.ts';
import { readRestoredLog } from '../window/restored-log.ts';
import { isPlanned } from './is-planned.ts';

/** `named`: on the command line, not by the record alone. */
export async function checkFailed(
  choice: ServerChoice,
  named: boolean,
  header: PlanHeader,
  progress: Progress,
): Promise<CheckResult[]> {
  let failed: Server;
  try {
    failed = await connectServer(choice);
  } catch (error) {
    progress.warn(
      `the failed primary can't be asked whether it is fenced and what it wrote since: ${text(error)}`,
    );
    return [];
  }
  try {
    const now = await readCheckedServer(failed);
    if (!isPlanned(now.identity, header.failed)) {
      if (!named) {
        progress.warn(
          `the ${failed.name} is another server by now: whether the failed one is fenced can't be told`,
        );
        return [];
      }
      return [
        refusal(
          'not-recorded',
          `the ${failed.name} is not the server whose log the plan was made of (${header.failed.uuid ?? `server id ${header.failed.serverId}`})`,
          'Give that server as --failed, or the plan of this one.',
        ),
      ];
    }
    return [checkUnfenced(now), await checkWrittenSince(failed, header, progress)];
  } catch (error) {
    progress.warn(`whether the failed primary is fenced can't be told: ${text(error)}`);
    return [];
  } finally {
    await failed.close();
  }
}

/** Its own transactions behind the window's end; the ones that it replicates by now are no divergence. */
async function checkWrittenSince(
  failed: Server,
  { window }: PlanHeader,
  progress: Progress,
): Promise<CheckResult> {
  // What is behind a stop was left out on purpose.
  if (window.stopped) return null;
  let written = 0;
  try {
    for await (const { origin } of readRestoredLog(failed, window.end)) if (origin === 'own') written += 1;
  } catch (error) {
    progress.warn(
      `whether the ${failed.name} has written anything since the plan was made can't be told: ${text(error)}`,
    );
    return null;
  }
  if (written === 0) return null;
  return refusal(
    'written-since',
    `the ${failed.name} has ${written} transaction${written === 1 ? '' : 's'} of its own behind the plan's end (${window.end.file}:${window.end.position})`,
    'Fence it, then make a new plan: `reconcile diff`.',
  );
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

// Copies a plan in a thread of its own, for large ones: what is done meanwhile keeps this one busy for long at a time, and the
// copy would stand still. All rules are copy-plan.ts's.
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ReconcileError } from '../reconcile-error.ts';
import type { PlanCopy } from './copy-plan.ts';
import type { ThreadFault } from './copy-plan-thread.ts';
import type { PrivateDraft } from './private-file.ts';

/** As copyPlan(). The thread lives until its draft is kept or discarded. */
export async function copyPlanBeside(copy: PlanCopy): Promise<PrivateDraft> {
  const place = new URL(`./copy-plan-thread${extname(import.meta.url)}`, import.meta.url);
  // Our own flags are for this thread: a profile, say, would be written twice.
  const thread = new Worker(place, { workerData: copy, execArgv: [] });
  let gone: Error | null = null;
  thread.once('error', (error: Error) => {
    gone = error;
  });
  thread.once('exit', () => {
    gone ??= new Error('its thread has ended');
  });
  const answered = (): Promise<void> =>
    new Promise((resolve, reject) => {
      if (gone) reject(gone);
      thread.once('error', reject);
      // Its last answer comes before its end, but both may come at once: what is settled first counts.
      thread.once('message', (fault: ThreadFault | null) => {
        if (fault) reject(new ReconcileError('input', fault.message, fault.details));
        else resolve();
      });
      thread.once('exit', () => reject(gone));
    });
  await answered();
  let ended = false;
  const end = async (keep: boolean): Promise<void> => {
    if (ended) return;
    ended = true;
    thread.postMessage(keep);
    await answered();
  };
  return { keep: () => end(true), discard: () => end(false).catch(() => {}) };
}

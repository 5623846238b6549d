// The thread of copy-plan-beside.ts: copies, says so, and waits to be told what becomes of the draft. Runs nowhere else.
import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { ReconcileError } from '../reconcile-error.ts';
import { copyPlan, type PlanCopy } from './copy-plan.ts';

/** An answer to the other side; null: done. */
export interface ThreadFault {
  message: string;
  details: { hint?: string };
}

const port = parentPort!;

async function answer<Made>(step: () => Promise<Made>): Promise<Made | null> {
  let fault: ThreadFault | null = null;
  const made = await step().catch((error: unknown) => {
    const { hint } = error instanceof ReconcileError ? error : {};
    const message = error instanceof Error ? error.message : String(error);
    fault = { message, details: hint === undefined ? {} : { hint } };
    return null;
  });
  port.postMessage(fault);
  return made;
}

const told = once(port, 'message');
const draft = await answer(() => copyPlan(workerData as PlanCopy));
if (draft) {
  const [keep] = (await told) as [boolean];
  await answer(() => (keep ? draft.keep() : draft.discard()));
}
port.close();

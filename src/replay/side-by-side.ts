// Runs numbered steps side by side, each behind those it waits for, the lowest number first. Knows nothing of replays.
import { StepHeap } from './step-heap.ts';

/**
 * `work(step, worker, handedOver)` runs at most once a step. A worker has one step at a time, but for this: once a step
 * has called `handedOver`, its worker is given the next one at once, which may be one that waits for that very step.
 * After a fault, or once `stopped()` says so, no new step begins; those under way are awaited, then the first fault is
 * thrown. Returns whether all steps ran.
 */
export function sideBySide(
  conditions: readonly (readonly number[])[],
  workers: number,
  stopped: () => boolean,
  work: (step: number, worker: number, handedOver: () => void) => Promise<void>,
): Promise<boolean> {
  const waiting = Int32Array.from(conditions, (list) => list.length);
  const followers: number[][] = conditions.map(() => []);
  conditions.forEach((list, step) => {
    for (const before of list) followers[before]!.push(step);
  });
  const ready = new StepHeap();
  waiting.forEach((count, step) => {
    if (count === 0) ready.add(step);
  });
  const begun = new Uint8Array(conditions.length);
  const idle = Array.from({ length: workers }, (_, i) => i).reverse();
  /** A worker's steps that are handed over and not ended. */
  const handed: Set<number>[] = Array.from({ length: workers }, () => new Set());
  const fault: { error?: unknown } = {};
  let underWay = 0;
  let done = 0;

  return new Promise((resolve, reject) => {
    const mayBegin = (): boolean => !('error' in fault) && !stopped();
    const begin = (step: number, worker: number): void => {
      begun[step] = 1;
      underWay += 1;
      let passedOn = false;
      const handOver = (): void => {
        handed[worker]!.add(step);
        const next = mayBegin() ? nextBehind(step, worker) : undefined;
        if (next === undefined) return;
        passedOn = true;
        begin(next, worker);
      };
      const end = (): void => {
        handed[worker]!.delete(step);
        if (!passedOn) idle.push(worker);
        underWay -= 1;
        startIdle();
      };
      work(step, worker, handOver).then(
        () => {
          done += 1;
          for (const follower of followers[step]!) {
            waiting[follower]! -= 1;
            if (waiting[follower] === 0 && begun[follower] === 0) ready.add(follower);
          }
          end();
        },
        (error: unknown) => {
          if (!('error' in fault)) fault.error = error;
          end();
        },
      );
    };
    /** The lowest step that waits for nothing, or only for what this worker has handed over. */
    const nextBehind = (step: number, worker: number): number | undefined => {
      let next: number | undefined;
      for (const follower of followers[step]!) {
        if (begun[follower] === 1 || (next !== undefined && next < follower)) continue;
        let open = waiting[follower]!;
        for (const one of conditions[follower]!) if (handed[worker]!.has(one)) open -= 1;
        if (open === 0) next = follower;
      }
      const first = ready.lowest();
      if (first === undefined || (next !== undefined && next < first)) return next;
      return ready.take();
    };
    const startIdle = (): void => {
      while (idle.length > 0 && ready.lowest() !== undefined && mayBegin()) begin(ready.take()!, idle.pop()!);
      if (underWay > 0) return;
      if ('error' in fault) reject(fault.error);
      else resolve(done === conditions.length);
    };
    startIdle();
  });
}

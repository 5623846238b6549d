// Runs numbered steps side by side, each behind those it waits for, the lowest number first. Knows nothing of replays.

/**
 * `work(step, worker)` runs at most once a step and one at a time a worker. After a fault, or once `stopped()` says so,
 * no new step begins; those under way are awaited, then the first fault is thrown. Returns whether all steps ran.
 */
export async function sideBySide(
  conditions: readonly (readonly number[])[],
  workers: number,
  stopped: () => boolean,
  work: (step: number, worker: number) => Promise<void>,
): Promise<boolean> {
  const waiting = conditions.map((list) => list.length);
  const followers: number[][] = conditions.map(() => []);
  conditions.forEach((list, step) => {
    for (const before of list) followers[before]!.push(step);
  });
  const ready = waiting.flatMap((count, step) => (count === 0 ? [step] : []));
  const idle = Array.from({ length: workers }, (_, i) => i);
  const fault: { error?: unknown } = {};
  const running = new Set<Promise<void>>();
  let done = 0;
  const start = (): void => {
    while (ready.length > 0 && idle.length > 0 && !('error' in fault) && !stopped()) {
      const step = ready.shift()!;
      const worker = idle.pop()!;
      const run: Promise<void> = work(step, worker)
        .then(
          () => {
            done += 1;
            for (const follower of followers[step]!) {
              waiting[follower]! -= 1;
              if (waiting[follower] === 0) insertSorted(ready, follower);
            }
          },
          (error: unknown) => {
            if (!('error' in fault)) fault.error = error;
          },
        )
        .then(() => {
          idle.push(worker);
          running.delete(run);
        });
      running.add(run);
    }
  };
  for (start(); running.size > 0; start()) await Promise.race(running);
  if ('error' in fault) throw fault.error;
  return done === conditions.length;
}

function insertSorted(list: number[], value: number): void {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle]! < value) low = middle + 1;
    else high = middle;
  }
  list.splice(low, 0, value);
}

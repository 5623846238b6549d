// What runs beside a replay's writers: looks at the target, its replicas and its load, again and again, and holds the
// writers back by what it sees. Judges by src/replay's throttle and checks alone.
import { setTimeout as sleep } from 'node:timers/promises';
import { CustomerLoad } from '../replay/customer-load.ts';
import type { ReplayWriter } from '../replay/replay-writer.ts';
import { ReplicaLag } from '../replay/replica-lag.ts';
import { checkSameTarget, checkStillTarget } from '../replay/target-watch.ts';
import { type Readings, Throttle, type ThrottleLimits } from '../replay/throttle.ts';
import { ThrottledWriter } from '../replay/throttled-writer.ts';
import type { Progress } from '../requests.ts';
import type { Server } from '../server/connection.ts';
import type { CheckedServer } from '../server/safety-checks/checked-server.ts';
import type { ServerChoice } from '../server/server-choice.ts';

export interface Brakes {
  /** For the writers: their connections are checked to lead to the one target, their statements known as ours. */
  server: Server;
  hold(writer: ReplayWriter): ReplayWriter;
  /** Milliseconds that a worker was held back, on average. */
  readonly waited: number;
  close(): Promise<void>;
}

export interface BrakeOptions {
  restored: Server;
  choice: ServerChoice;
  target: Pick<CheckedServer, 'identity' | 'settings'>;
  limits: ThrottleLimits;
  workers: number;
  force: ReadonlySet<string>;
  signal: AbortSignal;
  progress: Progress;
}

const LOOK_MS = 200;
/** Every so many looks. */
const LAG_EVERY = 3;
const TARGET_EVERY = 5;

/** Looks once before it returns, so that the first transaction knows what is going on. Throws as the checks do. */
export async function openBrakes(options: BrakeOptions): Promise<Brakes> {
  const { restored, choice, target, limits, workers, force, signal, progress } = options;
  const { identity, settings } = target;
  const load = new CustomerLoad(restored, settings.eventScheduler === 'ON' ? 1 : 0);
  const lag = new ReplicaLag(restored, choice, (text) => progress.warn(text));
  const throttle = new Throttle(limits, workers, {
    now: () => performance.now(),
    sleep: (milliseconds) => sleep(milliseconds),
    waiting: (why) => progress.step(why ?? 'replaying'),
    warn: (text) => progress.warn(text),
  });
  const readings: Readings = { lag: null, customers: 0 };
  const look = async (turn: number): Promise<void> => {
    if (turn % TARGET_EVERY === 0) await checkStillTarget(restored, force);
    if (limits.maxLag !== null || limits.maxLoad !== null || limits.maxShare !== null)
      await lag.list(limits.maxLag !== null);
    if (limits.maxLag !== null && turn % LAG_EVERY === 0) readings.lag = await lag.measure();
    if (limits.maxLoad !== null || limits.maxShare !== null)
      readings.customers = await load.measure(lag.replicas);
    throttle.update({ ...readings });
  };
  const stop = new AbortController();
  const goOnLooking = async (): Promise<void> => {
    for (let turn = 1; !stop.signal.aborted; turn++) {
      await sleep(LOOK_MS, undefined, { signal: stop.signal }).catch(() => {});
      if (stop.signal.aborted) return;
      await look(turn).catch((error: unknown) => throttle.fail(error));
    }
  };
  await look(0);
  const looking = goOnLooking();
  return {
    server: {
      ...restored,
      async open(extra) {
        const connection = await restored.open(extra);
        await checkSameTarget(restored, identity, connection, force);
        load.count(connection);
        return connection;
      },
    },
    hold: (writer) => new ThrottledWriter(writer, throttle, signal, () => checkStillTarget(restored, force)),
    get waited() {
      return throttle.waited / workers;
    },
    async close() {
      stop.abort();
      // Not waited for longer than its connections live: the target may not answer any more.
      await Promise.race([looking, sleep(1000, undefined, { ref: false })]);
      await lag.close();
    },
  };
}

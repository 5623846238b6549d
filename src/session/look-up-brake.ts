// Holds the look-ups of a diff back while others keep the restored primary busy. Judges by src/replay's throttle alone.
import { setTimeout as sleep } from 'node:timers/promises';
import { CustomerLoad } from '../replay/customer-load.ts';
import { ReplicaLag } from '../replay/replica-lag.ts';
import { NO_THROTTLE, Throttle } from '../replay/throttle.ts';
import type { Progress } from '../requests.ts';
import type { Server } from '../server/connection.ts';
import { RowReader } from '../server/row-reader.ts';
import type { CheckedServer } from '../server/safety-checks/checked-server.ts';
import type { ServerChoice } from '../server/server-choice.ts';

export interface LookUpBrakeOptions {
  restored: Server;
  choice: ServerChoice;
  settings: CheckedServer['settings'];
  /** Sessions of others that may be running; null: any number. */
  maxLoad: number | null;
  signal: AbortSignal;
  progress: Progress;
}

const LOOK_MS = 200;

/** A reader that asks nothing while more sessions of others are running than `maxLoad`. */
export function heldReader(options: LookUpBrakeOptions): RowReader {
  const { restored, choice, settings, maxLoad, signal, progress } = options;
  if (maxLoad === null) return new RowReader(restored);
  const load = new CustomerLoad(restored, settings.eventScheduler === 'ON' ? 1 : 0);
  const replicas = new ReplicaLag(restored, choice, (text) => progress.warn(text));
  let looked = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | null = null;
  const look = async (): Promise<void> => {
    await replicas.list(false);
    throttle.update({ lag: null, customers: await load.measure(replicas.replicas) });
    looked = performance.now();
  };
  /** One look for all connections. */
  const lookAgain = (): Promise<void> => {
    if (performance.now() - looked < LOOK_MS) return Promise.resolve();
    looking ??= look().finally(() => {
      looking = null;
    });
    return looking;
  };
  const throttle = new Throttle({ ...NO_THROTTLE, maxLoad }, 1, {
    now: () => performance.now(),
    sleep: async (milliseconds) => {
      await sleep(milliseconds);
      await lookAgain();
    },
    waiting: (why) => progress.step(why ?? `comparing with ${restored.name}`),
    warn: (text) => progress.warn(text.replace('the replay has', 'the look-up of rows has')),
  });
  const counted: Server = {
    ...restored,
    async open(extra) {
      const connection = await restored.open(extra);
      load.count(connection);
      return connection;
    },
  };
  return new RowReader(counted, async () => {
    await lookAgain();
    await throttle.admit(signal);
  });
}

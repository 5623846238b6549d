// How far the replicas that the restored primary knows of are behind it. Each is asked with the account that the replay
// has; one that can't be asked, does not apply, or is behind on purpose is said once, and not waited for.

import { connectServer, type Server } from '../server/connection.ts';
import { readLogEnd } from '../server/coordinates.ts';
import { isRecordedServer, readIdentity, type ServerIdentity } from '../server/identity.ts';
import { type KnownReplica, knownReplicas } from '../server/replicas.ts';
import { type ReplicaState, readReplicaStates } from '../server/replication-source.ts';
import { describeAddress } from '../server/server-address.ts';
import type { ServerChoice } from '../server/server-choice.ts';
import { LogAges } from './log-ages.ts';
import type { Readings } from './throttle.ts';

const LIST_AGAIN_MS = 10_000;
/** A replica that hangs must not hold up the look at the others. */
const ANSWER_MS = 3_000;

interface Watched {
  name: string;
  server: Server;
}

export class ReplicaLag {
  readonly #restored: Server;
  readonly #choice: ServerChoice;
  readonly #warn: (text: string) => void;
  readonly #ages = new LogAges();
  readonly #watched = new Map<number, Watched>();
  readonly #said = new Set<string>();
  #listedAt = Number.NEGATIVE_INFINITY;
  #known: KnownReplica[] = [];

  /** `choice`: how the restored primary was reached; its account and TLS serve for the replicas too. */
  constructor(restored: Server, choice: ServerChoice, warn: (text: string) => void) {
    this.#restored = restored;
    this.#choice = choice;
    this.#warn = warn;
  }

  /** How many there are, as far as they can be listed. */
  get replicas(): number {
    return this.#known.length;
  }

  /** Whom there is to ask, looked up now and then; `watch`: and how each is asked. */
  async list(watch: boolean): Promise<void> {
    if (performance.now() - this.#listedAt < LIST_AGAIN_MS) return;
    this.#listedAt = performance.now();
    try {
      this.#known = await knownReplicas(this.#restored);
    } catch (error) {
      if (watch)
        this.#sayOnce(
          'list',
          `${this.#restored.name}'s replicas can't be listed, so --max-lag waits for none: ${text(error)}`,
        );
      return;
    }
    if (!watch) return;
    const source = await readIdentity(this.#restored);
    const fresh = this.#known.filter(({ serverId }) => !this.#watched.has(serverId));
    await Promise.all(fresh.map((replica) => this.#watch(replica, source)));
  }

  /** Throws only where the restored primary itself can't be asked. */
  async measure(): Promise<Readings['lag']> {
    this.#ages.note(await readLogEnd(this.#restored), performance.now());
    const measured = await Promise.all([...this.#watched].map(([id, one]) => this.#measureOne(id, one)));
    const states = measured.filter((one) => one !== null);
    this.#ages.forget(states.map(({ applied }) => applied));
    return states.reduce<Readings['lag']>(
      (worst, { milliseconds, replica }) =>
        worst && worst.milliseconds >= milliseconds ? worst : { milliseconds, replica },
      null,
    );
  }

  async close(): Promise<void> {
    await Promise.all([...this.#watched.values()].map(({ server }) => server.close()));
    this.#watched.clear();
  }

  async #watch(replica: KnownReplica, source: ServerIdentity): Promise<void> {
    const { serverId, uuid } = replica;
    let why = 'it reported no address (report_host), and no dump thread that we may see leads to it';
    for (const address of replica.addresses) {
      const name = `replica ${describeAddress(address)}`;
      try {
        const connecting = connectServer({ ...this.#choice, address }, name);
        const server = await inTime(connecting).catch((error: unknown) => {
          connecting.then(
            (late) => late.close(),
            () => {},
          );
          throw error;
        });
        const found = await readIdentity(server);
        if (isRecordedServer(found, { flavor: source.flavor, uuid, serverId })) {
          this.#watched.set(serverId, { name, server });
          return;
        }
        await server.close();
        why = `${describeAddress(address)} is another server`;
      } catch (error) {
        why = text(error);
      }
    }
    this.#sayOnce(
      `${serverId}`,
      `the lag of replica ${serverId} can't be measured, so --max-lag does not wait for it: ${why}`,
    );
  }

  async #measureOne(
    id: number,
    { name, server }: Watched,
  ): Promise<{
    milliseconds: number;
    replica: string;
    applied: NonNullable<ReplicaState['applied']>;
  } | null> {
    try {
      const states = await inTime(readReplicaStates(server));
      const source = await readIdentity(this.#restored);
      const state = states.find(({ uuid, serverId }) =>
        source.uuid !== null && uuid !== null ? uuid === source.uuid : serverId === source.serverId,
      );
      if (!state?.applied || !state.applierRunning) {
        this.#sayOnce(name, `${name} does not apply what it is sent: --max-lag does not wait for it`);
        return null;
      }
      if (state.delay > 0) {
        this.#sayOnce(name, `${name} is ${state.delay} s behind on purpose: --max-lag does not wait for it`);
        return null;
      }
      const { applied, secondsBehind } = state;
      const byLog = this.#ages.lag(applied, performance.now());
      // What it lacked before we came has an age that only its own estimate knows.
      const before = this.#ages.isPastFirst(applied) ? 0 : (secondsBehind ?? 0) * 1000;
      return { milliseconds: Math.max(byLog, before), replica: name, applied };
    } catch (error) {
      this.#watched.delete(id);
      this.#sayOnce(name, `${name} can't be asked any more: --max-lag does not wait for it: ${text(error)}`);
      server.connection.destroy();
      return null;
    }
  }

  #sayOnce(about: string, what: string): void {
    if (this.#said.has(about)) return;
    this.#said.add(about);
    this.#warn(what);
  }
}

function inTime<T>(answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer for ${ANSWER_MS / 1000} s`)), ANSWER_MS);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

// Holds the replay's next transaction back while replicas lag or customers are busy. It waits as long as it takes and
// says why; only a fault of the target or an interrupt ends it. Decides by what it is told: asks no server.
import { ReconcileError } from '../reconcile-error.ts';

/** Null: no such limit. */
export interface ThrottleLimits {
  /** Milliseconds that a replica may be behind. */
  maxLag: number | null;
  /** Sessions of customers that may be running at once. */
  maxLoad: number | null;
  /** Of all running sessions, the part that may be ours while customers are at work: above 0, below 1. */
  maxShare: number | null;
  /** Transactions a second. */
  maxRate: number | null;
}

/** What was last seen. */
export interface Readings {
  /** The replica that is furthest behind; null where none is to be waited for. */
  lag: { milliseconds: number; replica: string } | null;
  /** Sessions of others that are running, smoothed over a second or so. */
  customers: number;
}

export interface ThrottleHooks {
  /** Milliseconds that only grow. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  /** Progress: why it waits just now; null: it goes on. */
  waiting(why: string | null): void;
  warn(text: string): void;
}

export const NO_THROTTLE: ThrottleLimits = { maxLag: null, maxLoad: null, maxShare: null, maxRate: null };

const LOOK_AGAIN_MS = 100;
/** A script sees no progress line: it is told after this, and then once a minute. */
const FIRST_WARNING_MS = 10_000;
const NEXT_WARNING_MS = 60_000;
/** Below this there is nobody to make room for. */
const IDLE = 0.2;
/** One worker at work for a quarter of its time: few customers are no reason to crawl. */
const LEAST_CONCURRENCY = 0.25;
const LONGEST_PAUSE_MS = 2000;
const WORTH_SAYING_MS = 500;

export class Throttle {
  readonly #limits: ThrottleLimits;
  readonly #workers: number;
  readonly #hooks: ThrottleHooks;
  #readings: Readings = { lag: null, customers: 0 };
  #fault: { error: unknown } | null = null;
  #nextByRate = Number.NEGATIVE_INFINITY;
  #waited = 0;
  /** While it waits. */
  #since: { began: number; said: number; warnAt: number } | null = null;

  constructor(limits: ThrottleLimits, workers: number, hooks: ThrottleHooks) {
    this.#limits = limits;
    this.#workers = workers;
    this.#hooks = hooks;
  }

  /** Milliseconds that transactions were held back, summed over the workers. */
  get waited(): number {
    return this.#waited;
  }

  update(readings: Readings): void {
    this.#readings = readings;
  }

  /** From now on no transaction begins: the target is not what it was, or can't be asked any more. */
  fail(error: unknown): void {
    this.#fault ??= { error };
  }

  /** Resolves when the next transaction may begin. Throws the fault, or ReconcileError('interrupted'). */
  async admit(signal: AbortSignal): Promise<void> {
    const { now, sleep } = this.#hooks;
    const began = now();
    if (this.#limits.maxRate !== null) {
      const at = Math.max(now(), this.#nextByRate);
      this.#nextByRate = at + 1000 / this.#limits.maxRate;
      await this.#sleepUntil(at, signal);
    }
    for (let why = this.#obstacle(signal); why !== null; why = this.#obstacle(signal)) {
      this.#say(why);
      await sleep(LOOK_AGAIN_MS);
    }
    if (this.#since !== null) {
      this.#since = null;
      this.#hooks.waiting(null);
    }
    this.#waited += now() - began;
  }

  /** After a transaction that took a worker `milliseconds`: its pause, so that customers keep their share. */
  async rest(milliseconds: number, signal: AbortSignal): Promise<void> {
    const { maxShare } = this.#limits;
    const { customers } = this.#readings;
    if (maxShare === null || customers < IDLE) return;
    const ours = Math.max(LEAST_CONCURRENCY, (customers * maxShare) / (1 - maxShare));
    const busy = Math.min(1, ours / this.#workers);
    const pause = Math.min(LONGEST_PAUSE_MS, milliseconds * (1 / busy - 1));
    this.#waited += pause;
    if (pause >= WORTH_SAYING_MS)
      this.#hooks.waiting(`making room for others, of whom ${Math.ceil(customers)} are at work`);
    await this.#sleepUntil(this.#hooks.now() + pause, signal);
  }

  /** One word for all workers, at most once a second. */
  #say(why: string): void {
    const { now, waiting, warn } = this.#hooks;
    const at = now();
    this.#since ??= { began: at, said: Number.NEGATIVE_INFINITY, warnAt: at + FIRST_WARNING_MS };
    const seconds = Math.round((at - this.#since.began) / 1000);
    if (at - this.#since.said >= 1000) {
      this.#since.said = at;
      waiting(`waiting ${seconds} s: ${why}`);
    }
    if (at < this.#since.warnAt) return;
    this.#since.warnAt = at + NEXT_WARNING_MS;
    warn(`the replay has been waiting for ${seconds} s: ${why}`);
  }

  /** Null: the next transaction may begin. Else why not. */
  #obstacle(signal: AbortSignal): string | null {
    if (this.#fault) throw this.#fault.error;
    if (signal.aborted) throw new ReconcileError('interrupted', 'interrupted');
    const { lag, customers } = this.#readings;
    const { maxLag, maxLoad } = this.#limits;
    if (maxLag !== null && lag !== null && lag.milliseconds > maxLag) {
      return `${lag.replica} is ${Math.round(lag.milliseconds / 1000)} s behind (--max-lag ${maxLag / 1000}s)`;
    }
    if (maxLoad !== null && customers > maxLoad) {
      return `${Math.round(customers)} sessions of others are running (--max-load ${maxLoad})`;
    }
    return null;
  }

  async #sleepUntil(at: number, signal: AbortSignal): Promise<void> {
    const { now, sleep } = this.#hooks;
    // In parts, so that an interrupt is not kept waiting.
    for (let left = at - now(); left > 0 && !signal.aborted && !this.#fault; left = at - now())
      await sleep(Math.min(left, LOOK_AGAIN_MS));
  }
}

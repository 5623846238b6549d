// A writer that rests for the transaction it has done and asks the throttle before the next; where one fails, it looks
// first whether the target is still the target. Writes nothing by itself.
import { ReconcileError } from '../reconcile-error.ts';
import type { ReplayStep, ReplayWriter, StepOutcome } from './replay-writer.ts';
import type { Throttle } from './throttle.ts';

export class ThrottledWriter implements ReplayWriter {
  readonly #writer: ReplayWriter;
  readonly #throttle: Throttle;
  readonly #signal: AbortSignal;
  readonly #checkTarget: () => Promise<void>;
  /** Milliseconds that the transaction before took. */
  #took = 0;

  /** `checkTarget` throws ReconcileError('refused') where nothing may be written any more. */
  constructor(
    writer: ReplayWriter,
    throttle: Throttle,
    signal: AbortSignal,
    checkTarget: () => Promise<void>,
  ) {
    this.#writer = writer;
    this.#throttle = throttle;
    this.#signal = signal;
    this.#checkTarget = checkTarget;
  }

  async write(step: ReplayStep, handedOver: () => void): Promise<StepOutcome> {
    await this.#throttle.rest(this.#took, this.#signal);
    await this.#throttle.admit(this.#signal);
    const began = performance.now();
    let handed = false;
    try {
      return await this.#writer.write(step, () => {
        // What follows is the wait for its commit, which goes with the next one.
        handed = true;
        this.#took = performance.now() - began;
        handedOver();
      });
    } catch (error) {
      // The server's own words for it (1290, 1836, 1792) would send the operator looking for a fault of ours.
      const refused = await this.#checkTarget().catch((why: unknown) => why);
      throw refused instanceof ReconcileError && refused.code === 'refused' ? refused : error;
    } finally {
      if (!handed) this.#took = performance.now() - began;
    }
  }

  close(): Promise<void> {
    return this.#writer.close();
  }
}

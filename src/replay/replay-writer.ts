// What a replay does with one transaction. Two writers: one that writes to the restored primary and one that only says
// what it would do. Types only.
import type { Decision } from '../diff/decision.ts';
import type { TransactionFootprint } from '../diff/footprint.ts';
import type { LookedUp } from '../diff/restored-facts.ts';
import type { WindowTransaction } from '../diff/window-rows.ts';
import type { Marker } from './exactly-once.ts';

export interface ReplayStep {
  index: number;
  window: WindowTransaction;
  footprint: TransactionFootprint;
  marker: Marker;
  /** Journal entries to be written beside the mark. */
  notes: readonly string[];
}

/** What became of it. `facts` are what the restored primary held when it was judged. */
export interface StepOutcome {
  decision: Decision;
  facts: LookedUp | null;
}

export interface ReplayWriter {
  /**
   * Judges the step against the restored primary as it is now and, where it still fits, carries it out. `missing` is
   * answered once its commit is acknowledged.
   *
   * `handedOver` may be called before that: the step then only waits for its commit, and the next one may be given to
   * this writer, which carries it out behind this one. Given before `handedOver` returns, it takes the commit along.
   */
  write(step: ReplayStep, handedOver: () => void): Promise<StepOutcome>;
  close(): Promise<void>;
}

// What a replay does with one transaction. Two writers: one that writes to the restored primary and one that only says
// what it would do. Types only.
import type { Transaction } from '../binlog/transaction.ts';
import type { Decision } from '../diff/decide.ts';
import type { TransactionFootprint } from '../diff/footprint.ts';
import type { LookedUp } from '../diff/restored-facts.ts';
import type { Marker } from './exactly-once.ts';

export interface ReplayStep {
  index: number;
  transaction: Transaction;
  footprint: TransactionFootprint;
  marker: Marker;
}

/** What became of it. `facts` are what the restored primary held when it was judged. */
export interface StepOutcome {
  decision: Decision;
  facts: LookedUp | null;
}

export interface ReplayWriter {
  /** Judges the step against the restored primary as it is now and, where it still fits, carries it out. */
  write(step: ReplayStep): Promise<StepOutcome>;
  close(): Promise<void>;
}

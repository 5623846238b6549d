// The dry run's writer: judges every transaction by the restored primary's rows as they are now, in the order of the
// plan, and writes nothing.
import { decide } from '../diff/decide.ts';
import type { DecidedTransaction } from '../diff/decision.ts';
import { type LookedUp, lookUpFacts } from '../diff/restored-facts.ts';
import type { RestoredReader } from '../diff/restored-reader.ts';
import type { WindowTransaction } from '../diff/window-rows.ts';
import { footprintSlots } from './footprint-slots.ts';
import type { PreparedReplay } from './prepare-replay.ts';
import type { ReplayStep, ReplayWriter, StepOutcome } from './replay-writer.ts';
import { refused } from './server-faults.ts';
import type { Unwritable } from './unwritable.ts';

/** All steps are judged together at the start: a later one may build on what an earlier one would write. */
export async function openPrintingWriter(
  prepared: PreparedReplay,
  reader: RestoredReader,
  cannotWrite: (window: WindowTransaction) => Unwritable | null,
): Promise<ReplayWriter> {
  const pending = prepared.transactions.filter(({ standing }) => standing.kind === 'to-apply');
  const prints = pending.map(({ footprint }) => footprint);
  const wanted = new Set(prints.flatMap((print) => [...footprintSlots(print)]));
  const { foreignKeys, slots, normaliser } = prepared;
  const facts = await lookUpFacts(prints, foreignKeys, slots, reader, normaliser, wanted);
  const decided = new Map<string, DecidedTransaction>(
    decide(prints, facts).map((one, i) => [prints[i]!.id, one]),
  );
  return new PrintingWriter(decided, facts, cannotWrite);
}

class PrintingWriter implements ReplayWriter {
  readonly #decided: ReadonlyMap<string, DecidedTransaction>;
  readonly #facts: LookedUp;
  readonly #cannotWrite: (window: WindowTransaction) => Unwritable | null;

  constructor(
    decided: ReadonlyMap<string, DecidedTransaction>,
    facts: LookedUp,
    cannotWrite: (window: WindowTransaction) => Unwritable | null,
  ) {
    this.#decided = decided;
    this.#facts = facts;
    this.#cannotWrite = cannotWrite;
  }

  async write({ footprint, window }: ReplayStep): Promise<StepOutcome> {
    const { decision } = this.#decided.get(footprint.id)!;
    const unwritable = decision.kind === 'missing' ? this.#cannotWrite(window) : null;
    if (unwritable === null) return { decision, facts: this.#facts };
    return { decision: refused(footprint, unwritable.kind, unwritable.why), facts: null };
  }

  async close(): Promise<void> {}
}

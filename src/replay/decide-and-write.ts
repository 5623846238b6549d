// The whole way of writing a transaction: looks up, under lock, all that its decision needs, decides by the same code as
// the diff's, and writes it if it is missing. Again where it met somebody else's locks. Never overwrites.
import { decide } from '../diff/decide.ts';
import type { KeyNormaliser } from '../diff/key-normaliser.ts';
import { lookUpFacts } from '../diff/restored-facts.ts';
import type { RestoredReader } from '../diff/restored-reader.ts';
import type { WindowForeignKey } from '../diff/window-foreign-keys.ts';
import type { WindowSlots } from '../diff/window-slots.ts';
import { ReconcileError } from '../reconcile-error.ts';
import { RowSet } from '../server/row-set.ts';
import type { Answer } from '../server/statement-batch.ts';
import { footprintSlots } from './footprint-slots.ts';
import { LockingReader } from './locking-reader.ts';
import { fitsAnswer } from './looks-and-writes.ts';
import { hasValue } from './quick-look.ts';
import type { ReplayStep, StepOutcome } from './replay-writer.ts';
import { faultOf, NotExact, refusedByServer } from './server-faults.ts';
import { inPackets } from './statement-packets.ts';
import { alteredMeanwhile, type TableLayouts } from './table-layouts.ts';
import type { EngineStatement } from './write-engine.ts';
import { OWN_GTID, TRIES, type WriterSession } from './writer-session.ts';

export interface DecidingOptions {
  /** Bytes; the restored primary's. */
  maxAllowedPacket: number;
  reader: RestoredReader;
  slots: WindowSlots;
  foreignKeys: readonly WindowForeignKey[];
  normaliser: KeyNormaliser;
  layouts: TableLayouts;
}

export class DecidingWriter {
  readonly #options: DecidingOptions;
  readonly #session: WriterSession;
  readonly #reader: LockingReader;

  constructor(options: DecidingOptions, session: WriterSession) {
    this.#options = options;
    this.#session = session;
    this.#reader = new LockingReader(session.connection, options.reader, options.maxAllowedPacket);
  }

  /** No transaction is open before it, none after. */
  async write(step: ReplayStep, statements: readonly EngineStatement[]): Promise<StepOutcome> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(step, statements);
      } catch (error) {
        await this.#session.rollBack();
        const fault = faultOf(error);
        if (fault.kind === 'does-not-fit')
          return { decision: refusedByServer(step.footprint, fault), facts: null };
        if (fault.kind === 'fatal' || attempt >= TRIES) throw this.#session.fatal(step, error);
        // Two replays or a busy customer must not meet again at the same moment.
        await pause(20 * attempt + Math.random() * 80 * attempt);
      }
    }
  }

  async #attempt(step: ReplayStep, statements: readonly EngineStatement[]): Promise<StepOutcome> {
    const { slots, foreignKeys, normaliser, maxAllowedPacket, layouts } = this.#options;
    const isGtid = step.marker.kind === 'gtid';
    const opening = [...this.#session.begin(step), ...(isGtid ? [`SELECT ${OWN_GTID} AS owned`] : [])];
    const looks = layouts.looks(step.window.transaction);
    this.#reader.openWith([...opening, ...looks.map(({ sql }) => sql)], (answers) => {
      if (!isGtid || ownsGtid(answers[opening.length - 1]!)) {
        if (looks.every(({ fits }, i) => fitsAnswer(fits, answers[opening.length + i]!))) return;
        throw alteredMeanwhile(step.window.transaction.id);
      }
      throw new ReconcileError(
        'internal',
        `the restored primary has executed ${step.window.transaction.id} since this run began, by other means`,
        { hint: 'Nothing of it was written. Run the same command again.' },
      );
    });
    const facts = await lookUpFacts(
      [step.footprint],
      foreignKeys,
      slots,
      this.#reader,
      normaliser,
      footprintSlots(step.footprint),
    );
    const { decision } = decide([step.footprint], facts)[0]!;
    if (decision.kind !== 'missing') {
      await this.#session.rollBack();
      return { decision, facts };
    }
    for (const packet of inPackets(statements, maxAllowedPacket)) {
      const { answers, fault } = await this.#session.send(packet.map(({ sql }) => sql));
      if (fault !== null) throw fault;
      packet.forEach(({ proves }, i) => {
        if (proves !== null && !proves(answers[i]!)) throw new NotExact();
      });
    }
    const { fault, firstDone } = await this.#session.commit();
    if (fault !== null && !firstDone)
      throw faultOf(fault).errno === 0 ? this.#session.commitError(step, fault) : fault;
    return { decision, facts };
  }
}

function ownsGtid(answer: Answer): boolean {
  return answer instanceof RowSet && hasValue(answer);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

// Writes transactions of the window to the restored primary: locks what one touches, judges it again by the rows under
// lock, writes it, and commits it together with the mark that it is done. A transaction that no longer fits is rolled
// back and reported; nothing is ever overwritten.
//
// Most transactions fit as they stand: one packet opens the transaction, locks and reads its rows and writes them, and the
// rows that were read decide whether it is committed (quick-look.ts). The commit travels with the next transaction's
// packet. Whatever is not as plain as that is rolled back and decided step by step, by the same code as the diff's.
import { changeCount } from '../binlog/kept-transactions.ts';
import type { RawConnection, Server } from '../server/connection.ts';
import type { Answer } from '../server/statement-batch.ts';
import { type DecidingOptions, DecidingWriter } from './decide-and-write.ts';
import type { Journal } from './journal.ts';
import { eachBehindItsLooks, fitsAnswer, piece, proving } from './looks-and-writes.ts';
import { type Look, quickLook, readBack } from './quick-look.ts';
import type { ReplayStep, ReplayWriter, StepOutcome } from './replay-writer.ts';
import { type Piece, sendInPieces } from './send-in-pieces.ts';
import { faultOf, refused } from './server-faults.ts';
import { inPackets } from './statement-packets.ts';
import { tooLarge } from './unwritable.ts';
import { type EngineStatement, plainStatement, type WriteEngine } from './write-engine.ts';
import { OWN_GTID, WriterSession } from './writer-session.ts';

export interface ServerWriterOptions extends DecidingOptions {
  server: Server;
  flavor: 'mysql' | 'mariadb';
  engine: WriteEngine;
  /** Whether the session may name the replication domain that it writes in. */
  mayNameDomain: boolean;
  journal: Journal;
}

/** Changes, from which on a transaction is sent in pieces. */
const LARGE = 2000;
const MISSING: StepOutcome = { decision: { kind: 'missing' }, facts: null };

function* withFirst(first: readonly Look[], looks: Iterable<Look>): Generator<Look> {
  yield* first;
  yield* looks;
}

/** A step that is written and fits, and whose commit goes with what this connection sends next. */
interface Uncommitted {
  step: ReplayStep;
  resolve: (outcome: StepOutcome) => void;
  reject: (error: unknown) => void;
}

export class ServerWriter implements ReplayWriter {
  readonly #options: ServerWriterOptions;
  readonly #session: WriterSession;
  readonly #whole: DecidingWriter;
  readonly #checksInserts: boolean;
  #uncommitted: Uncommitted | null = null;
  /** Settled when a commit that goes alone is, and what a refused one brings with it: nothing is sent before. */
  #committing: Promise<void> = Promise.resolve();

  constructor(options: ServerWriterOptions, connection: RawConnection, checksInserts: boolean) {
    this.#options = options;
    this.#checksInserts = checksInserts;
    this.#session = new WriterSession(connection, options.server.name, options.journal);
    this.#whole = new DecidingWriter(options, this.#session);
  }

  async write(step: ReplayStep, handedOver: () => void): Promise<StepOutcome> {
    const unwritable = this.#options.engine.unwritable(step.window);
    const many = changeCount(step.window.transaction) >= LARGE;
    if (many && unwritable === null && (await this.#tryInPieces(step))) {
      // The server has long to do with it: what comes next is prepared meanwhile.
      const committed = this.#handOver(step);
      this.#committing = this.#commit();
      handedOver();
      return committed;
    }
    await this.#committing;
    const statements = unwritable === null ? [...this.#statements(step)] : [];
    const large = tooLarge(statements, this.#options.maxAllowedPacket);
    const quick = unwritable === null && large === null && this.#checksInserts && !many;
    const looks = quick ? this.#look(step) : null;
    if (looks !== null && (await this.#tryQuickly(step, looks, statements)))
      return this.#passOn(step, handedOver);
    await this.#commit();
    if (unwritable !== null)
      return { decision: refused(step.footprint, 'refused-by-restored', unwritable), facts: null };
    if (large !== null) return { decision: refused(step.footprint, 'too-large', large), facts: null };
    return this.#whole.write(step, statements);
  }

  async close(): Promise<void> {
    const { connection } = this.#session;
    await connection.end().catch(() => connection.destroy());
  }

  #look({ window, footprint, marker }: ReplayStep): Iterable<Look> | null {
    const { slots, layouts } = this.#options;
    const looks = quickLook(window, footprint, slots, marker.kind === 'gtid' ? OWN_GTID : null);
    return looks === null ? null : withFirst(layouts.looks(window.transaction), looks);
  }

  *#statements({ window, footprint }: ReplayStep): Generator<EngineStatement> {
    const { engine, slots } = this.#options;
    yield* engine.statements(window);
    if (engine.readsBack) for (const look of readBack(footprint, slots)) yield proving(look);
  }

  /** As #tryQuickly, for what is too much to be held at once. */
  async #tryInPieces(step: ReplayStep): Promise<boolean> {
    const { maxAllowedPacket } = this.#options;
    const looks = this.#checksInserts ? this.#look(step) : null;
    const statements = looks === null ? [] : eachBehindItsLooks(looks, this.#statements(step));
    const packets = inPackets(statements, maxAllowedPacket);
    // Made while the commit before it is under way.
    let packet = packets.next();
    await this.#committing;
    // Told by whoever decides it whole.
    const fitsIn = (one: typeof packet): boolean =>
      one.done !== true && tooLarge(one.value, maxAllowedPacket) === null;
    if (!fitsIn(packet)) return false;
    let open = this.#uncommitted;
    this.#uncommitted = null;
    let opening = [...(open ? ['COMMIT'] : []), ...this.#session.begin(step)];
    const pieces = function* (): Generator<Piece> {
      for (; fitsIn(packet); packet = packets.next()) {
        yield piece([...opening.map(plainStatement), ...packet.value!]);
        opening = [];
      }
    };
    const sent = await sendInPieces(this.#session.connection, pieces(), () => {
      // The server has committed it: whoever waits for it may begin.
      open?.resolve(MISSING);
      open = null;
    });
    if (sent.kind === 'sent' && packet.done === true) return true;
    if (open) await this.#commitFailed(open, sent.kind === 'fault' ? sent.fault : null);
    else await this.#session.rollBack();
    if (sent.kind === 'fault' && faultOf(sent.fault).kind === 'fatal')
      throw this.#session.fatal(step, sent.fault);
    return false;
  }

  /** True: written, and it fits. False: rolled back, and nothing is known of it. */
  async #tryQuickly(
    step: ReplayStep,
    looking: Iterable<Look>,
    statements: readonly EngineStatement[],
  ): Promise<boolean> {
    const looks = [...looking];
    const before = this.#uncommitted;
    this.#uncommitted = null;
    const opening = [...(before ? ['COMMIT'] : []), ...this.#session.begin(step)];
    const all = [...[...opening, ...looks.map(({ sql }) => sql)].map(plainStatement), ...statements];
    const lookEnd = opening.length + looks.length;
    const answers: Answer[] = [];
    let open = before;
    let judged = false;
    for (const packet of inPackets(all, this.#options.maxAllowedPacket)) {
      const result = await this.#session.send(
        packet.map(({ sql }) => sql),
        () => {
          // The server has committed it: whoever waits for it may begin.
          open?.resolve(MISSING);
          open = null;
        },
      );
      if (result.fault !== null) {
        if (open) await this.#commitFailed(open, result.fault);
        else await this.#session.rollBack();
        if (faultOf(result.fault).kind === 'fatal') throw this.#session.fatal(step, result.fault);
        return false;
      }
      answers.push(...result.answers);
      if (!judged && answers.length >= lookEnd) {
        judged = true;
        if (!looks.every(({ fits }, i) => fitsAnswer(fits, answers[opening.length + i]!))) {
          await this.#session.rollBack();
          return false;
        }
      }
    }
    if (statements.every(({ proves }, i) => proves === null || proves(answers[lookEnd + i]!))) return true;
    await this.#session.rollBack();
    return false;
  }

  /** Settled when the commit is, which goes with what is sent next. */
  #handOver(step: ReplayStep): Promise<StepOutcome> {
    return new Promise((resolve, reject) => {
      this.#uncommitted = { step, resolve, reject };
    });
  }

  /** Whoever gives this writer the next step before `handedOver` returns saves a round trip. */
  #passOn(step: ReplayStep, handedOver: () => void): Promise<StepOutcome> {
    const committed = this.#handOver(step);
    const uncommitted = this.#uncommitted;
    handedOver();
    // Nobody did: its locks must not wait for company.
    setImmediate(() => {
      if (this.#uncommitted === uncommitted) this.#committing = this.#commit();
    });
    return committed;
  }

  /** Never rejects: what becomes of it is told to whoever waits for it. */
  async #commit(): Promise<void> {
    const uncommitted = this.#uncommitted;
    if (uncommitted === null) return;
    this.#uncommitted = null;
    const { fault, firstDone } = await this.#session.commit();
    if (fault === null || firstDone) uncommitted.resolve(MISSING);
    else await this.#commitFailed(uncommitted, fault);
  }

  /** The server refused the commit (a cluster's certification, a deadlock): nothing of the step is written. */
  async #commitFailed({ step, resolve, reject }: Uncommitted, fault: unknown): Promise<void> {
    await this.#session.rollBack();
    if (faultOf(fault).kind === 'fatal') {
      reject(this.#session.commitError(step, fault));
      return;
    }
    const writeAgain = async (): Promise<StepOutcome> => this.#whole.write(step, [...this.#statements(step)]);
    await writeAgain().then(resolve, reject);
  }
}

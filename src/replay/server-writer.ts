// Writes transactions of the window to the restored primary: locks what one touches, judges it again by the rows under
// lock, writes it, and commits it together with the mark that it is done. A transaction that no longer fits is rolled
// back and reported; nothing is ever overwritten.
//
// Most transactions fit as they stand: one packet opens the transaction, locks and reads its rows and writes them, and the
// rows that were read decide whether it is committed (quick-look.ts). The commit travels with the next transaction's
// packet. Whatever is not as plain as that is rolled back and decided step by step, by the same code as the diff's.
import { changeCount } from '../binlog/kept-transactions.ts';
import { decide } from '../diff/decide.ts';
import type { KeyNormaliser } from '../diff/key-normaliser.ts';
import { lookUpFacts } from '../diff/restored-facts.ts';
import type { RestoredReader } from '../diff/restored-reader.ts';
import type { WindowForeignKey } from '../diff/window-foreign-keys.ts';
import type { WindowSlots } from '../diff/window-slots.ts';
import { ReconcileError } from '../reconcile-error.ts';
import type { RawConnection, Server } from '../server/connection.ts';
import { RowSet } from '../server/row-set.ts';
import { quoteText } from '../server/sql-text.ts';
import { type Answer, sendBatch } from '../server/statement-batch.ts';
import { footprintSlots } from './footprint-slots.ts';
import type { Journal } from './journal.ts';
import { LockingReader } from './locking-reader.ts';
import { type Look, quickLook, readBack } from './quick-look.ts';
import type { ReplayStep, ReplayWriter, StepOutcome } from './replay-writer.ts';
import { type Piece, sendInPieces } from './send-in-pieces.ts';
import { commitError, fatalError, faultOf, NotExact, refused, refusedByServer } from './server-faults.ts';
import { inPackets } from './statement-packets.ts';
import { tooLarge } from './unwritable.ts';
import type { EngineStatement, WriteEngine } from './write-engine.ts';

export interface ServerWriterOptions {
  server: Server;
  flavor: 'mysql' | 'mariadb';
  engine: WriteEngine;
  /** Whether the session may name the replication domain that it writes in. */
  mayNameDomain: boolean;
  /** Bytes; the restored primary's. */
  maxAllowedPacket: number;
  journal: Journal;
  reader: RestoredReader;
  slots: WindowSlots;
  foreignKeys: readonly WindowForeignKey[];
  normaliser: KeyNormaliser;
}

/** Changes, from which on a transaction is sent in pieces. */
const LARGE = 2000;
/** Two thousand rows: enough for the server to be busy with, little to hold. */
const LOOKS_A_PIECE = 4;
const TRIES = 10;
/**
 * Empty where GTID_NEXT is executed already: the server then skips what is written, and answers OK. It also skips SELECTs
 * that lock (9.7 does), but plain ones it answers.
 */
const OWN_GTID = '@@SESSION.gtid_owned';
const MISSING: StepOutcome = { decision: { kind: 'missing' }, facts: null };

/** A step that is written and fits, and whose commit goes with what this connection sends next. */
interface Uncommitted {
  step: ReplayStep;
  resolve: (outcome: StepOutcome) => void;
  reject: (error: unknown) => void;
}

export class ServerWriter implements ReplayWriter {
  readonly #options: ServerWriterOptions;
  readonly #connection: RawConnection;
  readonly #reader: LockingReader;
  readonly #checksInserts: boolean;
  #uncommitted: Uncommitted | null = null;
  /** Settled when the commit of a large transaction is, and what a refused one brings with it: nothing is sent before. */
  #committing: Promise<void> = Promise.resolve();
  /** Whether the session's GTID_NEXT is the server's to choose. */
  #automatic = true;

  constructor(options: ServerWriterOptions, connection: RawConnection, checksInserts: boolean) {
    this.#options = options;
    this.#checksInserts = checksInserts;
    this.#connection = connection;
    this.#reader = new LockingReader(connection, options.reader, options.maxAllowedPacket);
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
    return this.#decideAndWrite(step, statements);
  }

  async close(): Promise<void> {
    await this.#connection.end().catch(() => this.#connection.destroy());
  }

  #look({ window, footprint, marker }: ReplayStep): Iterable<Look> | null {
    return quickLook(window, footprint, this.#options.slots, marker.kind === 'gtid' ? OWN_GTID : null);
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
    await this.#committing;
    if (looks === null) return false;
    let open = this.#uncommitted;
    this.#uncommitted = null;
    const opening = [...(open ? ['COMMIT'] : []), ...this.#begin(step)];
    const statements = this.#statements(step);
    let stuck = false;
    const pieces = function* (): Generator<Piece> {
      yield { statements: opening, fit: [] };
      for (const packet of inPackets(eachBehindItsLooks(looks, statements), maxAllowedPacket)) {
        // Asked again, and told, by whoever decides it whole.
        stuck = tooLarge(packet, maxAllowedPacket) !== null;
        if (stuck) return;
        yield piece(packet);
      }
    };
    const sent = await sendInPieces(this.#connection, pieces(), () => {
      // The server has committed it: whoever waits for it may begin.
      open?.resolve(MISSING);
      open = null;
    });
    if (sent.kind === 'sent' && !stuck) return true;
    if (open) await this.#commitFailed(open, sent.kind === 'fault' ? sent.fault : null);
    else await this.#rollBack();
    if (sent.kind === 'fault' && faultOf(sent.fault).kind === 'fatal') throw this.#fatal(step, sent.fault);
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
    const opening = [...(before ? ['COMMIT'] : []), ...this.#begin(step)];
    const plain = (sql: string): EngineStatement => ({ sql, proves: null, last: false });
    const all = [...opening.map(plain), ...looks.map(({ sql }) => plain(sql)), ...statements];
    const lookEnd = opening.length + looks.length;
    const answers: Answer[] = [];
    let open = before;
    let judged = false;
    for (const packet of inPackets(all, this.#options.maxAllowedPacket)) {
      const result = await sendBatch(
        this.#connection,
        packet.map(({ sql }) => sql),
        () => {
          // The server has committed it: whoever waits for it may begin.
          open?.resolve(MISSING);
          open = null;
        },
      );
      if (result.fault !== null) {
        if (open) await this.#commitFailed(open, result.fault);
        else await this.#rollBack();
        if (faultOf(result.fault).kind === 'fatal') throw this.#fatal(step, result.fault);
        return false;
      }
      answers.push(...result.answers);
      if (!judged && answers.length >= lookEnd) {
        judged = true;
        if (!looks.every(({ fits }, i) => fitsAnswer(fits, answers[opening.length + i]!))) {
          await this.#rollBack();
          return false;
        }
      }
    }
    if (statements.every(({ proves }, i) => proves === null || proves(answers[lookEnd + i]!))) return true;
    await this.#rollBack();
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
      if (this.#uncommitted === uncommitted) void this.#commit();
    });
    return committed;
  }

  /** Never rejects: what becomes of it is told to whoever waits for it. */
  async #commit(): Promise<void> {
    const uncommitted = this.#uncommitted;
    if (uncommitted === null) return;
    this.#uncommitted = null;
    const { fault, firstDone } = await sendBatch(this.#connection, ['COMMIT', ...this.#automaticAgain()]);
    if (fault === null || firstDone) uncommitted.resolve(MISSING);
    else await this.#commitFailed(uncommitted, fault);
  }

  /** The server refused the commit (a cluster's certification, a deadlock): nothing of the step is written. */
  async #commitFailed({ step, resolve, reject }: Uncommitted, fault: unknown): Promise<void> {
    await this.#rollBack();
    if (faultOf(fault).kind === 'fatal') {
      reject(this.#commitError(step, fault));
      return;
    }
    await this.#decideAndWrite(step, [...this.#statements(step)]).then(resolve, reject);
  }

  async #decideAndWrite(step: ReplayStep, statements: readonly EngineStatement[]): Promise<StepOutcome> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(step, statements);
      } catch (error) {
        await this.#rollBack();
        const fault = faultOf(error);
        if (fault.kind === 'does-not-fit')
          return { decision: refusedByServer(step.footprint, fault), facts: null };
        if (fault.kind === 'fatal' || attempt >= TRIES) throw this.#fatal(step, error);
        // Two replays or a busy customer must not meet again at the same moment.
        await pause(20 * attempt + Math.random() * 80 * attempt);
      }
    }
  }

  async #attempt(step: ReplayStep, statements: readonly EngineStatement[]): Promise<StepOutcome> {
    const { slots, foreignKeys, normaliser, maxAllowedPacket } = this.#options;
    const isGtid = step.marker.kind === 'gtid';
    const opening = [...this.#begin(step), ...(isGtid ? [`SELECT ${OWN_GTID} AS owned`] : [])];
    this.#reader.openWith(opening, (answers) => {
      if (!isGtid || ownsGtid(answers.at(-1)!)) return;
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
      await this.#rollBack();
      return { decision, facts };
    }
    for (const packet of inPackets(statements, maxAllowedPacket)) {
      const { answers, fault } = await sendBatch(
        this.#connection,
        packet.map(({ sql }) => sql),
      );
      if (fault !== null) throw fault;
      packet.forEach(({ proves }, i) => {
        if (proves !== null && !proves(answers[i]!)) throw new NotExact();
      });
    }
    const closing = ['COMMIT', ...this.#automaticAgain()];
    const { fault, firstDone } = await sendBatch(this.#connection, closing);
    if (fault !== null && !firstDone)
      throw faultOf(fault).errno === 0 ? this.#commitError(step, fault) : fault;
    return { decision, facts };
  }

  /** Its mark goes first: it is there with the rows, or neither is. */
  #begin({ marker, notes }: ReplayStep): string[] {
    const { journal } = this.#options;
    const state = marker.kind === 'gtid' ? 'applied' : marker.state;
    const noted = notes.map((key) => journal.note(key, state));
    if (marker.kind === 'gtid') {
      this.#automatic = false;
      return [`SET SESSION GTID_NEXT=${quoteText(marker.gtid)}`, ...noted];
    }
    return [...this.#automaticAgain(), journal.note(marker.key, marker.state), ...noted];
  }

  #automaticAgain(): string[] {
    if (this.#automatic) return [];
    this.#automatic = true;
    return [`SET SESSION GTID_NEXT='AUTOMATIC'`];
  }

  async #rollBack(): Promise<void> {
    // On a lost connection the server rolls back by itself, and the error that brought us here says so.
    await sendBatch(this.#connection, ['ROLLBACK', ...this.#automaticAgain()]);
  }

  #commitError({ window }: ReplayStep, error: unknown): Error {
    return commitError(this.#options.server.name, window.transaction.id, error, TRIES);
  }

  #fatal({ window }: ReplayStep, error: unknown): Error {
    return fatalError(this.#options.server.name, window.transaction.id, error, TRIES);
  }
}

function proving({ sql, fits }: Look): EngineStatement {
  return { sql, proves: (answer) => fitsAnswer(fits, answer), last: false };
}

/** Under a GTID that is executed already the server answers OK to a SELECT that locks. */
function fitsAnswer(fits: Look['fits'], answer: Answer): boolean {
  return answer instanceof RowSet && fits(answer);
}

/** So that the server writes rows while those of the statement before are judged. */
function* eachBehindItsLooks(
  looks: Iterable<Look>,
  statements: Iterable<EngineStatement>,
): Generator<EngineStatement> {
  const next = looks[Symbol.iterator]();
  let look = next.next();
  const looksBefore = function* (changes: number): Generator<EngineStatement> {
    for (let sent = 1; look.done !== true && look.value.before < changes; look = next.next(), sent++)
      yield { ...proving(look.value), last: sent % LOOKS_A_PIECE === 0 };
  };
  for (const statement of statements) {
    yield* looksBefore(statement.changes ?? Number.POSITIVE_INFINITY);
    yield statement;
  }
  yield* looksBefore(Number.POSITIVE_INFINITY);
}

function piece(packet: readonly EngineStatement[]): Piece {
  return {
    statements: packet.map(({ sql }) => sql),
    fit: packet.map(
      ({ proves }) =>
        (answer) =>
          proves === null || proves(answer),
    ),
  };
}

function ownsGtid(answer: Answer): boolean {
  const [row] = answer instanceof RowSet ? answer : [];
  return (row?.[0]?.length ?? 0) > 0;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

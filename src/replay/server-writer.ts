// Writes one transaction of the window to the restored primary: locks what it touches, judges it again by the rows
// under lock, applies it as row events, and commits it together with the mark that it is done. A transaction that no
// longer fits is rolled back and reported; nothing is ever overwritten.
import { formatDescriptionEvent, rowEvents } from '../binlog/row-event-writer.ts';
import type { Change, Transaction } from '../binlog/transaction.ts';
import { type Decision, decide } from '../diff/decide.ts';
import type { TransactionFootprint } from '../diff/footprint.ts';
import type { WindowForeignKey } from '../diff/footprints.ts';
import type { KeyNormaliser } from '../diff/key-normaliser.ts';
import { lookUpFacts } from '../diff/restored-facts.ts';
import type { RestoredReader } from '../diff/restored-reader.ts';
import type { WindowSlots } from '../diff/window-slots.ts';
import type { ConflictKind } from '../plan/plan.ts';
import { ReconcileError } from '../reconcile-error.ts';
import type { RawConnection, Server } from '../server/connection.ts';
import { statementError } from '../server/connection-errors.ts';
import { quoteText } from '../server/sql-text.ts';
import { footprintSlots } from './footprint-slots.ts';
import type { Journal } from './journal.ts';
import { LockingReader } from './locking-reader.ts';
import type { ReplayStep, ReplayWriter, StepOutcome } from './replay-writer.ts';

export interface ServerWriterOptions {
  server: Server;
  flavor: 'mysql' | 'mariadb';
  version: string;
  /** Bytes; the restored primary's. */
  maxAllowedPacket: number;
  journal: Journal;
  reader: RestoredReader;
  slots: WindowSlots;
  foreignKeys: readonly WindowForeignKey[];
  normaliser: KeyNormaliser;
}

/** MariaDB: replayed transactions get a replication domain of their own, so that no other domain's order is touched. */
export const REPLAY_DOMAIN = 3306911;

const LOCK_WAIT_SECONDS = 1;
const TRIES = 10;
/** What BINLOG answers to whatever its applier ran into. */
const UNKNOWN_ERROR = 1105;
const DEADLOCK = 1213;
const LOCK_WAIT_TIMEOUT = 1205;
/** MariaDB's innodb_snapshot_isolation: the row changed between two of our looks. Nothing is written yet. */
const CHANGED_SINCE_READ = 1020;
const TRY_AGAIN = new Set([DEADLOCK, LOCK_WAIT_TIMEOUT, CHANGED_SINCE_READ]);
const PARENT_HAS_CHILDREN = 1451;
/** A CHECK constraint, as MySQL and as MariaDB number it. */
const CHECK_FAILED = new Set([3819, 4025]);
/** Row not found, duplicate key, foreign key refused: the picture under lock and the server's own disagree. */
const DOES_NOT_FIT = new Set([UNKNOWN_ERROR, 1032, 1062, 1169, 1451, 1452, 1761, 3819, 4025]);

export async function openServerWriter(options: ServerWriterOptions): Promise<ReplayWriter> {
  const connection = await options.server.open({ multipleStatements: true });
  const run = (sql: string): Promise<unknown> =>
    connection.query(sql).catch((cause: unknown) => {
      throw statementError(options.server.name, sql, cause);
    });
  await run(`SET SESSION innodb_lock_wait_timeout=${LOCK_WAIT_SECONDS}`);
  // Gap locks keep new children and new keys out between our look and our write.
  await run('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
  if (options.flavor === 'mariadb') await run(`SET SESSION gtid_domain_id=${REPLAY_DOMAIN}`);
  const format = formatDescriptionEvent(options.flavor, options.version);
  await run(`BINLOG '${format.toString('base64')}'`);
  // A format description leaves the session without a GTID mode of its own: its next statement would be refused.
  if (options.flavor === 'mysql') await run(`SET SESSION GTID_NEXT='AUTOMATIC'`);
  return new ServerWriter(options, connection, run);
}

class ServerWriter implements ReplayWriter {
  readonly #options: ServerWriterOptions;
  readonly #connection: RawConnection;
  readonly #run: (sql: string) => Promise<unknown>;
  readonly #reader: LockingReader;

  constructor(
    options: ServerWriterOptions,
    connection: RawConnection,
    run: (sql: string) => Promise<unknown>,
  ) {
    this.#options = options;
    this.#connection = connection;
    this.#run = run;
    this.#reader = new LockingReader(connection, options.reader);
  }

  async write(step: ReplayStep): Promise<StepOutcome> {
    const statements = this.#binlogStatements(step.transaction);
    const tooLarge = this.#tooLarge(statements);
    if (tooLarge !== null) return { decision: refused(step.footprint, 'too-large', tooLarge), facts: null };
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(step, statements);
      } catch (error) {
        await this.#rollBack(step);
        const { errno, message } = serverFault(error);
        if (DOES_NOT_FIT.has(errno))
          return { decision: refusedByServer(step.footprint, errno, message), facts: null };
        if (!TRY_AGAIN.has(errno) || attempt >= TRIES) throw this.#describe(step, error);
        // Two replays or a busy customer must not meet again at the same moment.
        await pause(20 * attempt + Math.random() * 80 * attempt);
      }
    }
  }

  async close(): Promise<void> {
    await this.#connection.end().catch(() => this.#connection.destroy());
  }

  async #attempt(step: ReplayStep, statements: readonly string[]): Promise<StepOutcome> {
    const { slots, foreignKeys, normaliser, journal } = this.#options;
    this.#reader.openWith([
      ...(step.marker.kind === 'gtid' ? [`SET SESSION GTID_NEXT=${quoteText(step.marker.gtid)}`] : []),
      'START TRANSACTION',
    ]);
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
      await this.#rollBack(step);
      return { decision, facts };
    }
    // Each BINLOG travels alone: the server forgets to say that more results follow it.
    for (const statement of statements) await this.#connection.query(statement);
    const closing = [
      ...(step.marker.kind === 'journal' ? [journal.note(step.marker.key, step.marker.state)] : []),
      'COMMIT',
      ...(step.marker.kind === 'gtid' ? [`SET SESSION GTID_NEXT='AUTOMATIC'`] : []),
    ];
    await this.#connection.query(closing.join(';\n'));
    return { decision, facts };
  }

  /** Why a transaction can't be sent at all; asked before it begins, for the server would cut the connection. */
  #tooLarge(statements: readonly string[]): string | null {
    const { maxAllowedPacket } = this.#options;
    const longest = statements.reduce((most, { length }) => Math.max(most, length), 0);
    if (longest + 1024 <= maxAllowedPacket) return null;
    return `a row of it needs max_allowed_packet=${longest + 1024}, and the restored primary has ${maxAllowedPacket}: SET GLOBAL max_allowed_packet`;
  }

  #binlogStatements({ changes, serverId }: Transaction): string[] {
    const { flavor, maxAllowedPacket } = this.#options;
    const statements: string[] = [];
    for (const group of sameTable(changes)) {
      const events = rowEvents({
        flavor,
        table: group[0]!.table,
        tableId: 1,
        changes: group,
        serverId,
        // base64 adds a third; half of the packet leaves room for the statement around it.
        maxBytes: Math.floor(maxAllowedPacket / 2),
      });
      statements.push(`BINLOG '${Buffer.concat(events).toString('base64')}'`);
    }
    return statements;
  }

  async #rollBack({ marker }: ReplayStep): Promise<void> {
    const automatic = marker.kind === 'gtid' ? `; SET SESSION GTID_NEXT='AUTOMATIC'` : '';
    // On a lost connection the server rolls back by itself, and the error that brought us here says so.
    await this.#run(`ROLLBACK${automatic}`).catch(() => {});
  }

  #describe(step: ReplayStep, error: unknown): ReconcileError {
    const { errno, message } = serverFault(error);
    const { server } = this.#options;
    if (error instanceof ReconcileError && errno === 0) return error;
    const place = `${server.name}: transaction ${step.transaction.id}`;
    if (TRY_AGAIN.has(errno)) {
      return new ReconcileError(
        'connection',
        `${place}: its rows stayed locked by other sessions after ${TRIES} tries`,
        {
          hint: 'Nothing of it was written. Find the long transaction (SHOW PROCESSLIST), then run the same command again.',
          cause: error,
        },
      );
    }
    if (errno === 1227) {
      return new ReconcileError('privilege', `${place}: not allowed: ${message}`, {
        hint: 'Row events and GTIDs need REPLICATION_APPLIER on MySQL, BINLOG REPLAY on MariaDB (docs/requirements-and-privileges.md).',
        cause: error,
      });
    }
    const fault = statementError(server.name, 'replay', error);
    return new ReconcileError(fault.code, `${place} was rolled back: ${message}`, {
      hint: 'Transactions before it are committed; the same command goes on from here.',
      cause: error,
    });
  }
}

/** The server's own constraints found what the look-up could not see (a prefix or functional key, a check). */
function refusedByServer(footprint: TransactionFootprint, errno: number, message: string): Decision {
  if (errno === UNKNOWN_ERROR) {
    return refused(
      footprint,
      'refused-by-restored',
      'the restored primary’s applier refused it; its error log says why',
    );
  }
  const kind = /duplicate/i.test(message)
    ? 'unique-taken'
    : /foreign key/i.test(message)
      ? errno === PARENT_HAS_CHILDREN
        ? 'children-exist'
        : 'parent-missing'
      : CHECK_FAILED.has(errno)
        ? 'refused-by-restored'
        : 'changed-on-restored';
  return refused(footprint, kind, `the restored primary refused it: ${message}`);
}

function refused(footprint: TransactionFootprint, kind: ConflictKind, why: string): Decision {
  const change = Math.max(
    0,
    footprint.changes.findIndex(({ rows }) => rows.length > 0),
  );
  const slot = footprint.changes[change]?.rows[0]?.slot ?? null;
  return { kind: 'conflict', findings: [{ kind, change, slot, restored: null, why }] };
}

/** Neighbouring changes of one table with the same flags share their events. */
function sameTable(changes: readonly Change[]): Change[][] {
  const groups: Change[][] = [];
  for (const change of changes) {
    const group = groups.at(-1);
    if (group && group[0]!.table === change.table && group[0]!.flags === change.flags) group.push(change);
    else groups.push([change]);
  }
  return groups;
}

function serverFault(error: unknown): { errno: number; message: string } {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { errno } = at as { errno?: unknown };
    if (typeof errno === 'number' && errno > 0) return { errno, message: at.message };
  }
  return { errno: 0, message: error instanceof Error ? error.message : String(error) };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

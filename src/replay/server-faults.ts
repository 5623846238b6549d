// What a server's error means to a transaction that is being replayed: try again, it does not fit, or the run can't go on.
// Never talks to a server.
import type { Decision } from '../diff/decision.ts';
import type { TransactionFootprint } from '../diff/footprint.ts';
import type { ConflictKind } from '../plan/plan.ts';
import { ReconcileError } from '../reconcile-error.ts';
import { statementError } from '../server/connection-errors.ts';

export type Fault = { kind: 'try-again' | 'does-not-fit' | 'fatal'; errno: number; message: string };

/** What BINLOG answers to whatever its applier ran into. */
const UNKNOWN_ERROR = 1105;
const DEADLOCK = 1213;
const LOCK_WAIT_TIMEOUT = 1205;
/** MariaDB's innodb_snapshot_isolation: the row changed between two of our looks. */
const CHANGED_SINCE_READ = 1020;
const TRY_AGAIN = new Set([DEADLOCK, LOCK_WAIT_TIMEOUT, CHANGED_SINCE_READ]);
const PARENT_HAS_CHILDREN = 1451;
/** A CHECK constraint, as MySQL and as MariaDB number it. */
const CHECK_FAILED = new Set([3819, 4025]);
/** Values that SQL does not take: wrong bytes for their character set, out of range, too long, no JSON, no geometry. */
const VALUE_REFUSED = new Set([1264, 1265, 1292, 1300, 1366, 1406, 1416, 3140, 3144, 3156]);
/** Row not found, duplicate key, foreign key refused: the picture under lock and the server's own disagree. */
const DOES_NOT_FIT = new Set([
  UNKNOWN_ERROR,
  1032,
  1062,
  1169,
  1451,
  1452,
  1761,
  3819,
  4025,
  ...VALUE_REFUSED,
]);

/** A session with binlog_format=STATEMENT applies no row events. */
const NO_ROWS_IN_LOG = 1666;

/** Thrown by us where the rows that a transaction wrote are not those of the log. */
export class NotExact extends Error {
  constructor() {
    super('SQL does not write one of its rows exactly as it is in the log: row events do');
  }
}

export function faultOf(error: unknown): Fault {
  if (error instanceof NotExact) return { kind: 'does-not-fit', errno: 0, message: error.message };
  const { errno, message } = serverFault(error);
  if (TRY_AGAIN.has(errno)) return { kind: 'try-again', errno, message };
  return { kind: DOES_NOT_FIT.has(errno) ? 'does-not-fit' : 'fatal', errno, message };
}

/** The server's own constraints found what the look-up could not see (a prefix or functional key, a check). */
export function refusedByServer(footprint: TransactionFootprint, { errno, message }: Fault): Decision {
  if (errno === UNKNOWN_ERROR) {
    return refused(
      footprint,
      'refused-by-restored',
      'the restored primary’s applier refused it; its error log says why',
    );
  }
  if (errno === 0) return refused(footprint, 'refused-by-restored', message);
  const kind = /duplicate/i.test(message)
    ? 'unique-taken'
    : /foreign key/i.test(message)
      ? errno === PARENT_HAS_CHILDREN
        ? 'children-exist'
        : 'parent-missing'
      : CHECK_FAILED.has(errno) || VALUE_REFUSED.has(errno)
        ? 'refused-by-restored'
        : 'changed-on-restored';
  return refused(footprint, kind, `the restored primary refused it: ${message}`);
}

export function refused(footprint: TransactionFootprint, kind: ConflictKind, why: string): Decision {
  const change = Math.max(
    0,
    footprint.changes.findIndex(({ rows }) => rows.length > 0),
  );
  const slot = footprint.changes[change]?.rows[0]?.slot ?? null;
  return { kind: 'conflict', findings: [{ kind, change, slot, restored: null, why }] };
}

/** Ends the run: `name` is the server's, `tries` how often its rows were asked for. */
export function fatalError(name: string, transaction: string, error: unknown, tries: number): ReconcileError {
  const { kind, errno, message } = faultOf(error);
  if (error instanceof ReconcileError && errno === 0) return error;
  const place = `${name}: transaction ${transaction}`;
  if (kind === 'try-again') {
    return new ReconcileError(
      'connection',
      `${place}: its rows stayed locked by other sessions after ${tries} tries`,
      {
        hint: 'Nothing of it was written. Find the long transaction (SHOW PROCESSLIST; one that XA has prepared has no session: XA RECOVER), then run the same command again.',
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
  if (errno === NO_ROWS_IN_LOG) {
    return new ReconcileError('unsupported', `${place} was rolled back: ${message}`, {
      hint: `Row events need another binlog_format there: SET GLOBAL binlog_format='ROW', or write by --engine sql. Then run the same command again.`,
      cause: error,
    });
  }
  const fault = statementError(name, 'replay', error);
  return new ReconcileError(fault.code, `${place} was rolled back: ${message}`, {
    hint: 'Transactions before it are committed; the same command goes on from here.',
    cause: error,
  });
}

/** Ends the run where a COMMIT was sent and `error` is its answer: without a word of the server's, nobody knows yet. */
export function commitError(
  name: string,
  transaction: string,
  error: unknown,
  tries: number,
): ReconcileError {
  const { errno, message } = faultOf(error);
  if (errno !== 0) return fatalError(name, transaction, error, tries);
  return new ReconcileError(
    'connection',
    `${name}: it is not known whether transaction ${transaction} is committed: ${message}`,
    {
      hint: 'It is there whole or not at all, and its mark with it: the same command finds out and goes on from here.',
      cause: error,
    },
  );
}

function serverFault(error: unknown): { errno: number; message: string } {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { errno } = at as { errno?: unknown };
    if (typeof errno === 'number' && errno > 0) return { errno, message: at.message };
  }
  return { errno: 0, message: error instanceof Error ? error.message : String(error) };
}

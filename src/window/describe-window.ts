// What the plan's header says of the window that was read: who, from where to where, the account, the warnings.
// Nothing in it depends on how the log was read or when.
import type { Transaction } from '../binlog/transaction.ts';
import type { PlanAccount, PlanFacts, PlanServer } from '../plan/plan.ts';
import { ReconcileError } from '../reconcile-error.ts';
import type { FailoverRecord } from '../record/failover-record.ts';
import type { Coordinates } from '../server/coordinates.ts';
import { GtidSet } from '../server/gtid-set.ts';
import { MariadbGtidPosition } from '../server/mariadb-gtid-position.ts';
import type { CheckedServer } from '../server/safety-checks/checked-server.ts';
import { withGtids } from './gtid-predicate.ts';
import type { Window } from './read-window.ts';
import type { WindowStart } from './window-request.ts';

export interface WindowContext {
  record: FailoverRecord | null;
  restored: CheckedServer;
  coordinates: Coordinates;
  start: WindowStart;
  executed: (gtid: string) => boolean;
  /** Who the failed primary is by the record or by its own word: an empty window does not say. */
  failed: { uuid: string | null; serverId: number; version: string; flavor: 'mysql' | 'mariadb' } | null;
  force: ReadonlySet<string>;
  /** Of the tables asked for, those that the restored primary has. */
  askedTables: ReadonlySet<string>;
  /** Whether a stop was asked for. */
  stopped: boolean;
  /** That the restored primary's scheduler runs. */
  events: readonly string[];
}

export function describeWindow(window: Window, context: WindowContext): PlanFacts {
  const { record, restored, coordinates, start, executed } = context;
  const { identity } = restored;
  checkLogOwner(window, context);
  checkAskedTables(window, context);
  const gtids: string[] = [];
  for (const { gtid } of window.transactions) if (gtid !== null) gtids.push(gtid);
  const startSet = start.kind === 'beginning' ? null : start.gtidSet;
  const endSet = withGtids(startSet, gtids);
  return {
    cluster: record?.cluster ?? null,
    failed: failedServer(window, context.failed),
    restored: {
      uuid: identity.uuid,
      serverId: identity.serverId,
      version: identity.version,
      flavor: identity.flavor,
      coordinates: {
        file: coordinates.file,
        position: coordinates.position,
        ...(coordinates.gtidSet === null ? {} : { gtidSet: coordinates.gtidSet }),
      },
    },
    window: {
      start: { ...window.start, ...(startSet === null ? {} : { gtidSet: startSet }) },
      end: { ...window.end, ...(endSet === null ? {} : { gtidSet: endSet }) },
      ...(context.stopped ? { stopped: true } : {}),
      ...(window.leftOut.otherTables > 0 ? { leftOut: window.leftOut.otherTables } : {}),
    },
    account: planAccount(window),
    warnings: [...warnings(window, record), ...eventWarnings(context.events)],
    executed,
  };
}

export function failedServer(
  {
    format,
    transactions,
  }: Pick<Window, 'format'> & { transactions: Iterable<Pick<Transaction, 'origin' | 'gtid'>> },
  known: WindowContext['failed'],
): PlanServer {
  return {
    uuid: known?.uuid ?? ownUuid(transactions),
    serverId: format?.serverId ?? known?.serverId ?? 0,
    version: format?.serverVersion ?? known?.version ?? '',
    flavor: format?.flavor ?? known?.flavor ?? 'mysql',
  };
}

function ownUuid(transactions: Iterable<Pick<Transaction, 'origin' | 'gtid'>>): string | null {
  for (const { origin, gtid } of transactions) {
    if (origin === 'own' && gtid?.includes(':')) return gtid.split(':')[0]!;
  }
  return null;
}

/** `whole`: with what stands behind the last transaction. */
export function planAccount(
  {
    account,
    transactions,
  }: Pick<Window, 'account'> & { transactions: Iterable<Pick<Transaction, 'undecoded'>> },
  whole = false,
): PlanAccount {
  const { files, bytes, events } = whole ? account : account.upToLastTransaction();
  const { changes, rolledBack, tornTail } = account;
  const listed: PlanAccount['undecoded'] = [];
  for (const { undecoded } of transactions) {
    for (const { file, position, reason, detail } of undecoded)
      listed.push({ file, position, reason, detail });
  }
  return {
    files: files.map(({ file, from, to, bytes: size, events: number }) => ({
      file,
      from,
      to,
      bytes: size,
      events: number,
    })),
    bytes,
    events: { ...events },
    transactions: { ...account.transactions },
    changes,
    rolledBack,
    undecoded: listed,
    tornTail: tornTail && {
      file: tornTail.file,
      position: tornTail.position,
      bytes: tornTail.bytes,
      reason: tornTail.reason,
    },
    closes: account.closes(),
  };
}

/** Files have no server to ask: whose log they are stands in the format description. */
function checkLogOwner({ format, writers }: Window, { record, restored, force }: WindowContext): void {
  if (!format) return;
  if (format.flavor !== restored.identity.flavor) {
    throw new ReconcileError(
      'unsupported',
      `the log was written by ${format.flavor}, the restored primary is ${restored.identity.flavor}`,
      {
        hint: 'Both have to be of one flavour.',
      },
    );
  }
  // Any file of it: one among the others would stand for one that is not there.
  if (writers.has(restored.identity.serverId) && !force.has('swapped')) {
    throw new ReconcileError(
      'refused',
      `the log was written by server id ${restored.identity.serverId}, which is the restored primary's own`,
      {
        check: 'swapped',
        hint: 'Give the failed primary’s log. Two servers with one server id can’t be told apart in a log.',
      },
    );
  }
  if (record && format.serverId !== record.new.serverId && !force.has('not-recorded')) {
    throw new ReconcileError(
      'refused',
      `the log was written by server id ${format.serverId}; the record's new primary has ${record.new.serverId}`,
      {
        check: 'not-recorded',
        hint: 'Give the log of the server that failed, or the record of this failover.',
      },
    );
  }
}

/** A name mistyped asks for nothing, and nothing is missing in that. */
function checkAskedTables({ unseenTables }: Window, { askedTables }: WindowContext): void {
  const nowhere = [...unseenTables].filter((name) => !askedTables.has(name));
  if (nowhere.length === 0) return;
  throw new ReconcileError(
    'usage',
    `--tables: ${nowhere.join(', ')}: neither the window nor the restored primary has such a table`,
    { hint: 'Write it as the log does, also in upper and lower case: reconcile inspect shows the tables.' },
  );
}

function warnings({ leftOut, fromElsewhere, account }: Window, record: FailoverRecord | null): string[] {
  const list: string[] = [];
  const behind = record ? (neverReceived(record) ?? 0n) : 0n;
  if (behind > 0n) {
    list.push(
      `The failed primary was promoted while it was behind: ${behind} transactions of the restored primary had not reached it.`,
    );
  }
  const sync = record?.new.settings.syncBinlog;
  const flush = record?.new.settings.innodbFlushLogAtTrxCommit;
  if ((sync !== undefined && sync !== 1) || (flush !== undefined && flush !== 1)) {
    list.push(
      `The failed primary ran with sync_binlog=${sync} and innodb_flush_log_at_trx_commit=${flush}: after a crash of its machine, transactions that it acknowledged may be in neither its log nor its tables.`,
    );
  }
  if (fromElsewhere > 0) {
    list.push(
      `${fromElsewhere} transactions bear a third server's id, and the restored primary is not known to have them: they are judged like the others.`,
    );
  }
  if (leftOut.otherTables > 0) {
    list.push(`${leftOut.otherTables} transactions were left out: they touch none of the tables asked for.`);
  }
  if (account.transactions.skipped > 0) {
    list.push(`${account.transactions.skipped} transactions before the window's start set were skipped.`);
  }
  return list;
}

/** So many are named. */
const MOST_EVENTS = 10;

function eventWarnings(events: readonly string[]): string[] {
  if (events.length === 0) return [];
  const more = events.length > MOST_EVENTS ? `, and ${events.length - MOST_EVENTS} more` : '';
  return [
    `The event scheduler of the restored primary is on, and runs ${events.slice(0, MOST_EVENTS).join(', ')}${more}: what they write may have been written on both servers, and goes on being written.`,
  ];
}

/** How many transactions of the restored primary the failed one was promoted without. null: GTIDs don't tell. */
export function neverReceived({ old, new: fresh }: FailoverRecord): bigint | null {
  const before = old.executed ?? old.coordinates.gtidSet;
  const after = fresh.executed ?? fresh.coordinates.gtidSet;
  if (before === null || after === null) return null;
  if (old.flavor === 'mariadb')
    return MariadbGtidPosition.parse(after).behind(MariadbGtidPosition.parse(before));
  return GtidSet.parse(before).subtract(GtidSet.parse(after)).count;
}

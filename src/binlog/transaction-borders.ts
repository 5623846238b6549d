// Where transactions begin and end, on both flavours: the group that is open, those that are whole, and those that XA
// has prepared and not yet decided. Never reads what an event holds.
import { ReconcileError } from '../reconcile-error.ts';
import type { Account } from './account.ts';
import { DecodeFault } from './byte-cursor.ts';
import type { TransactionHead } from './gtid-event.ts';
import { type EventPlace, serverIdOf, timestampOf } from './raw-event.ts';
import type { Transaction } from './transaction.ts';
import { type HeldContents, TransactionGroup } from './transaction-group.ts';
import type { XaDecision } from './xa-id.ts';

export interface ReaderOptions {
  /** Transactions with such a GTID are counted as skipped and not given out; their rows are not decoded. */
  skipGtid?: (gtid: string) => boolean;
  /** Microseconds since 1970: reading stops at the first transaction committed then or later. */
  stopDatetime?: number;
  /**
   * Transactions with more bytes of rows (or statements) are given out in parts, so that memory does not grow with one. A part comes
   * before its transaction's end is known: what the log ends in the middle of was never committed. XA transactions are
   * held whole until they are decided.
   */
  partBytes?: number;
}

/** Its group has ended in XA_PREPARE; its rows count only if an XA COMMIT follows. */
interface PreparedGroup {
  xid: string;
  group: TransactionGroup;
  contents: HeldContents;
  /** Of the XA_PREPARE. */
  place: EventPlace;
  end: EventPlace;
  timestamp: number;
}

export class TransactionBorders {
  /** The transaction whose end has not been seen. */
  group: TransactionGroup | null = null;
  /** Whole, in the order of the log; whoever takes them empties the list. */
  ready: Transaction[] = [];
  /** Where the stop time was reached. */
  stopped: EventPlace | null = null;
  /** What the event at hand has ended: it gets that event's bytes too. */
  finished: { bytes: number } | null = null;
  /** Where the event at hand ends. */
  end = 0;
  /** server_id of the log's own server. */
  ownServerId = 0;
  private readonly account: Account;
  private readonly options: ReaderOptions;
  private readonly partBytes: number;
  private readonly prepared = new Map<string, PreparedGroup>();
  private seenGroup = false;

  constructor(account: Account, options: ReaderOptions) {
    this.account = account;
    this.options = options;
    this.partBytes = options.partBytes ?? Number.POSITIVE_INFINITY;
  }

  /** `begun`: see TransactionGroup. */
  begin(head: TransactionHead, begun: boolean, bytes: Buffer, place: EventPlace): void {
    if (this.group !== null) {
      throw new DecodeFault(
        `the transaction at ${placeText(this.group.start)} has no end before the next one begins`,
      );
    }
    const { stopDatetime, skipGtid } = this.options;
    if (stopDatetime !== undefined && head.committedAt !== null && head.committedAt >= stopDatetime) {
      this.stopped = { file: place.file, position: place.position };
      return;
    }
    const skipped = head.gtid !== null && skipGtid?.(head.gtid) === true;
    this.group = new TransactionGroup(place, serverIdOf(bytes), head, skipped, begun);
    this.seenGroup = true;
  }

  /** The group that is open, or a new one: in a log without GTIDs a statement opens its own. */
  anyGroup(bytes: Buffer, place: EventPlace): TransactionGroup {
    if (this.group === null) {
      this.group = new TransactionGroup(place, serverIdOf(bytes), null, false, false);
      this.seenGroup = true;
    }
    return this.group;
  }

  openGroup(place: EventPlace, what: string): TransactionGroup {
    if (this.group !== null) return this.group;
    if (this.seenGroup) throw new DecodeFault(`${what} outside of a transaction`);
    throw new ReconcileError('input', `${placeText(place)} is in the middle of a transaction`, {
      hint: 'Take the coordinates from the failover record, or from the output of mysqlbinlog.',
    });
  }

  /** An event that stands between transactions only. */
  between(): void {
    if (this.group !== null)
      throw new DecodeFault(`the transaction at ${placeText(this.group.start)} has no end`);
  }

  commit(group: TransactionGroup, bytes: Buffer, place: EventPlace): void {
    this.group = null;
    this.finished = this.give(group, this.endAt(place), timestampOf(bytes));
  }

  /** What is held so far, where that is much. */
  givePart(group: TransactionGroup, place: EventPlace): void {
    if (group.heldBytes <= this.partBytes || group.xa) return;
    this.ready.push(group.takePart(this.endAt(place), this.ownServerId));
  }

  /** XA PREPARE: the group ends, and waits for its decision with all that it holds. */
  prepare(group: TransactionGroup, xid: string, bytes: Buffer, place: EventPlace): void {
    const earlier = this.prepared.get(xid);
    if (earlier) this.giveUndecided(earlier);
    this.prepared.set(xid, {
      xid,
      group,
      contents: group.takeContents(),
      place: { file: place.file, position: place.position },
      end: this.endAt(place),
      timestamp: timestampOf(bytes),
    });
    this.group = null;
    this.finished = group;
  }

  /** XA COMMIT or XA ROLLBACK in a group of its own: the prepared group is given out, empty, and then this one. */
  decide(group: TransactionGroup, { ends, xid }: XaDecision, bytes: Buffer, place: EventPlace): void {
    const prepared = this.prepared.get(xid);
    if (prepared !== undefined) {
      this.prepared.delete(xid);
      this.give(prepared.group, prepared.end, prepared.timestamp);
    }
    if (!group.skipped) {
      if (ends === 'rollback') this.account.rollBack(prepared?.contents.rows ?? []);
      else {
        const why = whyWithoutRows(group, prepared);
        if (why === null) group.adopt(prepared!.contents);
        else group.loud('xa', `XA COMMIT ${xid}: ${why}`, place);
      }
    }
    this.commit(group, bytes, place);
  }

  /** Nothing more is read: what is prepared stays undecided. */
  finish(): void {
    for (const one of this.prepared.values()) this.giveUndecided(one);
    this.prepared.clear();
  }

  private giveUndecided({ xid, group, contents, place, end, timestamp }: PreparedGroup): void {
    if (!group.skipped) {
      group.adopt({ rows: [], undecoded: contents.undecoded });
      group.loud(
        'xa',
        `XA PREPARE ${xid} (${changesText(contents)}): undecided in what was read. If XA RECOVER on the failed primary lists it, decide it there and look again; if not, it was rolled back`,
        place,
      );
    }
    this.give(group, end, timestamp);
  }

  private give(group: TransactionGroup, end: EventPlace, timestamp: number): { bytes: number } {
    const transaction = group.finish(end, timestamp, this.ownServerId);
    if (group.skipped) {
      this.account.transactions.skipped += 1;
      return transaction;
    }
    this.account.transactions[transaction.origin] += 1;
    this.account.changes += group.given.changes + transaction.changeCount;
    this.account.undecoded += group.given.undecoded + transaction.undecoded.length;
    this.ready.push(transaction);
    return transaction;
  }

  private endAt({ file }: EventPlace): EventPlace {
    return { file, position: this.end };
  }
}

/** null: the rows are at hand, and this server's. */
function whyWithoutRows(group: TransactionGroup, prepared: PreparedGroup | undefined): string | null {
  const there = 'If XA RECOVER on the restored primary lists it, XA COMMIT it there';
  if (prepared === undefined)
    return `prepared before what was read; start there (--start-position). ${there}`;
  const { place, group: from } = prepared;
  if (from.skipped) return `prepared at ${placeText(place)}, before the window. ${there}`;
  if (from.serverId !== group.serverId)
    return `prepared by server id ${from.serverId} (${placeText(place)}). ${there}`;
  return null;
}

function changesText({ rows }: HeldContents): string {
  const count = rows.reduce((sum, one) => sum + one.count, 0);
  const tables = new Set(rows.map(({ table: { schema, table } }) => `${schema}.${table}`));
  return `${count} ${count === 1 ? 'change' : 'changes'} of ${[...tables].join(', ')}`;
}

export function placeText({ file, position }: EventPlace): string {
  return `${file}:${position}`;
}

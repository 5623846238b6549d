// One transaction while its events come in, and what is made of it when it is whole. Never reads an event and never
// decides where the group ends.
import type { TransactionHead } from './gtid-event.ts';
import type { EventPlace } from './raw-event.ts';
import type { LoggedRows } from './rows-event.ts';
import type { TableMap } from './table-map.ts';
import type { Change, Transaction, Undecoded } from './transaction.ts';

const NO_HEAD: TransactionHead = {
  gtid: null,
  committedAt: null,
  originallyCommittedAt: null,
  standalone: false,
  xa: null,
};

/** All that was read of a group and not given out. */
export interface HeldContents {
  rows: LoggedRows[];
  undecoded: Undecoded[];
}

/** What one entry of `rows` or `undecoded` takes beside its bytes. */
const ENTRY_BYTES = 256;

export class TransactionGroup {
  readonly head: TransactionHead;
  readonly start: EventPlace;
  readonly serverId: number;
  /** Not to be given out (its GTID is skipped): its rows are not read. */
  readonly skipped: boolean;
  /** A BEGIN (or what stands for it) was seen: the group ends at a commit event, not at its first statement. */
  begun: boolean;
  /** Of an XA transaction, whose end may be a prepare: its rows may never count. */
  xa: boolean;
  rows: LoggedRows[] = [];
  undecoded: Undecoded[] = [];
  bytes = 0;
  /** Of `rows` and `undecoded`, about. */
  heldBytes = 0;
  /** What was given out in parts, and is in neither list any more. */
  given = { changes: 0, undecoded: 0 };

  constructor(
    start: EventPlace,
    serverId: number,
    head: TransactionHead | null,
    skipped: boolean,
    begun: boolean,
  ) {
    this.head = head ?? NO_HEAD;
    this.start = { file: start.file, position: start.position };
    this.serverId = serverId;
    this.skipped = skipped;
    this.begun = begun;
    this.xa = this.head.xa === 'prepare';
  }

  get hasRows(): boolean {
    return this.rows.length > 0 || this.given.changes > 0;
  }

  add(rows: LoggedRows): void {
    this.rows.push(rows);
    this.heldBytes += ENTRY_BYTES + rows.size;
  }

  get isEmpty(): boolean {
    return !this.hasRows && this.undecoded.length + this.given.undecoded === 0;
  }

  /** What is held so far, to be given out before the end is known. */
  takePart(end: EventPlace, ownServerId: number): LoggedTransaction {
    const part = new LoggedTransaction(this, end, 0, ownServerId, true);
    this.given.changes += part.changeCount;
    this.given.undecoded += part.undecoded.length;
    this.rows = [];
    this.undecoded = [];
    this.heldBytes = 0;
    return part;
  }

  /** Takes out what it holds, in memory of its own: a slice would keep the log's whole block. */
  takeContents(): HeldContents {
    const { rows, undecoded } = this;
    for (const one of rows) one.detach();
    this.rows = [];
    this.undecoded = [];
    this.heldBytes = 0;
    return { rows, undecoded };
  }

  /** Takes what another group held, in front of its own. */
  adopt({ rows, undecoded }: HeldContents): void {
    this.rows = [...rows, ...this.rows];
    this.undecoded = [...undecoded, ...this.undecoded];
  }

  loud(reason: Undecoded['reason'], detail: string, place: EventPlace, schema?: string): void {
    const { file, position } = place;
    this.heldBytes += ENTRY_BYTES + detail.length;
    this.undecoded.push(
      schema === undefined ? { reason, detail, file, position } : { reason, detail, file, position, schema },
    );
  }

  /** The same kind of thing once a transaction is enough: thousands of partial rows events say no more than one. */
  loudOnce(reason: Undecoded['reason'], detail: string, place: EventPlace): void {
    if (!this.undecoded.some((one) => one.reason === reason && one.detail === detail)) {
      this.loud(reason, detail, place);
    }
  }

  /** `endTimestamp`: seconds, from the header of the last event, where the log has no exact commit time. */
  finish(end: EventPlace, endTimestamp: number, ownServerId: number): LoggedTransaction {
    return new LoggedTransaction(this, end, endTimestamp, ownServerId);
  }
}

/** Changes of one kind to one table. */
export interface ChangeTally {
  table: TableMap;
  kind: Change['kind'];
  rows: number;
}

/** Counts a transaction's changes without making them: what a summary of a large window needs. */
export function tallyChanges(transaction: Transaction): ChangeTally[] {
  if (transaction instanceof LoggedTransaction) return transaction.tally();
  return transaction.changes.map(({ table, kind }) => ({ table, kind, rows: 1 }));
}

/** A transaction's rows events, for whoever needs no change of each row. */
export function rowsOf(transaction: Transaction): readonly LoggedRows[] {
  return transaction instanceof LoggedTransaction ? transaction.rows : [];
}

/** Makes its changes when they are first asked for: a count of them, or a skip, needs none. */
export class LoggedTransaction implements Transaction {
  readonly id: string;
  readonly gtid: string | null;
  readonly start: EventPlace;
  readonly end: EventPlace;
  readonly serverId: number;
  readonly origin: 'own' | 'replicated';
  readonly committedAt: number;
  readonly undecoded: Undecoded[];
  bytes: number;
  readonly part: boolean;
  readonly changeCount: number;
  readonly rows: readonly LoggedRows[];
  private made: Change[] | null = null;

  constructor(
    group: TransactionGroup,
    end: EventPlace,
    endTimestamp: number,
    ownServerId: number,
    part = false,
  ) {
    const { gtid, committedAt } = group.head;
    this.id = gtid ?? `${group.start.file}:${group.start.position}`;
    this.gtid = gtid;
    this.start = group.start;
    this.end = end;
    this.serverId = group.serverId;
    this.origin = group.serverId === ownServerId ? 'own' : 'replicated';
    this.committedAt = committedAt ?? endTimestamp * 1_000_000;
    this.part = part;
    this.undecoded = group.undecoded;
    // The last part has the whole.
    this.bytes = part ? 0 : group.bytes;
    this.rows = group.rows;
    let count = 0;
    for (const rows of group.rows) count += rows.count;
    this.changeCount = count;
  }

  get changes(): Change[] {
    if (this.made === null) {
      this.made = [];
      for (const rows of this.rows) for (let i = 0; i < rows.count; i++) this.made.push(rows.change(i));
    }
    return this.made;
  }

  tally(): ChangeTally[] {
    return this.rows.map(({ table, kind, count }) => ({ table, kind, rows: count }));
  }
}

// One transaction while its events come in: gathers changes and what is loud until the group is whole. Never reads an
// event and never decides where the group ends.
import type { TransactionHead } from './gtid-event.ts';
import type { EventPlace } from './raw-event.ts';
import type { TableMap } from './table-map.ts';
import type { Change, Transaction, Undecoded } from './transaction.ts';

const NO_HEAD: TransactionHead = {
  gtid: null,
  committedAt: null,
  originallyCommittedAt: null,
  standalone: false,
  xa: null,
};

/** A table map of the group, or why it can't be read. */
export type GroupTable = TableMap | { unreadable: string };

export class TransactionGroup {
  readonly head: TransactionHead;
  readonly start: EventPlace;
  readonly serverId: number;
  /** Not to be given out (its GTID is skipped): its rows are not read. */
  readonly skipped: boolean;
  /** A BEGIN (or what stands for it) was seen: the group ends at a commit event, not at its first statement. */
  begun: boolean;
  readonly tables = new Map<number, GroupTable>();
  readonly changes: Change[] = [];
  readonly undecoded: Undecoded[] = [];
  bytes = 0;

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
  }

  loud(reason: Undecoded['reason'], detail: string, place: EventPlace, schema?: string): void {
    const { file, position } = place;
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
  finish(end: EventPlace, endTimestamp: number, ownServerId: number): Transaction {
    const { gtid, committedAt } = this.head;
    return {
      id: gtid ?? `${this.start.file}:${this.start.position}`,
      gtid,
      start: this.start,
      end,
      serverId: this.serverId,
      origin: this.serverId === ownServerId ? 'own' : 'replicated',
      committedAt: committedAt ?? endTimestamp * 1_000_000,
      changes: this.changes,
      undecoded: this.undecoded,
      bytes: this.bytes,
    };
  }
}

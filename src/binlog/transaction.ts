// What the decoder gives to everybody else: transactions of decoded rows. Types only.
import type { EventPlace } from './raw-event.ts';
import type { TableMap } from './table-map.ts';

/** Some of a row's columns, as bytes of the log. A column that is not `present` was not logged: absent is not NULL. */
export interface RowImage {
  /**
   * Holds this image's stored values, one after another, without its null bitmap. A slice of the log's block: copy
   * what is to be kept.
   */
  bytes: Buffer;
  /**
   * For column i of the table: offset of its value in `bytes` (its length prefix first, where its type has one), or
   * NULL_VALUE, or ABSENT_VALUE. One entry more than columns: the last is the end of the image.
   */
  offsets: Int32Array;
}

export const NULL_VALUE = -1;
export const ABSENT_VALUE = -2;

/**
 * One row's insert, update or delete. `before` and `after` split their image when first asked for: they are getters,
 * so a spread copy (`{...change}`) has neither.
 */
export interface Change {
  readonly kind: 'insert' | 'update' | 'delete';
  readonly table: TableMap;
  readonly before: RowImage | null;
  readonly after: RowImage | null;
  /** The rows event's own flags (STMT_END 1, NO_FOREIGN_KEY_CHECKS 2, RELAXED_UNIQUE_CHECKS 4, COMPLETE_ROWS 8, 0x10 …). */
  readonly flags: number;
  /** Where its rows event starts (in a compressed transaction: where the payload event starts). */
  readonly place: EventPlace;
}

/** Something in a transaction that was read but can't be replayed as rows: a statement, DDL, an unknown event. */
export interface Undecoded extends EventPlace {
  reason:
    | 'statement'
    | 'ddl'
    | 'unknown-event'
    | 'partial-json'
    | 'xa'
    | 'incident'
    | 'encrypted'
    | 'not-read';
  /** For a person: the statement, or the event type and why it is not read. */
  detail: string;
  /** For DDL and statements: the default schema, so that the tables it names can be told. */
  schema?: string;
}

/** The GTID as the flavour writes it: `uuid:7`, `uuid:tag:7`, or MariaDB's `0-1-7`. */
export interface Transaction {
  /** Its GTID, or `file:position` of its first event where there is none. */
  id: string;
  gtid: string | null;
  /** First byte of its first event, first byte after its last. */
  start: EventPlace;
  end: EventPlace;
  /** server_id of the server that first wrote it. */
  serverId: number;
  /** `replicated` where serverId is not the log's own (the format description's): not divergence. */
  origin: 'own' | 'replicated';
  /** Commit time in microseconds since 1970 (MariaDB and anonymous: seconds × 1e6), from the log. */
  committedAt: number;
  changes: Change[];
  /**
   * Only where images were completed (MINIMAL, NOBLOB): the digest of the transaction as the log has it, by which it is
   * known again whatever its rows were completed from.
   */
  loggedDigest?: string;
  undecoded: Undecoded[];
  bytes: number;
  /**
   * Only where ReaderOptions.partBytes asks for it: some changes of a transaction whose end has not been read. More of
   * it follows with the same `start`; the last of it has no such mark, and the rest of the changes.
   */
  part?: boolean;
}

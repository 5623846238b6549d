// Puts events together to transactions: knows where one begins and ends on both flavours, and what in it is loud. Reads
// no source and keeps no account of bytes; what it can't make sense of is a DecodeFault.

import { ReconcileError } from '../reconcile-error.ts';
import type { Account } from './account.ts';
import { ByteCursor, DecodeFault, NotReadFault } from './byte-cursor.ts';
import * as E from './event-type.ts';
import type { FormatDescription } from './format-description.ts';
import { readGtid, readMariadbGtid, readTaggedGtid, type TransactionHead } from './gtid-event.ts';
import { maskSecrets } from './mask-secrets.ts';
import { type LoggedStatement, readQuery } from './query-event.ts';
import {
  CHECKSUM_LENGTH,
  type EventPlace,
  flagsOf,
  HEADER_LENGTH,
  lengthOf,
  serverIdOf,
  timestampOf,
  typeOf,
} from './raw-event.ts';
import { StatementTables } from './statement-tables.ts';
import type { Transaction } from './transaction.ts';
import { type LoggedTransaction, TransactionGroup } from './transaction-group.ts';
import { eventsOfPayload, isLarge, type Payload, readPayload } from './transaction-payload.ts';

export interface ReaderOptions {
  /** Transactions with such a GTID are counted as skipped and not given out; their rows are not decoded. */
  skipGtid?: (gtid: string) => boolean;
  /** Microseconds since 1970: reading stops at the first transaction committed then or later. */
  stopDatetime?: number;
  /**
   * Transactions with more bytes of rows (or statements) are given out in parts, so that memory does not grow with one. A part comes
   * before its transaction's end is known: what the log ends in the middle of was never committed.
   */
  partBytes?: number;
}

export class TransactionAssembler {
  /** The transaction whose end has not been seen. */
  group: TransactionGroup | null = null;
  /** Whole, in the order of the log; whoever takes them empties the list. */
  ready: Transaction[] = [];
  /** Where the stop time was reached. */
  stopped: EventPlace | null = null;
  /** The transaction that the event at hand has ended: it gets that event's bytes too. */
  finished: LoggedTransaction | null = null;
  /** Where the event at hand ends. */
  end = 0;
  /** The event at hand is a compressed transaction too large for one piece: whoever reads on gives it to takeInner(). */
  largePayload: Payload | null = null;
  private readonly account: Account;
  private readonly options: ReaderOptions;
  private readonly partBytes: number;
  private readonly tables = new StatementTables();
  private format: FormatDescription | null = null;
  private seenGroup = false;

  constructor(account: Account, options: ReaderOptions) {
    this.account = account;
    this.options = options;
    this.partBytes = options.partBytes ?? Number.POSITIVE_INFINITY;
  }

  /** A file begins: what stood open in the one before it is the caller's to judge. */
  useFormat(format: FormatDescription): void {
    this.format = format;
    this.tables.forget();
  }

  /** Takes one event; `cursor` covers its body without the checksum. */
  take(bytes: Buffer, cursor: ByteCursor, place: EventPlace): void {
    const type = typeOf(bytes);
    switch (type) {
      case E.TABLE_MAP:
        this.tableMap(cursor, place);
        return;
      case E.WRITE_ROWS:
      case E.UPDATE_ROWS:
      case E.DELETE_ROWS:
      case E.WRITE_ROWS_V1:
      case E.UPDATE_ROWS_V1:
      case E.DELETE_ROWS_V1:
      case E.PARTIAL_UPDATE_ROWS:
      case E.MARIADB_WRITE_ROWS_COMPRESSED:
      case E.MARIADB_UPDATE_ROWS_COMPRESSED:
      case E.MARIADB_DELETE_ROWS_COMPRESSED:
        this.rows(type, bytes, cursor, place);
        return;
      case E.XID:
        this.commit(this.openGroup(place, 'a commit'), bytes, place);
        return;
      case E.GTID:
        this.begin(readGtid(cursor, false), bytes, place);
        return;
      case E.ANONYMOUS_GTID:
        this.begin(readGtid(cursor, true), bytes, place);
        return;
      case E.GTID_TAGGED:
        this.begin(readTaggedGtid(cursor), bytes, place);
        return;
      case E.MARIADB_GTID:
        this.begin(readMariadbGtid(cursor, serverIdOf(bytes)), bytes, place);
        return;
      case E.QUERY:
      case E.MARIADB_QUERY_COMPRESSED:
        this.query(type === E.MARIADB_QUERY_COMPRESSED, 0, bytes, cursor, place);
        return;
      case E.EXECUTE_LOAD_QUERY:
        this.query(false, 13, bytes, cursor, place);
        return;
      case E.TRANSACTION_PAYLOAD:
        this.payload(bytes, cursor, place);
        return;
      case E.XA_PREPARE:
        this.xaPrepare(bytes, cursor, place);
        return;
      case E.INCIDENT:
        this.incident(bytes, cursor, place);
        return;
      case E.INTVAR:
      case E.RAND:
      case E.USER_VAR:
      case E.BEGIN_LOAD_QUERY:
      case E.APPEND_BLOCK:
        // Parts of a statement, which becomes loud itself.
        this.anyGroup(bytes, place);
        return;
      case E.FORMAT_DESCRIPTION:
      case E.ROTATE:
      case E.STOP:
      case E.PREVIOUS_GTIDS:
      case E.MARIADB_GTID_LIST:
      case E.MARIADB_BINLOG_CHECKPOINT:
        if (this.group !== null)
          throw new DecodeFault(`the transaction at ${at(this.group.start)} has no end`);
        return;
      case E.ROWS_QUERY:
      case E.MARIADB_ANNOTATE_ROWS:
      case E.TRANSACTION_CONTEXT:
      case E.VIEW_CHANGE:
      case E.HEARTBEAT:
      case E.HEARTBEAT_V2:
      case E.IGNORABLE:
        return;
      default:
        this.unknown(type, bytes, place);
        return;
    }
  }

  private begin(head: TransactionHead, bytes: Buffer, place: EventPlace): void {
    if (this.group !== null) {
      throw new DecodeFault(
        `the transaction at ${at(this.group.start)} has no end before the next one begins`,
      );
    }
    const { stopDatetime, skipGtid } = this.options;
    if (stopDatetime !== undefined && head.committedAt !== null && head.committedAt >= stopDatetime) {
      this.stopped = { file: place.file, position: place.position };
      return;
    }
    const skipped = head.gtid !== null && skipGtid?.(head.gtid) === true;
    const mariadb = typeOf(bytes) === E.MARIADB_GTID;
    this.group = new TransactionGroup(place, serverIdOf(bytes), head, skipped, mariadb && !head.standalone);
    this.seenGroup = true;
    if (head.xa === 'complete') this.group.begun = false;
  }

  /** The group that is open, or a new one: in a log without GTIDs a statement opens its own. */
  private anyGroup(bytes: Buffer, place: EventPlace): TransactionGroup {
    if (this.group === null) {
      this.group = new TransactionGroup(place, serverIdOf(bytes), null, false, false);
      this.seenGroup = true;
    }
    return this.group;
  }

  private openGroup(place: EventPlace, what: string): TransactionGroup {
    if (this.group !== null) return this.group;
    if (this.seenGroup) throw new DecodeFault(`${what} outside of a transaction`);
    throw new ReconcileError('input', `${at(place)} is in the middle of a transaction`, {
      hint: 'Take the coordinates from the failover record, or from the output of mysqlbinlog.',
    });
  }

  private commit(group: TransactionGroup, bytes: Buffer, place: EventPlace): void {
    const end = { file: place.file, position: this.end };
    const transaction = group.finish(end, timestampOf(bytes), this.format!.serverId);
    this.group = null;
    this.tables.endStatement();
    this.finished = transaction;
    if (group.skipped) {
      this.account.transactions.skipped += 1;
      return;
    }
    this.account.transactions[transaction.origin] += 1;
    this.account.changes += group.given.changes + transaction.changeCount;
    this.account.undecoded += group.given.undecoded + transaction.undecoded.length;
    this.ready.push(transaction);
  }

  private tableMap(cursor: ByteCursor, place: EventPlace): void {
    const group = this.openGroup(place, 'a table map');
    if (!group.skipped) this.tables.add(cursor, this.format!);
  }

  private rows(type: number, bytes: Buffer, cursor: ByteCursor, place: EventPlace): void {
    const group = this.openGroup(place, 'rows');
    if (group.skipped) return;
    const ended = this.tables.readRows(type, cursor, this.format!, group, place);
    if (ended && group.head.standalone) this.commit(group, bytes, place);
    else this.givePart(group, place);
  }

  private query(
    compressed: boolean,
    extra: number,
    bytes: Buffer,
    cursor: ByteCursor,
    place: EventPlace,
  ): void {
    let query: LoggedStatement;
    try {
      query = readQuery(cursor, compressed, extra);
    } catch (fault) {
      if (!(fault instanceof NotReadFault)) throw fault;
      // Compressed by a way that we do not know. BEGIN and COMMIT are too short to be compressed: it is a statement.
      const group = this.anyGroup(bytes, place);
      group.loud('not-read', `a compressed statement: ${fault.message}`, place);
      if (!group.begun) this.commit(group, bytes, place);
      return;
    }
    const { kind, schema, sql } = query;
    if (kind === 'begin' || kind === 'xa-start') {
      const group = this.anyGroup(bytes, place);
      if (group.begun && !group.isEmpty) {
        throw new DecodeFault(`BEGIN inside the transaction at ${at(group.start)}`);
      }
      group.begun = true;
      return;
    }
    const group =
      kind === 'commit' || kind === 'rollback' ? this.openGroup(place, sql) : this.anyGroup(bytes, place);
    switch (kind) {
      case 'commit':
        this.commit(group, bytes, place);
        return;
      case 'rollback':
        if (group.hasRows) {
          group.loud(
            'statement',
            'ROLLBACK: only its rows of non-transactional tables are in the database',
            place,
          );
        }
        this.commit(group, bytes, place);
        return;
      case 'savepoint-rollback':
        group.loud('statement', maskSecrets(sql), place, schema);
        break;
      case 'ddl':
      case 'statement':
        group.loud(kind, maskSecrets(sql), place, schema);
        break;
      case 'xa-prepare':
      case 'xa-complete':
        group.loud('xa', sql, place, schema);
        this.commit(group, bytes, place);
        return;
    }
    // Outside of BEGIN a statement is its own transaction.
    if (!group.begun) this.commit(group, bytes, place);
    else this.givePart(group, place);
  }

  private givePart(group: TransactionGroup, place: EventPlace): void {
    if (group.heldBytes <= this.partBytes) return;
    this.ready.push(group.takePart({ file: place.file, position: this.end }, this.format!.serverId));
  }

  private payload(bytes: Buffer, cursor: ByteCursor, place: EventPlace): void {
    const group = this.openGroup(place, 'a transaction payload');
    if (group.skipped) {
      this.commit(group, bytes, place);
      return;
    }
    let payload: Payload;
    try {
      const checksum = this.format!.checksum ? CHECKSUM_LENGTH : 0;
      payload = readPayload(cursor, lengthOf(bytes) - checksum - cursor.position);
    } catch (fault) {
      if (!(fault instanceof NotReadFault)) throw fault;
      group.loud('not-read', `a compressed transaction: ${fault.message}`, place);
      this.commit(group, bytes, place);
      return;
    }
    if (isLarge(payload)) this.largePayload = payload;
    else this.takeInner(eventsOfPayload(bytes, payload), place);
  }

  /** Events of a compressed transaction; `place` is where that stands. */
  takeInner(events: readonly Buffer[], place: EventPlace): void {
    const { group } = this;
    for (const event of events) {
      if (group === null || this.group !== group)
        throw new DecodeFault('events behind the commit inside a transaction payload');
      this.account.countCompressed(event);
      this.take(event, new ByteCursor(event, HEADER_LENGTH), place);
    }
  }

  private xaPrepare(bytes: Buffer, cursor: ByteCursor, place: EventPlace): void {
    const group = this.openGroup(place, 'XA PREPARE');
    // ONE PHASE is a commit; a prepared group's fate stands further down in the log, or nowhere.
    const onePhase = cursor.uint8() !== 0;
    if (!onePhase)
      group.loud('xa', 'XA PREPARE: committed or rolled back by a later XA COMMIT or ROLLBACK', place);
    this.commit(group, bytes, place);
  }

  private incident(bytes: Buffer, cursor: ByteCursor, place: EventPlace): void {
    const number = cursor.uint16();
    const text = cursor.left > 0 ? cursor.utf8(Math.min(cursor.uint8(), cursor.left)) : '';
    const group = this.anyGroup(bytes, place);
    group.loud(
      'incident',
      `the server lost events here (incident ${number}${text === '' ? '' : `: ${text}`})`,
      place,
    );
    this.commit(group, bytes, place);
  }

  private unknown(type: number, bytes: Buffer, place: EventPlace): void {
    if ((flagsOf(bytes) & E.FLAG_IGNORABLE) !== 0) return;
    const outside = this.group === null;
    const group = this.anyGroup(bytes, place);
    group.loud('unknown-event', `event type ${type} (${E.eventTypeName(type)}) is not known`, place);
    if (outside) this.commit(group, bytes, place);
  }
}

function at(place: EventPlace): string {
  return `${place.file}:${place.position}`;
}

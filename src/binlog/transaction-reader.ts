// Raw events to transactions: knows where a transaction begins and ends on both flavours, and keeps the account. An
// event that is not read becomes loud in its transaction; bytes that contradict themselves end the reading.
import { ReconcileError } from '../reconcile-error.ts';
import { Account } from './account.ts';
import { ByteCursor, DecodeFault, NotReadFault } from './byte-cursor.ts';
import * as E from './event-type.ts';
import { type FormatDescription, parseFormatDescription } from './format-description.ts';
import { readGtid, readMariadbGtid, readTaggedGtid, type TransactionHead } from './gtid-event.ts';
import { readQuery } from './query-event.ts';
import {
  CHECKSUM_LENGTH,
  type EventPlace,
  type EventSource,
  flagsOf,
  HEADER_LENGTH,
  type RawEvent,
  serverIdOf,
  timestampOf,
  typeOf,
} from './raw-event.ts';
import { isDummy, LoggedRows, readRowsHeader } from './rows-event.ts';
import { parseTableMap, type TableMap } from './table-map.ts';
import type { Transaction } from './transaction.ts';
import { type GroupTable, type LoggedTransaction, TransactionGroup } from './transaction-group.ts';
import { eventsOfPayload } from './transaction-payload.ts';

export interface ReaderOptions {
  /** Transactions with such a GTID are counted as skipped and not given out; their rows are not decoded. */
  skipGtid?: (gtid: string) => boolean;
  /** Microseconds since 1970: reading stops at the first transaction committed then or later. */
  stopDatetime?: number;
}

export interface TransactionReading {
  transactions(): AsyncGenerator<Transaction>;
  /** The same in batches, an await for many transactions: the faster way. Use one of the two. */
  batches(): AsyncGenerator<Transaction[]>;
  /** Complete once the iteration has ended. */
  readonly account: Account;
  /** The newest file's format description: flavour, version and server id of the server that wrote the log. */
  readonly format: FormatDescription | null;
}

export function readTransactions(source: EventSource, options: ReaderOptions = {}): TransactionReading {
  return new TransactionReader(source, options);
}

const STMT_END = 1;

class TransactionReader implements TransactionReading {
  readonly account = new Account();
  private readonly source: EventSource;
  private readonly options: ReaderOptions;
  format: FormatDescription | null = null;
  private group: TransactionGroup | null = null;
  /** Tables by id as last seen: the same table's map stands in the log again and again. */
  // Tables of the statement at hand.
  private readonly tables = new Map<number, GroupTable>();
  private readonly knownTables = new Map<number, TableMap>();
  private ready: Transaction[] = [];
  private stopped: EventPlace | null = null;
  /** Where the event at hand ends. */
  private end = 0;
  private seenGroup = false;
  /** The transaction that the event at hand has ended: it gets that event's bytes too. */
  private finished: LoggedTransaction | null = null;

  constructor(source: EventSource, options: ReaderOptions) {
    this.source = source;
    this.options = options;
  }

  async *transactions(): AsyncGenerator<Transaction> {
    for await (const batch of this.batches()) yield* batch;
  }

  async *batches(): AsyncGenerator<Transaction[]> {
    try {
      for await (const events of this.source.batches()) {
        for (const event of events) {
          this.read(event);
          if (this.stopped !== null) break;
        }
        if (this.ready.length > 0) {
          const ready = this.ready;
          this.ready = [];
          yield ready;
        }
        if (this.stopped !== null) break;
      }
      this.finish();
    } finally {
      await this.source.close();
    }
  }

  private read(event: RawEvent): void {
    const { bytes } = event;
    try {
      if (typeOf(bytes) === E.FORMAT_DESCRIPTION) this.readFormat(event);
      else if (this.format === null) throw new DecodeFault('events before the format description');
      if (event.context === true) return;
      this.end = event.position + bytes.length;
      const end = this.format!.checksum ? bytes.length - CHECKSUM_LENGTH : bytes.length;
      if (this.stopsAt(event)) return;
      this.dispatch(bytes, new ByteCursor(bytes, HEADER_LENGTH, end), event);
      if (this.stopped !== null) return;
      this.account.count(event);
      if (this.finished !== null) this.finished.bytes += bytes.length;
      else if (this.group !== null) this.group.bytes += bytes.length;
      this.finished = null;
    } catch (fault) {
      throw this.placed(fault, event);
    }
  }

  /** In a log without commit times in its GTIDs, the header's seconds of what opens a group must do. */
  private stopsAt(event: RawEvent): boolean {
    const { stopDatetime } = this.options;
    if (stopDatetime === undefined || this.group !== null || this.stopped !== null)
      return this.stopped !== null;
    if (!opensGroup(typeOf(event.bytes)) || timestampOf(event.bytes) * 1_000_000 < stopDatetime) return false;
    this.stopped = { file: event.file, position: event.position };
    return true;
  }

  private placed(fault: unknown, place: EventPlace): unknown {
    if (!(fault instanceof DecodeFault) && !(fault instanceof RangeError)) return fault;
    return new ReconcileError('corrupt', `${place.file} position ${place.position}: ${fault.message}`, {
      hint: 'Copy the file again from the server or a backup, or read it live with --failed.',
      cause: fault,
    });
  }

  private readFormat(event: RawEvent): void {
    const format = parseFormatDescription(event.bytes);
    // A server that starts anew writes `created`: what stood open in the file before it was never committed.
    if (this.group !== null && event.context !== true) {
      if (format.created === 0)
        throw new DecodeFault(`the transaction at ${at(this.group.start)} has no end`);
      this.tearGroup('the server was killed before it wrote the commit');
    }
    this.format = format;
    this.knownTables.clear();
  }

  private dispatch(bytes: Buffer, cursor: ByteCursor, place: EventPlace): void {
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
    this.tables.clear();
    this.finished = transaction;
    if (group.skipped) {
      this.account.transactions.skipped += 1;
      return;
    }
    this.account.transactions[transaction.origin] += 1;
    this.account.changes += transaction.changeCount;
    this.account.undecoded += transaction.undecoded.length;
    this.ready.push(transaction);
  }

  private tableMap(cursor: ByteCursor, place: EventPlace): void {
    const group = this.openGroup(place, 'a table map');
    if (group.skipped) return;
    const idLength = this.format!.postHeaderLength(E.TABLE_MAP) === 6 ? 4 : 6;
    const { bytes, position, end } = cursor;
    const tableId = cursor.uint(idLength);
    const known = this.knownTables.get(tableId);
    if (known !== undefined && known.body.compare(bytes, position, end) === 0) {
      this.tables.set(tableId, known);
      return;
    }
    try {
      const table = parseTableMap(bytes.subarray(position, end), this.format!.flavor, idLength);
      this.knownTables.set(tableId, table);
      this.tables.set(tableId, table);
    } catch (fault) {
      if (!(fault instanceof NotReadFault)) throw fault;
      this.tables.set(tableId, { unreadable: fault.message });
    }
  }

  private rows(type: number, bytes: Buffer, cursor: ByteCursor, place: EventPlace): void {
    const group = this.openGroup(place, 'rows');
    if (group.skipped) return;
    const header = readRowsHeader(type, cursor, this.format!.postHeaderLength(type) === 6 ? 4 : 6);
    const table = this.tables.get(header.tableId);
    if (table === undefined) {
      if (!isDummy(header))
        throw new DecodeFault(`rows of table ${header.tableId}, which no table map names`);
    } else if ('unreadable' in table) {
      group.loudOnce('not-read', `rows that can't be read: ${table.unreadable}`, place);
    } else if (type === E.PARTIAL_UPDATE_ROWS) {
      const name = `${table.schema}.${table.table}`;
      group.loudOnce(
        'partial-json',
        `updates of ${name} logged with binlog_row_value_options=PARTIAL_JSON`,
        place,
      );
    } else {
      try {
        group.rows.push(new LoggedRows(header, table, { file: place.file, position: place.position }));
      } catch (fault) {
        if (!(fault instanceof NotReadFault)) throw fault;
        group.loudOnce('not-read', `rows of ${table.schema}.${table.table}: ${fault.message}`, place);
      }
    }
    if ((header.flags & STMT_END) === 0) return;
    this.tables.clear();
    if (group.head.standalone) this.commit(group, bytes, place);
  }

  private query(
    compressed: boolean,
    extra: number,
    bytes: Buffer,
    cursor: ByteCursor,
    place: EventPlace,
  ): void {
    const { kind, schema, sql } = readQuery(cursor, compressed, extra);
    if (kind === 'begin' || kind === 'xa-start') {
      if (this.group?.begun === true)
        throw new DecodeFault(`BEGIN inside the transaction at ${at(this.group.start)}`);
      this.anyGroup(bytes, place).begun = true;
      return;
    }
    const group =
      kind === 'commit' || kind === 'rollback' ? this.openGroup(place, sql) : this.anyGroup(bytes, place);
    switch (kind) {
      case 'commit':
        this.commit(group, bytes, place);
        return;
      case 'rollback':
        if (group.rows.length > 0) {
          group.loud(
            'statement',
            'ROLLBACK: only its rows of non-transactional tables are in the database',
            place,
          );
        }
        this.commit(group, bytes, place);
        return;
      case 'savepoint-rollback':
        group.loud('statement', sql, place, schema);
        break;
      case 'ddl':
      case 'statement':
        group.loud(kind, sql, place, schema);
        break;
      case 'xa-prepare':
      case 'xa-complete':
        group.loud('xa', sql, place, schema);
        this.commit(group, bytes, place);
        return;
    }
    // Outside of BEGIN a statement is its own transaction.
    if (!group.begun) this.commit(group, bytes, place);
  }

  private payload(bytes: Buffer, cursor: ByteCursor, place: EventPlace): void {
    const group = this.openGroup(place, 'a transaction payload');
    if (group.skipped) {
      this.commit(group, bytes, place);
      return;
    }
    let events: Buffer[];
    try {
      events = eventsOfPayload(cursor);
    } catch (fault) {
      if (!(fault instanceof NotReadFault)) throw fault;
      group.loud('not-read', `a compressed transaction: ${fault.message}`, place);
      this.commit(group, bytes, place);
      return;
    }
    for (const event of events) {
      if (this.group !== group)
        throw new DecodeFault('events behind the commit inside a transaction payload');
      this.account.countCompressed(event);
      this.dispatch(event, new ByteCursor(event, HEADER_LENGTH), place);
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

  private tearGroup(reason: string): void {
    const { start } = this.group!;
    this.account.tear({ ...start, bytes: this.group!.bytes, reason });
    this.group = null;
  }

  private finish(): void {
    if (this.group !== null) this.tearGroup('the log ends before the commit');
    for (const notice of this.source.notices) this.tearNotice(notice);
    this.account.finish(this.source.extents, this.source.notices, this.stopped);
  }

  /** A torn event at the end of a torn transaction is one torn tail. */
  private tearNotice(notice: EventPlace & { bytes: number; reason: string }): void {
    const { file, position, bytes, reason } = notice;
    const open = this.account.tornTails.find(
      (tail) => tail.file === file && tail.position + tail.bytes === position,
    );
    if (open === undefined) {
      this.account.tear({ file, position, bytes, reason });
      return;
    }
    open.bytes += bytes;
    open.reason = reason;
  }
}

function opensGroup(type: number): boolean {
  return type === E.MARIADB_GTID || type === E.ANONYMOUS_GTID || type === E.QUERY || type === E.INTVAR;
}

function at(place: EventPlace): string {
  return `${place.file}:${place.position}`;
}

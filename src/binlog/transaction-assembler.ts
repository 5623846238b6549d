// Puts events together to transactions: knows what each type of event is for, and which is loud. Reads no source and keeps
// no account of bytes; what it can't make sense of is a DecodeFault.

import type { Account } from './account.ts';
import { ByteCursor, DecodeFault, NotReadFault } from './byte-cursor.ts';
import * as E from './event-type.ts';
import type { FormatDescription } from './format-description.ts';
import { readHead } from './gtid-event.ts';
import { type LoggedStatement, readQuery } from './query-event.ts';
import {
  CHECKSUM_LENGTH,
  type EventPlace,
  flagsOf,
  HEADER_LENGTH,
  lengthOf,
  serverIdOf,
  typeOf,
} from './raw-event.ts';
import { StatementTables } from './statement-tables.ts';
import type { TransactionBorders } from './transaction-borders.ts';
import { eventsOfPayload, isLarge, type Payload, readPayload } from './transaction-payload.ts';
import { takeStatement, takeUnreadStatement } from './transaction-statements.ts';
import { readXaPrepare } from './xa-id.ts';

export class TransactionAssembler {
  /** The event at hand is a compressed transaction too large for one piece: whoever reads on gives it to takeInner(). */
  largePayload: Payload | null = null;
  private readonly account: Account;
  private readonly borders: TransactionBorders;
  private readonly tables = new StatementTables();
  private format: FormatDescription | null = null;

  constructor(account: Account, borders: TransactionBorders) {
    this.account = account;
    this.borders = borders;
  }

  /** A file begins: what stood open in the one before it is the caller's to judge. */
  useFormat(format: FormatDescription): void {
    this.format = format;
    this.borders.ownServerId = format.serverId;
    this.tables.forget();
  }

  /** Takes one event; `cursor` covers its body without the checksum. */
  take(bytes: Buffer, cursor: ByteCursor, place: EventPlace): void {
    this.dispatch(typeOf(bytes), bytes, cursor, place);
    // A table map holds for its statement, and no longer than its transaction.
    if (this.borders.finished !== null) this.tables.endStatement();
  }

  private dispatch(type: number, bytes: Buffer, cursor: ByteCursor, place: EventPlace): void {
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
        this.borders.commit(this.borders.openGroup(place, 'a commit'), bytes, place);
        return;
      case E.GTID:
      case E.ANONYMOUS_GTID:
      case E.GTID_TAGGED:
      case E.MARIADB_GTID:
        this.begin(type, bytes, cursor, place);
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
        this.borders.anyGroup(bytes, place);
        return;
      case E.FORMAT_DESCRIPTION:
      case E.ROTATE:
      case E.STOP:
      case E.PREVIOUS_GTIDS:
      case E.MARIADB_GTID_LIST:
      case E.MARIADB_BINLOG_CHECKPOINT:
        this.borders.between();
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

  private begin(type: number, bytes: Buffer, cursor: ByteCursor, place: EventPlace): void {
    const head = readHead(type, cursor, serverIdOf(bytes));
    // MariaDB writes no BEGIN; its DDL, and the XA COMMIT of a prepared group, have no commit event either.
    const begun = type === E.MARIADB_GTID && !head.standalone && head.xa !== 'complete';
    this.borders.begin(head, begun, bytes, place);
  }

  private tableMap(cursor: ByteCursor, place: EventPlace): void {
    const group = this.borders.openGroup(place, 'a table map');
    if (!group.skipped) this.tables.add(cursor, this.format!);
  }

  private rows(type: number, bytes: Buffer, cursor: ByteCursor, place: EventPlace): void {
    const group = this.borders.openGroup(place, 'rows');
    if (group.skipped) return;
    const ended = this.tables.readRows(type, cursor, this.format!, group, place);
    if (ended && group.head.standalone) this.borders.commit(group, bytes, place);
    else this.borders.givePart(group, place);
  }

  private query(
    compressed: boolean,
    extra: number,
    bytes: Buffer,
    cursor: ByteCursor,
    place: EventPlace,
  ): void {
    let statement: LoggedStatement;
    try {
      statement = readQuery(cursor, compressed, extra);
    } catch (fault) {
      if (!(fault instanceof NotReadFault)) throw fault;
      // Compressed by a way that we do not know. BEGIN and COMMIT are too short to be compressed: it is a statement.
      takeUnreadStatement(this.borders, `a compressed statement: ${fault.message}`, bytes, place);
      return;
    }
    takeStatement(this.borders, statement, bytes, place);
  }

  private payload(bytes: Buffer, cursor: ByteCursor, place: EventPlace): void {
    const group = this.borders.openGroup(place, 'a transaction payload');
    if (group.skipped) {
      this.borders.commit(group, bytes, place);
      return;
    }
    let payload: Payload;
    try {
      const checksum = this.format!.checksum ? CHECKSUM_LENGTH : 0;
      payload = readPayload(cursor, lengthOf(bytes) - checksum - cursor.position);
    } catch (fault) {
      if (!(fault instanceof NotReadFault)) throw fault;
      group.loud('not-read', `a compressed transaction: ${fault.message}`, place);
      this.borders.commit(group, bytes, place);
      return;
    }
    if (isLarge(payload)) this.largePayload = payload;
    else this.takeInner(eventsOfPayload(bytes, payload), place);
  }

  /** Events of a compressed transaction; `place` is where that stands. */
  takeInner(events: readonly Buffer[], place: EventPlace): void {
    const { group } = this.borders;
    for (const event of events) {
      if (group === null || this.borders.group !== group)
        throw new DecodeFault('events behind the commit inside a transaction payload');
      this.account.countCompressed(event);
      this.take(event, new ByteCursor(event, HEADER_LENGTH), place);
    }
  }

  private xaPrepare(bytes: Buffer, cursor: ByteCursor, place: EventPlace): void {
    const group = this.borders.openGroup(place, 'XA PREPARE');
    const { onePhase, xid } = readXaPrepare(cursor);
    if (onePhase) this.borders.commit(group, bytes, place);
    else this.borders.prepare(group, xid, bytes, place);
  }

  private incident(bytes: Buffer, cursor: ByteCursor, place: EventPlace): void {
    const number = cursor.uint16();
    const text = cursor.left > 0 ? cursor.utf8(Math.min(cursor.uint8(), cursor.left)) : '';
    const group = this.borders.anyGroup(bytes, place);
    group.loud(
      'incident',
      `the server lost events here (incident ${number}${text === '' ? '' : `: ${text}`})`,
      place,
    );
    this.borders.commit(group, bytes, place);
  }

  private unknown(type: number, bytes: Buffer, place: EventPlace): void {
    if ((flagsOf(bytes) & E.FLAG_IGNORABLE) !== 0) return;
    const outside = this.borders.group === null;
    const group = this.borders.anyGroup(bytes, place);
    group.loud('unknown-event', `event type ${type} (${E.eventTypeName(type)}) is not known`, place);
    if (outside) this.borders.commit(group, bytes, place);
  }
}

// Builds the events that a `BINLOG '…'` statement takes: a format description, table maps and rows events. Bytes in,
// bytes out: the rows are those of the log. Never connects and never writes SQL.
import { crc32 } from 'node:zlib';
import { ReconcileError } from '../reconcile-error.ts';
import * as E from './event-type.ts';
import { CHECKSUM_LENGTH, HEADER_LENGTH } from './raw-event.ts';
import type { TableMap } from './table-map.ts';
import { ABSENT_VALUE, type Change, NULL_VALUE, type RowImage } from './transaction.ts';

export type Flavor = 'mysql' | 'mariadb';

export interface RowEventsOptions {
  flavor: Flavor;
  table: TableMap;
  /** Stands in the table map and the rows events; any number below 2^48 but 0xffffff. */
  tableId: number;
  changes: readonly Change[];
  /** A rows event is ended before it gets longer; a single row may still be. */
  maxBytes: number;
  /** Which of the changes' own flags the new events carry (NO_FOREIGN_KEY_CHECKS 2, RELAXED_UNIQUE_CHECKS 4 …). */
  flagsMask?: number;
  /** Seconds since 1970 for the headers: what NOW() would be while they are applied. */
  timestamp?: number;
  serverId?: number;
}

const STMT_END = 1;
const COMPLETE_ROWS = 8;
const DEFAULT_FLAGS_MASK = 0xffff & ~STMT_END;

/** The event that a BINLOG statement must have seen first on its session; says that no event has a checksum. */
export function formatDescriptionEvent(flavor: Flavor, serverVersion: string, serverId = 1): Buffer {
  const lengths = flavor === 'mysql' ? mysqlPostHeaders() : mariadbPostHeaders();
  const body = Buffer.alloc(2 + 50 + 4 + 1);
  body.writeUInt16LE(4, 0);
  body.write(serverVersion.slice(0, 49), 2, 'latin1');
  body[56] = HEADER_LENGTH;
  // The checksum algorithm (0: none), and this one event's checksum all the same.
  const tail = Buffer.alloc(1 + CHECKSUM_LENGTH);
  const event = makeEvent(E.FORMAT_DESCRIPTION, 0, serverId, [body, lengths, tail]);
  event.writeUInt32LE(
    crc32(event.subarray(0, event.length - CHECKSUM_LENGTH)),
    event.length - CHECKSUM_LENGTH,
  );
  return event;
}

/**
 * One table map, then rows events in the changes' order; the last one ends the statement. All changes must be of
 * `table`. Consecutive changes of one kind, with the same flags and the same columns, share an event.
 */
export function rowEvents(options: RowEventsOptions): Buffer[] {
  const { flavor, table, tableId, changes, maxBytes } = options;
  const { timestamp = 0, serverId = 1, flagsMask = DEFAULT_FLAGS_MASK } = options;
  if (changes.length === 0) return [];
  const mapBody = Buffer.from(table.body);
  mapBody.writeUIntLE(tableId, 0, 6);
  const events = [makeEvent(E.TABLE_MAP, timestamp, serverId, [mapBody])];
  for (let at = 0; at < changes.length; ) {
    const first = changes[at]!;
    const shape = shapeOf(first, table);
    const rows: Buffer[] = [];
    let bytes = HEADER_LENGTH + 10 + 9 + shape.bitmaps.length;
    let next = at;
    for (; next < changes.length; next++) {
      const change = changes[next]!;
      if (
        next > at &&
        !(sameEvent(first, change, flagsMask) && shape.bitmaps.equals(shapeOf(change, table).bitmaps))
      )
        break;
      const row = rowBytes(change);
      const length = row.reduce((sum, part) => sum + part.length, 0);
      if (next > at && bytes + length > maxBytes) break;
      rows.push(...row);
      bytes += length;
    }
    const flags = (first.flags & flagsMask & ~STMT_END) | (next === changes.length ? STMT_END : 0);
    const header = Buffer.alloc(flavor === 'mysql' ? 10 : 8);
    header.writeUIntLE(tableId, 0, 6);
    // COMPLETE_ROWS promises all columns, which a MINIMAL image has not.
    header.writeUInt16LE(shape.complete ? flags : flags & ~COMPLETE_ROWS, 6);
    if (flavor === 'mysql') header.writeUInt16LE(2, 8);
    const type = typeFor(first.kind, flavor);
    events.push(
      makeEvent(type, timestamp, serverId, [header, packed(table.columns.length), shape.bitmaps, ...rows]),
    );
    at = next;
  }
  return events;
}

interface Shape {
  /** The present columns of the first image and, for an update, of the second. */
  bitmaps: Buffer;
  complete: boolean;
}

function shapeOf(change: Change, table: TableMap): Shape {
  const width = table.columns.length;
  const images = imagesOf(change);
  let complete = true;
  const bitmaps = images.map((image) => {
    const bitmap = Buffer.alloc((width + 7) >> 3);
    for (let i = 0; i < width; i++) {
      if (image.offsets[i] === ABSENT_VALUE) complete = false;
      else bitmap[i >> 3]! |= 1 << (i & 7);
    }
    return bitmap;
  });
  return { bitmaps: Buffer.concat(bitmaps), complete };
}

function sameEvent(a: Change, b: Change, flagsMask: number): boolean {
  return a.kind === b.kind && ((a.flags ^ b.flags) & flagsMask & ~STMT_END) === 0;
}

/** Before, then after: whichever the change has. */
function imagesOf(change: Change): RowImage[] {
  const { before, after, kind } = change;
  const images = kind === 'insert' ? [after] : kind === 'delete' ? [before] : [before, after];
  return images.map((image) => {
    if (image === null) throw new ReconcileError('internal', `a row's ${kind} without its image`);
    return image;
  });
}

function rowBytes(change: Change): Buffer[] {
  return imagesOf(change).flatMap((image) => [nullBitmap(image), image.bytes]);
}

/** One bit a present column. */
function nullBitmap(image: RowImage): Buffer {
  const { offsets } = image;
  const width = offsets.length - 1;
  const bits = Buffer.alloc((width + 7) >> 3);
  let at = 0;
  for (let i = 0; i < width; i++) {
    const offset = offsets[i]!;
    if (offset === ABSENT_VALUE) continue;
    if (offset === NULL_VALUE) bits[at >> 3]! |= 1 << (at & 7);
    at += 1;
  }
  return bits.subarray(0, (at + 7) >> 3);
}

function typeFor(kind: Change['kind'], flavor: Flavor): number {
  if (flavor === 'mysql') return { insert: E.WRITE_ROWS, update: E.UPDATE_ROWS, delete: E.DELETE_ROWS }[kind];
  return { insert: E.WRITE_ROWS_V1, update: E.UPDATE_ROWS_V1, delete: E.DELETE_ROWS_V1 }[kind];
}

function makeEvent(type: number, timestamp: number, serverId: number, parts: Buffer[]): Buffer {
  const header = Buffer.alloc(HEADER_LENGTH);
  header.writeUInt32LE(timestamp, 0);
  header[4] = type;
  header.writeUInt32LE(serverId, 5);
  const event = Buffer.concat([header, ...parts]);
  event.writeUInt32LE(event.length, 9);
  return event;
}

function packed(value: number): Buffer {
  if (value < 251) return Buffer.from([value]);
  return Buffer.from([252, value & 0xff, value >> 8]);
}

/** Post-header lengths by type, as MySQL 8.3 and later write them. */
function mysqlPostHeaders(): Buffer {
  const lengths = Buffer.alloc(E.GTID_TAGGED);
  const set = (type: number, length: number): void => {
    lengths[type - 1] = length;
  };
  set(E.QUERY, 13);
  set(E.ROTATE, 8);
  set(E.APPEND_BLOCK, 4);
  set(E.DELETE_FILE, 4);
  set(E.FORMAT_DESCRIPTION, 57 + lengths.length);
  set(E.BEGIN_LOAD_QUERY, 4);
  set(E.EXECUTE_LOAD_QUERY, 26);
  set(E.TABLE_MAP, 8);
  set(E.INCIDENT, 2);
  for (const type of [E.WRITE_ROWS, E.UPDATE_ROWS, E.DELETE_ROWS, E.PARTIAL_UPDATE_ROWS]) set(type, 10);
  // Before 8.4 servers still take the first version of rows events, and look its length up.
  for (const type of [E.WRITE_ROWS_V1, E.UPDATE_ROWS_V1, E.DELETE_ROWS_V1]) set(type, 8);
  for (const type of [E.GTID, E.ANONYMOUS_GTID]) set(type, 42);
  set(E.TRANSACTION_CONTEXT, 18);
  set(E.VIEW_CHANGE, 52);
  set(E.TRANSACTION_PAYLOAD, 40);
  return lengths;
}

/** As MariaDB 10.2 and later write them. */
function mariadbPostHeaders(): Buffer {
  const lengths = Buffer.alloc(171);
  const set = (type: number, length: number): void => {
    lengths[type - 1] = length;
  };
  set(1, 56);
  set(E.QUERY, 13);
  set(E.ROTATE, 8);
  for (const type of [E.LOAD, E.NEW_LOAD]) set(type, 18);
  for (const type of [E.CREATE_FILE, E.APPEND_BLOCK, E.EXEC_LOAD, E.DELETE_FILE, E.BEGIN_LOAD_QUERY])
    set(type, 4);
  set(E.FORMAT_DESCRIPTION, 57 + lengths.length);
  set(E.EXECUTE_LOAD_QUERY, 26);
  for (const type of [E.TABLE_MAP, E.WRITE_ROWS_V1, E.UPDATE_ROWS_V1, E.DELETE_ROWS_V1]) set(type, 8);
  set(E.INCIDENT, 2);
  for (const type of [E.WRITE_ROWS, E.UPDATE_ROWS, E.DELETE_ROWS]) set(type, 10);
  set(E.MARIADB_BINLOG_CHECKPOINT, 4);
  set(E.MARIADB_GTID, 19);
  set(E.MARIADB_GTID_LIST, 4);
  set(E.MARIADB_QUERY_COMPRESSED, 13);
  for (const type of [E.MARIADB_WRITE_ROWS_COMPRESSED, E.MARIADB_UPDATE_ROWS_COMPRESSED]) set(type, 8);
  set(E.MARIADB_DELETE_ROWS_COMPRESSED, 8);
  return lengths;
}

// Builds the events that a `BINLOG '…'` statement takes: a format description, table maps and rows events. Bytes in,
// bytes out: the rows are those of the log. Never connects and never writes SQL.
import { crc32 } from 'node:zlib';
import { ReconcileError } from '../reconcile-error.ts';
import * as E from './event-type.ts';
import { hasPartialImage, wholeImage, wholeRow } from './kept-change.ts';
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
  return options.changes.length === 0 ? [] : [tableMapEvent(options), ...rowsEvents(options, true)];
}

/** What the rows events of one statement call its tables: all of them come ahead of the first rows. */
export function tableMapEvent({
  table,
  tableId,
  timestamp = 0,
  serverId = 1,
}: Pick<RowEventsOptions, 'table' | 'tableId' | 'timestamp' | 'serverId'>): Buffer {
  const map = makeEvent(E.TABLE_MAP, timestamp, serverId, [table.body]);
  map.writeUIntLE(tableId, HEADER_LENGTH, 6);
  return map;
}

/** The rows alone; the last event ends the statement, if it `ends` here. */
export function rowsEvents(options: RowEventsOptions, ends: boolean): Buffer[] {
  const { flavor, table, tableId, changes, maxBytes } = options;
  const { timestamp = 0, serverId = 1, flagsMask = DEFAULT_FLAGS_MASK } = options;
  const events: Buffer[] = [];
  for (let at = 0; at < changes.length; ) {
    const first = changes[at]!;
    const columns = presentColumns(first, table);
    const images: Buffer[] = [];
    let bytes = HEADER_LENGTH + 10 + 9 + columns.bitmaps.length;
    let next = at;
    for (; next < changes.length; next++) {
      const change = changes[next]!;
      if (
        next > at &&
        !(sameEvent(first, change, flagsMask) && sameColumns(columns, presentColumns(change, table)))
      )
        break;
      const kept = wholeRow(change);
      const row = kept === null ? rowImages(change) : null;
      const length = kept === null ? row!.reduce((sum, image) => sum + image.length, 0) : kept.length;
      if (next > at && bytes + length > maxBytes) break;
      if (kept === null) images.push(...row!);
      else images.push(kept);
      bytes += length;
    }
    const flags = (first.flags & flagsMask & ~STMT_END) | (ends && next === changes.length ? STMT_END : 0);
    const header = Buffer.alloc(flavor === 'mysql' ? 10 : 8);
    header.writeUIntLE(tableId, 0, 6);
    // COMPLETE_ROWS promises all columns, which a MINIMAL image has not.
    header.writeUInt16LE(columns.complete ? flags : flags & ~COMPLETE_ROWS, 6);
    if (flavor === 'mysql') header.writeUInt16LE(2, 8);
    const type = typeFor(first.kind, flavor);
    const parts = [header, packed(table.columns.length), columns.bitmaps, ...images];
    events.push(makeEvent(type, timestamp, serverId, parts));
    at = next;
  }
  return events;
}

interface PresentColumns {
  /** Of the first image and, for an update, of the second. */
  bitmaps: Buffer;
  complete: boolean;
}

/** By the number of a change's images: nearly all changes of a table have all its columns. */
const everyColumn = new WeakMap<TableMap, PresentColumns[]>();

function presentColumns(change: Change, table: TableMap): PresentColumns {
  const width = table.columns.length;
  if (hasPartialImage(change)) {
    const present = imagesOf(change).map(({ offsets }) => bitmap(width, (i) => offsets[i] !== ABSENT_VALUE));
    return { bitmaps: Buffer.concat(present), complete: false };
  }
  let known = everyColumn.get(table);
  if (known === undefined) {
    const all = bitmap(width, () => true);
    known = [all, Buffer.concat([all, all])].map((bitmaps) => ({ bitmaps, complete: true }));
    everyColumn.set(table, known);
  }
  return known[change.kind === 'update' ? 1 : 0]!;
}

function bitmap(width: number, has: (column: number) => boolean): Buffer {
  const bits = Buffer.alloc((width + 7) >> 3);
  for (let i = 0; i < width; i++) if (has(i)) bits[i >> 3]! |= 1 << (i & 7);
  return bits;
}

function sameColumns(one: PresentColumns, other: PresentColumns): boolean {
  return one === other || one.bitmaps.equals(other.bitmaps);
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

/** Each with its null bitmap in front. A kept change has them as the log had them: nothing is split for it. */
function rowImages(change: Change): Buffer[] {
  const { kind } = change;
  const before = kind === 'insert' ? null : wholeImage(change, 'before');
  const after = kind === 'delete' ? null : wholeImage(change, 'after');
  if (before !== null && after !== null) return [before, after];
  const only = before ?? after;
  if (only !== null && kind !== 'update') return [only];
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

function makeEvent(type: number, timestamp: number, serverId: number, parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, HEADER_LENGTH);
  const event = Buffer.allocUnsafe(length);
  event.writeUInt32LE(timestamp, 0);
  event[4] = type;
  event.writeUInt32LE(serverId, 5);
  event.writeUInt32LE(length, 9);
  // Where it ends in a log and its flags: of no use to a statement.
  event.fill(0, 13, HEADER_LENGTH);
  let at = HEADER_LENGTH;
  for (const part of parts) at += part.copy(event, at);
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

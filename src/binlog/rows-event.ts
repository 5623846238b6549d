// WRITE_ROWS, UPDATE_ROWS and DELETE_ROWS in every version: finds the rows of an event and hands them out as changes
// whose images are split when somebody first looks at them. Never makes a value.
import { type ByteCursor, DecodeFault } from './byte-cursor.ts';
import * as E from './event-type.ts';
import { inflateEvent } from './mariadb-compression.ts';
import type { EventPlace } from './raw-event.ts';
import { type ImageLayout, imageLayout, measureImage, splitImage } from './row-image.ts';
import type { TableMap } from './table-map.ts';
import type { Change, RowImage } from './transaction.ts';

/** The table id of an event without rows that only ends a statement. */
const DUMMY_TABLE_ID = 0xffffff;

export interface RowsHeader {
  tableId: number;
  /** STMT_END 1, NO_FOREIGN_KEY_CHECKS 2, RELAXED_UNIQUE_CHECKS 4, COMPLETE_ROWS 8 … */
  flags: number;
  kind: Change['kind'];
  type: number;
  /** Behind the post-header and the extra row information. */
  cursor: ByteCursor;
}

const kinds = new Map<number, Change['kind']>([
  [E.WRITE_ROWS_V1, 'insert'],
  [E.UPDATE_ROWS_V1, 'update'],
  [E.DELETE_ROWS_V1, 'delete'],
  [E.WRITE_ROWS, 'insert'],
  [E.UPDATE_ROWS, 'update'],
  [E.DELETE_ROWS, 'delete'],
  [E.PARTIAL_UPDATE_ROWS, 'update'],
  [E.MARIADB_WRITE_ROWS_COMPRESSED, 'insert'],
  [E.MARIADB_UPDATE_ROWS_COMPRESSED, 'update'],
  [E.MARIADB_DELETE_ROWS_COMPRESSED, 'delete'],
]);

/** `cursor` covers the event's body without checksum. `idLength` is 6 (4 before 5.1.4). */
export function readRowsHeader(type: number, cursor: ByteCursor, idLength = 6): RowsHeader {
  const kind = kinds.get(type);
  if (kind === undefined) throw new DecodeFault(`event type ${type} is no rows event`);
  const tableId = cursor.uint(idLength);
  const flags = cursor.uint16();
  if (type >= E.WRITE_ROWS && type <= E.PARTIAL_UPDATE_ROWS) {
    const extra = cursor.uint16();
    if (extra < 2) throw new DecodeFault(`extra row information of ${extra} bytes`);
    cursor.skip(extra - 2);
  }
  return { tableId, flags, kind, type, cursor };
}

export function isDummy(header: RowsHeader): boolean {
  return header.tableId === DUMMY_TABLE_ID;
}

/** Appends the event's rows to `changes`. Every row is measured to its last byte before this returns. */
export function readRows(header: RowsHeader, table: TableMap, place: EventPlace, changes: Change[]): void {
  const { cursor, kind, type } = header;
  const width = cursor.packed();
  if (width !== table.columns.length) {
    throw new DecodeFault(
      `rows of ${width} columns for ${table.schema}.${table.table} of ${table.columns.length}`,
    );
  }
  const bitmapBytes = (width + 7) >> 3;
  const first = imageLayout(table.storedLengths, cursor.slice(bitmapBytes));
  const second = kind === 'update' ? imageLayout(table.storedLengths, cursor.slice(bitmapBytes)) : null;

  let { bytes, position, end } = cursor;
  if (type >= E.MARIADB_WRITE_ROWS_COMPRESSED) {
    bytes = inflateEvent(bytes.subarray(position, end));
    position = 0;
    end = bytes.length;
  }
  const rows: RowsOfEvent = { bytes, first, second, kind, table, flags: header.flags, place };
  while (position < end) {
    const middle = measureImage(bytes, position, end, first);
    const next = second === null ? middle : measureImage(bytes, middle, end, second);
    // An image without columns takes no bytes: a row of nothing would be read for ever.
    if (next === position) throw new DecodeFault('rows without columns');
    changes.push(new LoggedChange(rows, position, middle, next));
    position = next;
  }
}

/** What the rows of one event share. */
interface RowsOfEvent {
  bytes: Buffer;
  first: ImageLayout;
  second: ImageLayout | null;
  kind: Change['kind'];
  table: TableMap;
  flags: number;
  place: EventPlace;
}

/** A change that splits its images on first use: most of them are only counted, or looked at once. */
class LoggedChange implements Change {
  private readonly rows: RowsOfEvent;
  private readonly start: number;
  private readonly middle: number;
  private readonly end: number;
  private firstImage: RowImage | null = null;
  private secondImage: RowImage | null = null;

  constructor(rows: RowsOfEvent, start: number, middle: number, end: number) {
    this.rows = rows;
    this.start = start;
    this.middle = middle;
    this.end = end;
  }

  get kind(): Change['kind'] {
    return this.rows.kind;
  }

  get table(): TableMap {
    return this.rows.table;
  }

  get flags(): number {
    return this.rows.flags;
  }

  get place(): EventPlace {
    return this.rows.place;
  }

  get before(): RowImage | null {
    return this.rows.kind === 'insert' ? null : this.first();
  }

  get after(): RowImage | null {
    const { kind, second, bytes } = this.rows;
    if (kind === 'insert') return this.first();
    if (second === null) return null;
    this.secondImage ??= splitImage(bytes, this.middle, this.end, second);
    return this.secondImage;
  }

  private first(): RowImage {
    this.firstImage ??= splitImage(this.rows.bytes, this.start, this.middle, this.rows.first);
    return this.firstImage;
  }
}

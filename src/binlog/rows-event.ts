// WRITE_ROWS, UPDATE_ROWS and DELETE_ROWS in every version: finds the rows of an event. What it keeps of a row is where
// it lies; a change is made of it when somebody asks. Never makes a value.
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

/** `cursor` covers the event's body without checksum. `idLength` is 6 (4 before 5.1.4). */
export function readRowsHeader(type: number, cursor: ByteCursor, idLength = 6): RowsHeader {
  const tableId = cursor.uint(idLength);
  const flags = cursor.uint16();
  if (type >= E.WRITE_ROWS && type <= E.PARTIAL_UPDATE_ROWS) {
    const extra = cursor.uint16();
    if (extra < 2) throw new DecodeFault(`extra row information of ${extra} bytes`);
    cursor.skip(extra - 2);
  }
  return { tableId, flags, kind: kindOf(type), type, cursor };
}

function kindOf(type: number): Change['kind'] {
  switch (type) {
    case E.WRITE_ROWS:
    case E.WRITE_ROWS_V1:
    case E.MARIADB_WRITE_ROWS_COMPRESSED:
      return 'insert';
    case E.DELETE_ROWS:
    case E.DELETE_ROWS_V1:
    case E.MARIADB_DELETE_ROWS_COMPRESSED:
      return 'delete';
    default:
      return 'update';
  }
}

export function isDummy(header: RowsHeader): boolean {
  return header.tableId === DUMMY_TABLE_ID;
}

/** The rows of one event: measured to the last byte, not yet split. */
export class LoggedRows {
  readonly kind: Change['kind'];
  readonly table: TableMap;
  readonly flags: number;
  readonly place: EventPlace;
  bytes: Buffer;
  readonly first: ImageLayout;
  /** An update's after image; null otherwise. */
  readonly second: ImageLayout | null;
  /** Where each image starts (two an update), and behind them where the last one ends. */
  bounds: Int32Array;
  readonly count: number;

  constructor(header: RowsHeader, table: TableMap, place: EventPlace) {
    const { cursor, kind, type } = header;
    const width = cursor.packed();
    if (width !== table.columns.length) {
      throw new DecodeFault(
        `rows of ${width} columns for ${table.schema}.${table.table} of ${table.columns.length}`,
      );
    }
    const bitmapBytes = (width + 7) >> 3;
    this.first = imageLayout(table.storedLengths, cursor.bytes, cursor.skip(bitmapBytes));
    this.second =
      kind === 'update' ? imageLayout(table.storedLengths, cursor.bytes, cursor.skip(bitmapBytes)) : null;
    this.kind = kind;
    this.table = table;
    this.flags = header.flags;
    this.place = place;
    if (type >= E.MARIADB_WRITE_ROWS_COMPRESSED) {
      this.bytes = inflateEvent(cursor.bytes.subarray(cursor.position, cursor.end));
      this.bounds = findImages(this.bytes, 0, this.bytes.length, this.first, this.second);
    } else {
      this.bytes = cursor.bytes;
      this.bounds = findImages(this.bytes, cursor.position, cursor.end, this.first, this.second);
    }
    this.count = (this.bounds.length - 1) / (this.second === null ? 1 : 2);
  }

  /** Bytes of all images. */
  get size(): number {
    return this.bounds[this.bounds.length - 1]! - this.bounds[0]!;
  }

  /** Lets go of the log's block, of which the rows are a slice: for those that are held for long. */
  detach(): void {
    const start = this.bounds[0]!;
    // Not from Buffer's pool, whose blocks are kept alive by any slice just as well.
    const own = Buffer.alloc(this.size);
    this.bytes.copy(own, 0, start);
    this.bytes = own;
    this.bounds = this.bounds.map((bound) => bound - start);
  }

  change(row: number): Change {
    return new LoggedChange(this, row);
  }

  image(index: number, layout: ImageLayout): RowImage {
    return splitImage(this.bytes, this.bounds[index]!, this.bounds[index + 1]!, layout);
  }
}

/** Used again and again: an event's bounds are collected here before their number is known. */
let scratch = new Int32Array(1024);

function findImages(
  bytes: Buffer,
  start: number,
  end: number,
  first: ImageLayout,
  second: ImageLayout | null,
): Int32Array {
  let position = start;
  let count = 0;
  while (position < end) {
    if (count + 3 > scratch.length) {
      const longer = new Int32Array(scratch.length * 2);
      longer.set(scratch);
      scratch = longer;
    }
    const row = position;
    scratch[count++] = position;
    position = measureImage(bytes, position, end, first);
    if (second !== null) {
      scratch[count++] = position;
      position = measureImage(bytes, position, end, second);
    }
    // An image without columns takes no bytes: a row of nothing would be read for ever.
    if (position === row) throw new DecodeFault('rows without columns');
  }
  scratch[count++] = position;
  if (count > 8) return scratch.slice(0, count);
  // The few of a small event are copied sooner than a call is made.
  const few = new Int32Array(count);
  for (let i = 0; i < count; i++) few[i] = scratch[i]!;
  return few;
}

/** A change that splits its images on first use: most of them are only counted, or looked at once. */
class LoggedChange implements Change {
  private readonly rows: LoggedRows;
  private readonly row: number;
  private beforeImage: RowImage | null = null;
  private afterImage: RowImage | null = null;

  constructor(rows: LoggedRows, row: number) {
    this.rows = rows;
    this.row = row;
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
    const { kind, first, second } = this.rows;
    if (kind === 'insert') return null;
    this.beforeImage ??= this.rows.image(second === null ? this.row : this.row * 2, first);
    return this.beforeImage;
  }

  get after(): RowImage | null {
    const { kind, first, second } = this.rows;
    if (kind === 'insert') this.afterImage ??= this.rows.image(this.row, first);
    else if (second !== null) this.afterImage ??= this.rows.image(this.row * 2 + 1, second);
    return this.afterImage;
  }
}

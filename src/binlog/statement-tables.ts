// The table maps of the statement at hand, and the rows events that refer to them. A table or event that can't be read
// becomes loud in its transaction. Never decides where a transaction ends.
import { type ByteCursor, DecodeFault, NotReadFault } from './byte-cursor.ts';
import { PARTIAL_UPDATE_ROWS, TABLE_MAP } from './event-type.ts';
import type { FormatDescription } from './format-description.ts';
import { withoutPartialOptions } from './partial-rows.ts';
import type { EventPlace } from './raw-event.ts';
import { isDummy, LoggedRows, type RowsHeader, readRowsHeader } from './rows-event.ts';
import { parseTableMap, type TableMap } from './table-map.ts';
import type { TransactionGroup } from './transaction-group.ts';

const STMT_END = 1;

export class StatementTables {
  /** The statement's table ids, nearly always one or two, and beside each its map, or why it can't be read. */
  private readonly ids: number[] = [];
  private readonly tables: (TableMap | { unreadable: string })[] = [];
  /** How many of them count. */
  private count = 0;
  /** By id, as last seen in the file: the same table's map stands in the log again and again. */
  private readonly known = new Map<number, TableMap>();

  /** A new file gives out its table ids anew. */
  forget(): void {
    this.known.clear();
    this.endStatement();
  }

  endStatement(): void {
    this.count = 0;
  }

  private indexOf(tableId: number): number {
    let at = this.count - 1;
    while (at >= 0 && this.ids[at] !== tableId) at--;
    return at;
  }

  private use(tableId: number, table: TableMap | { unreadable: string }): void {
    let at = this.indexOf(tableId);
    if (at < 0) at = this.count++;
    this.ids[at] = tableId;
    this.tables[at] = table;
  }

  add(cursor: ByteCursor, format: FormatDescription): void {
    const idLength = format.postHeaderLength(TABLE_MAP) === 6 ? 4 : 6;
    const { bytes, position, end } = cursor;
    const tableId = cursor.uint(idLength);
    const known = this.known.get(tableId);
    if (known !== undefined && sameBytes(known.body, bytes, position, end)) {
      this.use(tableId, known);
      return;
    }
    try {
      const table = parseTableMap(bytes.subarray(position, end), format.flavor, idLength);
      this.known.set(tableId, table);
      this.use(tableId, table);
    } catch (fault) {
      if (!(fault instanceof NotReadFault)) throw fault;
      this.use(tableId, { unreadable: fault.message });
    }
  }

  /** Answers whether the event ends its statement. */
  readRows(
    type: number,
    cursor: ByteCursor,
    format: FormatDescription,
    group: TransactionGroup,
    place: EventPlace,
  ): boolean {
    const header = readRowsHeader(type, cursor, format.postHeaderLength(type) === 6 ? 4 : 6);
    const at = this.indexOf(header.tableId);
    const table = at < 0 ? undefined : this.tables[at];
    if (table === undefined) {
      if (!isDummy(header))
        throw new DecodeFault(`rows of table ${header.tableId}, which no table map names`);
    } else if ('unreadable' in table) {
      group.loudOnce('not-read', `rows that can't be read: ${table.unreadable}`, place);
    } else {
      readRowsOf(table, header, group, place);
    }
    const ended = (header.flags & STMT_END) !== 0;
    if (ended) this.endStatement();
    return ended;
  }
}

/** For some 60 bytes quicker than a call of Buffer's. */
function sameBytes(body: Buffer, bytes: Buffer, start: number, end: number): boolean {
  if (body.length !== end - start) return false;
  for (let i = 0; i < body.length; i++) if (body[i] !== bytes[start + i]) return false;
  return true;
}

function readRowsOf(table: TableMap, header: RowsHeader, group: TransactionGroup, place: EventPlace): void {
  const name = `${table.schema}.${table.table}`;
  try {
    const whole = header.type === PARTIAL_UPDATE_ROWS ? withoutPartialOptions(header, table) : header;
    if ('lacking' in whole) {
      group.loudOnce(
        'partial-json',
        `updates of ${name} logged with binlog_row_value_options=PARTIAL_JSON as differences to the value before, which the log has not (binlog_row_image is not FULL): column ${whole.lacking}`,
        place,
      );
    } else {
      group.add(new LoggedRows(whole, table, { file: place.file, position: place.position }));
    }
  } catch (fault) {
    if (!(fault instanceof NotReadFault)) throw fault;
    group.loudOnce('not-read', `rows of ${name}: ${fault.message}`, place);
  }
}

// Changes as JSON lines, one a row, values as text. Absent columns are left out: absent is not NULL.
import { faultAt } from '../binlog/fault-at.ts';
import type { ImageLayout } from '../binlog/row-image.ts';
import type { LoggedRows } from '../binlog/rows-event.ts';
import type { TableMap } from '../binlog/table-map.ts';
import type { Transaction } from '../binlog/transaction.ts';
import { rowsOf } from '../binlog/transaction-group.ts';
import { JsonBytes, jsonString } from './json-bytes.ts';
import type { ValueWriter } from './quoted-value.ts';
import { valueWriter } from './value-writer.ts';

interface ColumnWriter {
  /** `"name":` */
  name: Buffer;
  write: ValueWriter;
}

interface TableWriter {
  /** As JSON. */
  name: string;
  columns: ColumnWriter[];
}

const NULL = Buffer.from('null');
const BEFORE_NULL = Buffer.from(',"before":null,"after":');
const BEFORE = Buffer.from(',"before":');
const AFTER = Buffer.from(',"after":');
const AFTER_NULL = Buffer.from(',"after":null}\n');
const END = Buffer.from('}\n');
const OPEN = 0x7b;
const CLOSE = 0x7d;
const COMMA = 0x2c;

/** Longer than any of the fixed texts above. */
const ROOM = 64;

export class RowLines {
  private readonly out = new JsonBytes();
  private readonly tables = new WeakMap<TableMap, TableWriter>();

  /** Whole lines written since the last time, in blocks. */
  take(): Buffer[] {
    return this.out.take();
  }

  /** What was taken, and is printed. */
  giveBack(blocks: Buffer[]): void {
    this.out.giveBack(blocks);
  }

  /** Whether so much is written that it should be taken. */
  get isFull(): boolean {
    return this.out.full.length > 0;
  }

  /** Throws `corrupt` where a value is none of its column's type, `unsupported` where it is of a kind that is not read. */
  add(transaction: Transaction): void {
    const id = jsonString(transaction.id);
    for (const rows of rowsOf(transaction)) {
      try {
        this.addRows(rows, id);
      } catch (fault) {
        throw faultAt(fault, rows.place, 'Without --rows the window is counted, and no value of it is read.');
      }
    }
  }

  private addRows(rows: LoggedRows, id: string): void {
    const { out } = this;
    const { table, kind, first, second, count } = rows;
    const { name, columns } = this.writerOf(table);
    const head = Buffer.from(`{"transaction":${id},"table":${name},"op":"${kind}"`);
    for (let i = 0; i < count; i++) {
      out.reserve(head.length + ROOM);
      out.copy(head);
      if (kind === 'insert') {
        out.copy(BEFORE_NULL);
        this.image(rows, i, first, columns);
      } else if (second === null) {
        out.copy(BEFORE);
        this.image(rows, i, first, columns);
        out.reserve(ROOM);
        out.copy(AFTER_NULL);
        continue;
      } else {
        out.copy(BEFORE);
        this.image(rows, 2 * i, first, columns);
        out.reserve(ROOM);
        out.copy(AFTER);
        this.image(rows, 2 * i + 1, second, columns);
      }
      out.reserve(ROOM);
      out.copy(END);
    }
  }

  private image(
    { bytes, bounds }: LoggedRows,
    index: number,
    layout: ImageLayout,
    columns: ColumnWriter[],
  ): void {
    const { out } = this;
    const { present, lengths, nullBytes } = layout;
    const start = bounds[index]!;
    let position = start + nullBytes;
    out.byte(OPEN);
    for (let i = 0; i < lengths.length; i++) {
      const { name, write } = columns[present[i]!]!;
      out.reserve(name.length + ROOM);
      if (i > 0) out.byte(COMMA);
      out.copy(name);
      if (((bytes[start + (i >> 3)]! >> (i & 7)) & 1) === 1) {
        out.copy(NULL);
        continue;
      }
      const length = lengths[i]!;
      const end = position + (length >= 0 ? length : bytes.readUIntLE(position, -length) - length);
      write(out, bytes, position, end);
      position = end;
    }
    out.reserve(1);
    out.byte(CLOSE);
  }

  private writerOf(table: TableMap): TableWriter {
    let writer = this.tables.get(table);
    if (writer === undefined) {
      const columns = table.columns.map((column, i) => ({
        name: Buffer.from(`${jsonString(column.name ?? String(i + 1))}:`),
        write: valueWriter(column),
      }));
      writer = { name: jsonString(`${table.schema}.${table.table}`), columns };
      this.tables.set(table, writer);
    }
    return writer;
  }
}

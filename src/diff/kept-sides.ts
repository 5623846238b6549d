// The rows of a kept change, straight from the log's bytes: of tables whose values have one form each (one-form.ts). Splits
// no image and makes no value that is not asked for.
import { isAnswered } from '../binlog/answered-value.ts';
import { logValue, type ValueColumn } from '../binlog/column-value.ts';
import { imageNumber, type KeptImages, wholeImage } from '../binlog/kept-change.ts';
import type { KeptTransactions } from '../binlog/kept-transactions.ts';
import { isNullIn, valueLengthIn, valueStartIn } from '../binlog/row-image.ts';
import type { Change } from '../binlog/transaction.ts';
import { ReconcileError } from '../reconcile-error.ts';
import type { AnsweredRow } from '../server/answered-row.ts';
import type { TableDefinition } from '../server/catalogue.ts';
import type { Slot } from './footprint.ts';
import type { RowContents, WindowImages } from './row-contents.ts';
import { RowPacker } from './row-packer.ts';
import { type KeyedRow, type RowSides, unreadable } from './row-sides.ts';
import type { WindowSlots } from './window-slots.ts';
import type { MatchedTable, WindowTable } from './window-table.ts';

const packer = new RowPacker();

export class KeptSides implements RowSides {
  readonly before: KeptRow | null;
  readonly after: KeptRow | null;

  constructor(table: WindowTable, change: Change) {
    this.before = keptRow(table, change, 'before');
    this.after = keptRow(table, change, 'after');
  }

  keeps(columns: readonly number[]): boolean {
    const { before, after } = this;
    return before !== null && after !== null && columns.every((column) => before.sharesWith(after, column));
  }
}

function keptRow(table: WindowTable, change: Change, side: 'before' | 'after'): KeptRow | null {
  const bytes = wholeImage(change, side);
  return bytes && new KeptRow(table, change, bytes, imageNumber(change, side)!);
}

class KeptRow implements KeyedRow {
  readonly #table: WindowTable;
  readonly #change: Change;
  readonly #bytes: Buffer;
  readonly #image: number;

  constructor(table: WindowTable, change: Change, bytes: Buffer, image: number) {
    this.#table = table;
    this.#change = change;
    this.#bytes = bytes;
    this.#image = image;
  }

  pick(columns: readonly number[]): string[] | null {
    const values: string[] = [];
    for (const column of columns) {
      if (isNullIn(this.#bytes, column)) return null;
      const start = this.#start(column);
      try {
        values.push(logValue(this.#table.columns[column]!, this.#bytes, start, this.#end(column, start)));
      } catch (fault) {
        throw unreadable(fault, this.#table, this.#change.place);
      }
    }
    return values;
  }

  slot(
    slots: WindowSlots,
    definition: TableDefinition,
    key: string,
    columns: number[],
    logged: readonly number[],
  ): Slot | null {
    const slotKey = slots.key(definition, key, columns);
    if (slotKey.collated) {
      const values = this.pick(logged);
      return values && slots.ofValues(definition, key, columns, values);
    }
    packer.begin(slotKey.prefix);
    for (const column of logged) {
      if (isNullIn(this.#bytes, column)) return null;
      const start = this.#start(column);
      try {
        packer.add(this.#table.columns[column]!, this.#bytes, start, this.#end(column, start));
      } catch (fault) {
        throw unreadable(fault, this.#table, this.#change.place);
      }
    }
    return slots.ofName(slotKey, packer.bytes, packer.length);
  }

  content(contents: RowContents, slot: Slot): number {
    return contents.ofImage(slot, this.#image, this.#bytes);
  }

  sharesWith(other: KeptRow, column: number): boolean {
    const isNull = isNullIn(this.#bytes, column);
    if (isNull || isNullIn(other.#bytes, column)) return isNull && isNullIn(other.#bytes, column);
    const start = this.#start(column);
    const otherStart = other.#start(column);
    const end = this.#end(column, start);
    const otherEnd = other.#end(column, otherStart);
    return (
      end - start === otherEnd - otherStart &&
      this.#bytes.compare(other.#bytes, otherStart, otherEnd, start, end) === 0
    );
  }

  #start(column: number): number {
    return valueStartIn(this.#bytes, this.#change.table.storedLengths, column);
  }

  #end(column: number, start: number): number {
    return start + valueLengthIn(this.#bytes, this.#change.table.storedLengths, column, start);
  }
}

/** The texts of kept images. */
export class KeptTexts implements WindowImages {
  readonly #images: KeptImages;
  readonly #transactions: KeptTransactions;
  readonly #tables: { match(map: Change['table']): MatchedTable };
  readonly #packer = new RowPacker();

  constructor(transactions: KeptTransactions, tables: { match(map: Change['table']): MatchedTable }) {
    this.#transactions = transactions;
    this.#images = transactions.images;
    this.#tables = tables;
  }

  holds(image: number, bytes: Buffer): boolean {
    return this.#images.holds(image, bytes);
  }

  text(image: number): { bytes: Buffer; length: number } {
    const found = this.#tables.match(this.#images.table(image));
    const row = this.#images.image(image);
    if (found.kind !== 'table' || !row) throw new ReconcileError('internal', 'a row that is not kept');
    try {
      this.#packer.pack(row, found.table.columns);
    } catch (fault) {
      throw unreadable(fault, found.table, this.#transactions.placeOf(image));
    }
    return this.#packer;
  }

  isAnswered(image: number, answer: AnsweredRow, columns: readonly ValueColumn[]): boolean {
    const map = this.#images.table(image);
    const found = this.#tables.match(map);
    const bytes = this.#images.bytes(image);
    if (found.kind !== 'table' || !bytes) throw new ReconcileError('internal', 'a row that is not kept');
    try {
      return isAnsweredRow(bytes, map.storedLengths, found.table.columns, answer, columns);
    } catch (fault) {
      throw unreadable(fault, found.table, this.#transactions.placeOf(image));
    }
  }
}

/** `bytes`: a whole image from its null bitmap on. */
function isAnsweredRow(
  bytes: Buffer,
  storedLengths: Int32Array,
  columns: readonly ValueColumn[],
  answer: AnsweredRow,
  answered: readonly ValueColumn[],
): boolean {
  if (answer.length !== columns.length) return false;
  let start = (columns.length + 7) >> 3;
  for (let i = 0; i < columns.length; i++) {
    const isNull = isNullIn(bytes, i);
    if (isNull !== answer.isNull(i)) return false;
    if (isNull) continue;
    const end = start + valueLengthIn(bytes, storedLengths, i, start);
    const [from, to] = [answer.starts[i]!, answer.ends[i]!];
    if (!isAnswered(columns[i]!, bytes, start, end, answered[i]!, answer.bytes, from, to)) return false;
    start = end;
  }
  return true;
}

// A row, for whoever needs a few of its values, or only to know which rows are the same: from its image in the log, or
// from values that a policy made. Makes no value that is not asked for.
import { faultAt } from '../binlog/fault-at.ts';
import type { EventPlace } from '../binlog/raw-event.ts';
import { valueEnd } from '../binlog/row-image.ts';
import { NULL_VALUE, type RowImage } from '../binlog/transaction.ts';
import type { TableDefinition } from '../server/catalogue.ts';
import type { Slot } from './footprint.ts';
import { imageColumns } from './image-columns.ts';
import type { RowContents } from './row-contents.ts';
import { RowPacker } from './row-packer.ts';
import { packRow } from './row-text.ts';
import { pick, type WindowSlots } from './window-slots.ts';
import type { WindowTable } from './window-table.ts';

export interface KeyedRow {
  /** Canonical values of these columns; null where one of them is NULL. */
  pick(columns: readonly number[]): string[] | null;
  /** The slot of a key that has its values in the row's columns `logged`; null where one of them is NULL. */
  slot(
    slots: WindowSlots,
    definition: TableDefinition,
    key: string,
    columns: number[],
    logged: readonly number[],
  ): Slot | null;
  /** The number of its content, in its slot: that of packRow() of its values. null: its slot is made of its content. */
  content(contents: RowContents, slot: Slot | null): number;
}

/** The two rows of a change. */
export interface RowSides {
  readonly before: KeyedRow | null;
  readonly after: KeyedRow | null;
  /** Whether these columns are the same before and after, to the byte: not only to their collation. */
  keeps(columns: readonly number[]): boolean;
}

type Values = readonly (string | null)[];

const packer = new RowPacker();

export class LoggedSides implements RowSides {
  readonly before: KeyedRow | null;
  readonly after: KeyedRow | null;
  readonly #images: readonly (RowImage | null)[];

  constructor(table: WindowTable, before: RowImage | null, after: RowImage | null, place: EventPlace) {
    this.before = before && new LoggedRow(table, before, place);
    this.after = after && new LoggedRow(table, after, place);
    this.#images = [before, after];
  }

  keeps(columns: readonly number[]): boolean {
    const [before, after] = this.#images;
    return !!before && !!after && columns.every((column) => sameBytes(before, after, column));
  }
}

/** Of a change that is in no log: a policy made it. */
export class ValueSides implements RowSides {
  readonly before: KeyedRow | null;
  readonly after: KeyedRow | null;
  readonly #values: readonly (Values | null)[];

  constructor({ before, after }: { before: Values | null; after: Values | null }) {
    this.before = before && new ValueRow(before);
    this.after = after && new ValueRow(after);
    this.#values = [before, after];
  }

  keeps(columns: readonly number[]): boolean {
    const [before, after] = this.#values;
    return !!before && !!after && columns.every((column) => before[column] === after[column]);
  }
}

abstract class PickedRow implements KeyedRow {
  abstract pick(columns: readonly number[]): string[] | null;
  abstract content(contents: RowContents, slot: Slot | null): number;

  slot(
    slots: WindowSlots,
    definition: TableDefinition,
    key: string,
    columns: number[],
    logged: readonly number[],
  ): Slot | null {
    const values = this.pick(logged);
    return values && slots.ofValues(definition, key, columns, values);
  }
}

class LoggedRow extends PickedRow {
  readonly #table: WindowTable;
  readonly #image: RowImage;
  readonly #place: EventPlace;

  constructor(table: WindowTable, image: RowImage, place: EventPlace) {
    super();
    this.#table = table;
    this.#image = image;
    this.#place = place;
  }

  pick(columns: readonly number[]): string[] | null {
    const { offsets } = this.#image;
    for (const column of columns) if (offsets[column] === NULL_VALUE) return null;
    try {
      return imageColumns(columns, this.#table, this.#image) as string[];
    } catch (fault) {
      throw unreadable(fault, this.#table, this.#place);
    }
  }

  content(contents: RowContents): number {
    try {
      packer.pack(this.#image, this.#table.columns);
    } catch (fault) {
      throw unreadable(fault, this.#table, this.#place);
    }
    return contents.internBytes(packer.bytes, packer.length);
  }
}

class ValueRow extends PickedRow {
  readonly #values: Values;

  constructor(values: Values) {
    super();
    this.#values = values;
  }

  pick(columns: readonly number[]): string[] | null {
    return pick(columns, this.#values);
  }

  content(contents: RowContents, slot: Slot | null): number {
    const text = packRow(this.#values);
    return slot === null ? contents.intern(text) : contents.ofText(slot, text);
  }
}

function sameBytes(one: RowImage, other: RowImage, column: number): boolean {
  const start = one.offsets[column]!;
  const otherStart = other.offsets[column]!;
  if (start < 0 || otherStart < 0) return start === otherStart;
  return (
    one.bytes.compare(other.bytes, otherStart, valueEnd(other, column), start, valueEnd(one, column)) === 0
  );
}

/** The fault with its place, and the way on without the table. */
export function unreadable(fault: unknown, { name }: WindowTable, place: EventPlace): unknown {
  return faultAt(fault, place, `Leave the table out, --ignore-tables ${name}, and look at its rows by hand.`);
}

// Gives every row and unique value of the window its slot number, and every row's content its number; knows what the
// numbers stand for. Keeps bytes and numbers, no object a slot.
import { ByteStore, type ByteStoreOptions } from '../binlog/byte-store.ts';
import { integers } from '../binlog/number-list.ts';
import { rowKey, type TableDefinition } from '../server/catalogue.ts';
import type { Slot } from './footprint.ts';
import { InternedTexts } from './interned-texts.ts';
import { hasOtherForms, type KeyNormaliser } from './key-normaliser.ts';
import { WHOLE_ROW } from './occurrences.ts';
import { RowContents, type WindowImages } from './row-contents.ts';
import { packRow, unpackRow } from './row-text.ts';

/** A key of a table: the one that rows are known by for row slots, else a unique index, or '' for columns without one. */
export interface SlotKey {
  number: number;
  definition: TableDefinition;
  key: string;
  columns: number[];
  /** Its slots hold rows; of a unique index they hold who has the value. */
  isRow: boolean;
  /** Its slots hold how many rows have the value: the columns are no unique key, and parents of a foreign key. */
  isCounted: boolean;
  /** Whether a value and its form as a key can differ in one of the columns. */
  collated: boolean;
  /** What the names of its slots begin with; where it is not collated, packRow() of the values follows. */
  prefix: Buffer;
}

/** What a slot stands for: these values of these columns of this table. */
export interface SlotPlace extends SlotKey {
  /** Canonical values as first seen. */
  values: string[];
}

export class WindowSlots {
  readonly contents: RowContents;
  hasWholeRows = false;
  readonly #normaliser: KeyNormaliser;
  readonly #keys: SlotKey[] = [];
  readonly #keysOf = new Map<TableDefinition, Map<string, SlotKey>>();
  /** Where the server folds names, a table can have been asked for twice, and have two definitions. */
  readonly #keysByName = new Map<string, Map<string, SlotKey>>();
  /** A slot's number is its name's. */
  readonly #names: InternedTexts;
  readonly #keyOf = integers();
  /** For slots of collated keys, the values as first seen; -1 where the name has them. */
  readonly #seen: InternedTexts;
  readonly #seenOf = integers();

  /** `store`: where bytes go that are too many for memory. `images`: the window's, where it is kept. */
  constructor(normaliser: KeyNormaliser, store: ByteStoreOptions = {}, images: WindowImages | null = null) {
    this.#normaliser = normaliser;
    this.contents = new RowContents(new InternedTexts(new ByteStore(store)), images);
    this.#names = new InternedTexts(new ByteStore(store));
    this.#seen = new InternedTexts(new ByteStore(store));
  }

  /** Gives the disk's room back, if some was taken: no text can be read after. */
  close(): void {
    for (const texts of [this.contents, this.#names, this.#seen, this.#normaliser]) texts.close();
  }

  get count(): number {
    return this.#names.count;
  }

  /** null where one of the values is NULL: such a key is never equal to another. */
  slot(
    definition: TableDefinition,
    key: string,
    columns: number[],
    row: readonly (string | null)[],
  ): Slot | null {
    const values = pick(columns, row);
    return values === null ? null : this.ofValues(definition, key, columns, values);
  }

  ofValues(definition: TableDefinition, key: string, columns: number[], values: string[]): Slot {
    const slotKey = this.key(definition, key, columns);
    const slot = this.#names.intern(this.name(definition, key, columns, values));
    if (slot === this.#keyOf.length) {
      this.#keyOf.push(slotKey.number);
      this.#seenOf.push(slotKey.collated ? this.#seen.intern(packRow(values)) : -1);
    }
    return slot;
  }

  /** By its name, bytes[0..length): of a key that is not collated. */
  ofName(slotKey: SlotKey, bytes: Buffer, length: number): Slot {
    const slot = this.#names.internBytes(bytes, length);
    if (slot === this.#keyOf.length) {
      this.#keyOf.push(slotKey.number);
      this.#seenOf.push(-1);
    }
    return slot;
  }

  /** The slot of a row without any key: the how manieth (see Occurrences) of those with its content. */
  ofWholeRow(definition: TableDefinition, row: readonly (string | null)[], number: number): Slot {
    this.hasWholeRows = true;
    return this.ofValues(definition, WHOLE_ROW, [], [...(row as string[]), String(number)]);
  }

  /** Whether it is the slot of a row without any key. */
  isWholeRow(slot: Slot): boolean {
    return this.keyOf(slot).key === WHOLE_ROW;
  }

  /** undefined for a slot of any other kind. */
  wholeRow(slot: Slot): { row: (string | null)[]; number: number } | undefined {
    if (!this.isWholeRow(slot)) return undefined;
    const row: (string | null)[] = this.values(slot);
    return { number: Number(row.pop()), row };
  }

  /** The number of a row's content, whether it had one or not. */
  contentOf(row: readonly (string | null)[]): number {
    return this.contents.intern(packRow(row));
  }

  /** Without making a slot: undefined for rows of the restored primary that the window does not touch. */
  find(
    definition: TableDefinition,
    key: string,
    columns: number[],
    values: readonly string[],
    normaliser = this.#normaliser,
  ): Slot | undefined {
    return this.#names.find(this.name(definition, key, columns, values, normaliser));
  }

  keyOf(slot: Slot): SlotKey {
    return this.#keys[this.#keyOf.at(slot)]!;
  }

  isCounted(slot: Slot): boolean {
    return this.keyOf(slot).isCounted;
  }

  place(slot: Slot): SlotPlace {
    return { ...this.keyOf(slot), values: this.values(slot) };
  }

  /** Canonical values as first seen. */
  values(slot: Slot): string[] {
    const seen = this.#seenOf.at(slot);
    if (seen >= 0) return unpackRow(this.#seen.text(seen)) as string[];
    const name = this.#names.text(slot);
    return unpackRow(name.slice(name.indexOf(' ') + 1)) as string[];
  }

  key(definition: TableDefinition, key: string, columns: number[]): SlotKey {
    let keys = this.#keysOf.get(definition);
    if (!keys) {
      const name = `${definition.schema}\0${definition.table}`;
      keys = this.#keysByName.get(name) ?? new Map();
      this.#keysByName.set(name, keys);
      this.#keysOf.set(definition, keys);
    }
    const id = key === '' ? columns.join() : key;
    let found = keys.get(id);
    if (!found) {
      const collated = columns.some((column) => hasOtherForms(definition.columns[column]!));
      const isRow = key === WHOLE_ROW || key === rowKey(definition)?.name;
      const isCounted = key === '';
      const number = this.#keys.length;
      const prefix = Buffer.from(`${number} `, 'latin1');
      found = { number, definition, key, columns, isRow, isCounted, collated, prefix };
      this.#keys.push(found);
      keys.set(id, found);
    }
    return found;
  }

  /** Equal for two keys exactly when they are the same key: by collation, where the column has one. */
  name(
    definition: TableDefinition,
    key: string,
    columns: number[],
    values: readonly string[],
    normaliser = this.#normaliser,
  ): string {
    const { number, collated } = this.key(definition, key, columns);
    if (!collated) return `${number} ${packRow(values)}`;
    const parts = columns.map((column, i) => normaliser.key(definition.columns[column]!, values[i]!));
    return `${number} ${packRow(parts)}`;
  }
}

export function pick(columns: readonly number[], row: readonly (string | null)[]): string[] | null {
  const values: string[] = [];
  for (const column of columns) {
    const value = row[column];
    if (value === null || value === undefined) return null;
    values.push(value);
  }
  return values;
}

// Brings key values to the form in which "the same key" is "the same string", by the column's collation: 'A' and 'a',
// 'x' and 'x ' can be one key. Never guesses a collation: it asks the restored primary, once a value.
import { ByteStore, type ByteStoreOptions } from '../binlog/byte-store.ts';
import { integers } from '../binlog/number-list.ts';
import type { ColumnDefinition } from '../server/catalogue.ts';
import { InternedTexts } from './interned-texts.ts';
import type { RestoredReader } from './restored-reader.ts';

/** Values a question, and questions at once. */
const BATCH = 500;
const AT_ONCE = 3;

const NOT_ASKED = -1;

/** What was asked of a collation, as bytes: a window can have a million keys. */
class Known {
  readonly column: ColumnDefinition;
  readonly values: InternedTexts;
  readonly weights: InternedTexts;
  /** By value's number: its weights' number. */
  readonly weightOf = integers();
  /** So many of the values are settled. */
  settled = 0;

  constructor(column: ColumnDefinition, store: ByteStoreOptions) {
    this.column = column;
    this.values = new InternedTexts(new ByteStore(store));
    this.weights = new InternedTexts(new ByteStore(store));
  }
}

export class KeyNormaliser {
  readonly #reader: RestoredReader;
  readonly #store: ByteStoreOptions;
  readonly #known = new Map<string, Known>();

  #busy: Promise<void> | null = null;

  /** `store`: where bytes go that are too many for memory. */
  constructor(reader: RestoredReader, store: ByteStoreOptions = {}) {
    this.#reader = reader;
    this.#store = store;
  }

  /** Notes that `value` will be needed; `settle()` asks for all noted ones in batches. */
  want(column: ColumnDefinition, value: string | null): void {
    if (value === null || !needsCollation(column)) return;
    const collation = column.collation!;
    let known = this.#known.get(collation);
    if (!known) {
      known = new Known(column, this.#store);
      this.#known.set(collation, known);
    }
    known.values.intern(value);
  }

  /** One at a time: what another caller has just asked for is known when his answer is here. */
  settle(): Promise<void> {
    if (!this.#busy && ![...this.#known.values()].some(isOpen)) return Promise.resolve();
    const next = (this.#busy ?? Promise.resolve()).then(() => this.#ask());
    const settled = next.finally(() => {
      if (this.#busy === settled) this.#busy = null;
    });
    this.#busy = settled;
    return settled;
  }

  /** Gives the disk's room back, if some was taken: nothing can be asked after. */
  close(): void {
    for (const { values, weights } of this.#known.values())
      for (const texts of [values, weights]) texts.close();
  }

  async #ask(): Promise<void> {
    for (const known of this.#known.values()) if (isOpen(known)) await this.#askAll(known);
  }

  async #askAll(known: Known): Promise<void> {
    const { column, values, weights, weightOf } = known;
    const end = values.count;
    while (weightOf.length < end) weightOf.push(NOT_ASKED);
    let next = known.settled;
    const work = async (): Promise<void> => {
      while (next < end) {
        const first = next;
        next = Math.min(first + BATCH, end);
        const batch = Array.from({ length: next - first }, (_, i) => values.text(first + i));
        const keys = await this.#reader.collationKeys(column, batch);
        for (const [i, key] of keys.entries()) weightOf.set(first + i, weights.intern(key));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    known.settled = end;
  }

  key(column: ColumnDefinition, value: string): string {
    // Two values, one key: no index holds both 0 and -0.
    if (value === '-0' && FLOATING.has(column.dataType)) return '0';
    if (!needsCollation(column)) return value;
    const known = this.#known.get(column.collation!);
    const number = known?.values.find(value);
    if (!known || number === undefined || number >= known.settled)
      throw new Error(`key value of ${column.name} was not settled`);
    return known.weights.text(known.weightOf.at(number));
  }
}

function isOpen({ values, settled }: Known): boolean {
  return settled < values.count;
}

/** Whether a value and its form as a key can differ. */
export function hasOtherForms(column: ColumnDefinition): boolean {
  return needsCollation(column) || FLOATING.has(column.dataType);
}

const FLOATING = new Set(['float', 'double']);
const COLLATED = new Set(['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext']);

export function needsCollation(column: ColumnDefinition): boolean {
  return COLLATED.has(column.dataType) && column.charset !== null && column.charset !== 'binary';
}

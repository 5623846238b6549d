// Looks at rows of the window, some keys a statement, and which of them are not what they should be. Asks by key, compares
// with what the server sent as bytes; never sends, never says what a difference means.
import type { Held, Slot } from '../diff/footprint.ts';
import { packRow, unpackRow } from '../diff/row-text.ts';
import type { SlotKey, WindowSlots } from '../diff/window-slots.ts';
import type { AnsweredRow } from '../server/answered-row.ts';
import { answeredColumns } from '../server/canonical-row.ts';
import { batches, bytesOfKey } from '../server/key-batches.ts';
import { type KeyLookUp, keysALookUp } from '../server/key-look-up.ts';

/** Row slots of tables that have a key, and what they should hold; index-aligned. */
export interface ExpectedRows {
  slots: readonly Slot[];
  held: readonly (Held | null)[];
}

/** In the order of their first rows. `most`: keys in one statement, by the key's table. */
export function* rowLooks(
  expected: ExpectedRows,
  slots: WindowSlots,
  most: (key: SlotKey) => number = ({ definition, columns }) => keysALookUp(definition, columns),
): Generator<RowLook> {
  const all = expected.slots;
  const byKey = Map.groupBy(all.keys(), (i) => slots.keyOf(all[i]!).number);
  const next: { look: RowLook; rest: Generator<RowLook> }[] = [];
  const take = (rest: Generator<RowLook>): void => {
    const one = rest.next();
    if (one.done !== true) next.push({ look: one.value, rest });
  };
  for (const places of byKey.values()) take(looksOfKey(expected, places, slots, most));
  while (next.length > 0) {
    const first = next.reduce((one, other) => (other.look.first < one.look.first ? other : one));
    next.splice(next.indexOf(first), 1);
    yield first.look;
    take(first.rest);
  }
}

function* looksOfKey(
  expected: ExpectedRows,
  places: readonly number[],
  slots: WindowSlots,
  most: (key: SlotKey) => number,
): Generator<RowLook> {
  const all = expected.slots;
  const key = slots.keyOf(all[places[0]!]!);
  let from = 0;
  const keys = places.values().map((i) => slots.values(all[i]!));
  for (const batch of batches(keys, most(key), bytesOfKey)) {
    yield new RowLook(slots, key, expected, places.slice(from, from + batch.length), batch);
    from += batch.length;
  }
}

export class RowLook implements KeyLookUp {
  readonly definition: KeyLookUp['definition'];
  readonly columns: number[];
  readonly index: string;
  readonly keys: string[][];
  readonly #slots: WindowSlots;
  readonly #expected: ExpectedRows;
  /** Numbers of its rows among those, in the order of the keys. */
  readonly #places: readonly number[];
  readonly #collated: boolean;

  constructor(
    slots: WindowSlots,
    { definition, columns, key, collated }: SlotKey,
    expected: ExpectedRows,
    places: readonly number[],
    keys: string[][],
  ) {
    this.definition = definition;
    this.columns = columns;
    this.index = key;
    this.keys = keys;
    this.#slots = slots;
    this.#expected = expected;
    this.#places = places;
    this.#collated = collated;
  }

  /** The lowest number of its rows among those that are expected. */
  get first(): number {
    return this.#places[0]!;
  }

  /** Those that are not shown to be as expected by what was found. */
  differing(found: Iterable<AnsweredRow>): Slot[] {
    const count = this.#places.length;
    const isAsExpected = this.#places.map((_, i) => this.#held(i) === null);
    // In the order of the keys, as long as it is theirs; else by their keys.
    let byKey: Map<string, number> | null = null;
    let next = 0;
    for (const row of found) {
      while (next < count && this.#held(next) === null) next += 1;
      if (byKey === null && next < count && this.#is(next, row)) {
        isAsExpected[next] = true;
        next += 1;
        continue;
      }
      byKey ??= new Map(this.#places.map((_, i) => [this.#spelled(i), i]));
      const place = byKey.get(this.#keyOf(row));
      // Under another spelling of its key: whose row it is takes more than this.
      if (place === undefined) return this.#places.map((_, i) => this.#slot(i));
      isAsExpected[place] = this.#is(place, row);
    }
    const differing: Slot[] = [];
    for (let i = 0; i < count; i++) if (!isAsExpected[i]) differing.push(this.#slot(i));
    return differing;
  }

  #slot(i: number): Slot {
    return this.#expected.slots[this.#places[i]!]!;
  }

  #held(i: number): Held | null {
    return this.#expected.held[this.#places[i]!]!;
  }

  #is(i: number, row: AnsweredRow): boolean {
    const held = this.#held(i);
    return held !== null && this.#slots.contents.isAnswered(held, row, answeredColumns(this.definition));
  }

  /** The key as the row should have it: a collation calls more than one spelling the same, and the slot knows the first. */
  #spelled(i: number): string {
    const held = this.#held(i);
    if (!this.#collated || held === null) return packRow(this.keys[i]!);
    const row = unpackRow(this.#slots.contents.text(held));
    return packRow(this.columns.map((column) => row[column]!));
  }

  #keyOf(row: AnsweredRow): string {
    const answered = answeredColumns(this.definition);
    return packRow(this.columns.map((column) => row.value(column, answered[column]!)));
  }
}

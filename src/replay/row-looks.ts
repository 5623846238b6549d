// Looks at rows of the window, some keys a statement, and which of them are not what they should be. Asks by key, compares
// with what the server sent as bytes; never sends, never says what a difference means.
import type { Held, Slot } from '../diff/footprint.ts';
import { keysALookUp } from '../diff/restored-reader.ts';
import { packRow, unpackRow } from '../diff/row-text.ts';
import type { SlotKey, WindowSlots } from '../diff/window-slots.ts';
import type { AnsweredRow } from '../server/answered-row.ts';
import { batches, bytesOfKey } from '../server/key-batches.ts';
import { answeredColumns } from '../server/canonical-row.ts';
import type { KeyLookUp } from '../server/key-look-up.ts';

/** Row slots of tables that have a key, and what they should hold; index-aligned. */
export interface ExpectedRows {
  slots: readonly Slot[];
  held: readonly (Held | null)[];
}

/** In the order of their first rows. `most`: keys in one statement, by the key's table. */
export function* rowLooks(
  { slots: all, held }: ExpectedRows,
  slots: WindowSlots,
  most: (key: SlotKey) => number = ({ columns }) => keysALookUp(columns),
): Generator<RowLook> {
  const byKey = Map.groupBy(all.keys(), (i) => slots.keyOf(all[i]!).number);
  const next: { look: RowLook; rest: Generator<RowLook> }[] = [];
  const take = (rest: Generator<RowLook>): void => {
    const one = rest.next();
    if (one.done !== true) next.push({ look: one.value, rest });
  };
  for (const places of byKey.values()) take(looksOfKey({ slots: all, held }, places, slots, most));
  while (next.length > 0) {
    const first = next.reduce((one, other) => (other.look.first < one.look.first ? other : one));
    next.splice(next.indexOf(first), 1);
    yield first.look;
    take(first.rest);
  }
}

function* looksOfKey(
  { slots: all, held }: ExpectedRows,
  places: readonly number[],
  slots: WindowSlots,
  most: (key: SlotKey) => number,
): Generator<RowLook> {
  const key = slots.keyOf(all[places[0]!]!);
  const rows = places
    .values()
    .map((i): ExpectedRow => ({ number: i, slot: all[i]!, key: slots.values(all[i]!), held: held[i]! }));
  for (const batch of batches(rows, most(key), (row) => bytesOfKey(row.key)))
    yield new RowLook(slots, key, batch);
}

interface ExpectedRow {
  number: number;
  slot: Slot;
  key: string[];
  held: Held | null;
}

export class RowLook implements KeyLookUp {
  readonly definition: KeyLookUp['definition'];
  readonly columns: number[];
  readonly index: string;
  readonly #slots: WindowSlots;
  readonly #rows: readonly ExpectedRow[];
  readonly #collated: boolean;

  constructor(
    slots: WindowSlots,
    { definition, columns, key, collated }: SlotKey,
    rows: readonly ExpectedRow[],
  ) {
    this.#collated = collated;
    this.definition = definition;
    this.columns = columns;
    this.index = key;
    this.#slots = slots;
    this.#rows = rows;
  }

  /** The lowest number of its rows among those that are expected. */
  get first(): number {
    return this.#rows[0]!.number;
  }

  get keys(): string[][] {
    return this.#rows.map(({ key }) => key);
  }

  /** Those that are not shown to be as expected by what was found. */
  differing(found: Iterable<AnsweredRow>): Slot[] {
    const rows = this.#rows;
    const isAsExpected = rows.map(({ held }) => held === null);
    // In the order of the keys, as long as it is theirs; else by their keys.
    let places: Map<string, number> | null = null;
    let next = 0;
    for (const row of found) {
      while (next < rows.length && rows[next]!.held === null) next += 1;
      if (places === null && this.#is(rows[next], row)) {
        isAsExpected[next] = true;
        next += 1;
        continue;
      }
      places ??= new Map(rows.map((expected, i) => [this.#spelled(expected), i]));
      const place = places.get(this.#keyOf(row));
      // Under another spelling of its key: whose row it is takes more than this.
      if (place === undefined) return rows.map(({ slot }) => slot);
      isAsExpected[place] = this.#is(rows[place], row);
    }
    return rows.flatMap(({ slot }, i) => (isAsExpected[i] ? [] : [slot]));
  }

  #is(expected: ExpectedRow | undefined, row: AnsweredRow): boolean {
    if (expected === undefined || expected.held === null) return false;
    return this.#slots.contents.isAnswered(expected.held, row, answeredColumns(this.definition));
  }

  /** The key as the row should have it: a collation calls more than one spelling the same, and the slot knows the first. */
  #spelled({ key, held }: ExpectedRow): string {
    if (!this.#collated || held === null) return packRow(key);
    const row = unpackRow(this.#slots.contents.text(held));
    return packRow(this.columns.map((column) => row[column]!));
  }

  #keyOf(row: AnsweredRow): string {
    const answered = answeredColumns(this.definition);
    return packRow(this.columns.map((column) => row.value(column, answered[column]!)));
  }
}

// What a log holds of some rows of one table, found by the values of some columns: which transactions wrote them, and how
// many more there are than before. Remembers only values that were asked for. Reads no log.
import { ByteStore, type ByteStoreOptions } from '../binlog/byte-store.ts';
import type { Change } from '../binlog/transaction.ts';
import { InternedTexts } from './interned-texts.ts';
import { type KeyNormaliser, needsCollation } from './key-normaliser.ts';
import { packRow } from './row-text.ts';
import type { WindowTable } from './window-table.ts';

export interface Sighting {
  transaction: string;
  /** Microseconds since 1970. */
  committedAt: number;
  /** Its number in the log, for order: MariaDB's commit times are whole seconds. */
  number: number;
  op: Change['kind'];
  /** Which of the change's images has the values. */
  side: 'before' | 'after' | 'both';
  /** The row's primary key behind the change; null where the log does not show it. */
  key: readonly (string | null)[] | null;
}

/** Of the server's own transactions, except where it says so. */
export interface Sightings {
  /** The latest ones, last first. */
  last: readonly Sighting[];
  count: number;
  /** Rows that came to have the values, less those that ceased to. */
  net: number;
  /** The same, of replayed transactions. */
  replayed: number;
}

/** A counter that every request writes is seen a million times: who wrote it last is what people ask. */
export const KEPT = 8;
const NOTHING: Sightings = { last: [], count: 0, net: 0, replayed: 0 };

type Values = readonly (string | null)[];

export class ImageWatch {
  readonly table: WindowTable;
  readonly columns: readonly number[];
  /** Whether see() needs keys that the server has to be asked for. */
  readonly isCollated: boolean;
  /** What was asked for, under the names by which it is found. */
  readonly #names: InternedTexts;
  /** So many of them are answered. */
  #answered = 0;
  readonly #found = new Map<number, Sightings>();
  /** Of collated values: asked for, and not named yet; named. By their text. */
  readonly #unnamed = new Map<string, Values>();
  readonly #nameOf = new Map<string, string>();

  /** `store`: where bytes go that are too many for memory. */
  constructor(
    table: WindowTable,
    columns: readonly number[],
    equal: 'collation' | 'exact',
    store: ByteStoreOptions = {},
  ) {
    this.#names = new InternedTexts(new ByteStore(store));
    this.table = table;
    this.columns = columns;
    this.isCollated = equal === 'collation' && columns.some((i) => needsCollation(table.definitions[i]!));
  }

  want(values: Values): void {
    const text = packRow(values);
    if (!this.isCollated) this.#names.intern(text);
    else if (!this.#nameOf.has(text)) this.#unnamed.set(text, values);
  }

  /** Gives the disk's room back, if some was taken: nothing can be asked after. */
  close(): void {
    this.#names.close();
  }

  get isAsked(): boolean {
    return this.#unnamed.size > 0 || this.#names.count > this.#answered;
  }

  /** Whether of() can answer anything but "never". */
  get hasSeen(): boolean {
    return this.#found.size > 0;
  }

  of(values: Values): Sightings {
    const text = packRow(values);
    const name = this.isCollated ? this.#nameOf.get(text) : text;
    const number = name === undefined ? undefined : this.#names.find(name);
    return (number !== undefined && this.#found.get(number)) || NOTHING;
  }

  wantAsked(normaliser: KeyNormaliser): void {
    for (const values of this.#unnamed.values()) this.normalise(values, null, normaliser);
  }

  begin(normaliser: KeyNormaliser): void {
    for (const [text, values] of this.#unnamed) {
      const name = this.#name(values, normaliser);
      this.#nameOf.set(text, name);
      this.#names.intern(name);
    }
    this.#unnamed.clear();
  }

  end(): void {
    this.#answered = this.#names.count;
  }

  /** Notes what see() will need. */
  normalise(before: Values | null, after: Values | null, normaliser: KeyNormaliser): void {
    if (!this.isCollated) return;
    this.columns.forEach((column, i) => {
      const definition = this.table.definitions[column]!;
      if (before) normaliser.want(definition, before[i]!);
      if (after) normaliser.want(definition, after[i]!);
    });
  }

  see(
    before: Values | null,
    after: Values | null,
    change: Omit<Sighting, 'side' | 'key'> & { replay: boolean; key: () => Values | null },
    normaliser: KeyNormaliser,
  ): void {
    const from = before && this.#name(before, normaliser);
    const to = after && this.#name(after, normaliser);
    if (from !== null) this.#add(from, from === to ? 'both' : 'before', change);
    if (to !== null && from !== to) this.#add(to, 'after', change);
  }

  #add(
    name: string,
    side: Sighting['side'],
    { replay, key, ...seen }: Parameters<ImageWatch['see']>[2],
  ): void {
    const number = this.#names.find(name);
    if (number === undefined || number < this.#answered) return;
    const known = this.#found.get(number) ?? NOTHING;
    const step = side === 'both' ? 0 : side === 'after' ? 1 : -1;
    if (replay) {
      this.#found.set(number, { ...known, replayed: known.replayed + step });
      return;
    }
    const sighting: Sighting = { ...seen, side, key: key() };
    this.#found.set(number, {
      ...known,
      last: [sighting, ...known.last].slice(0, KEPT),
      count: known.count + 1,
      net: known.net + step,
    });
  }

  #name(values: Values, normaliser: KeyNormaliser): string {
    if (!this.isCollated) return packRow(values);
    return packRow(
      values.map((value, i) =>
        value === null ? null : normaliser.key(this.table.definitions[this.columns[i]!]!, value),
      ),
    );
  }
}

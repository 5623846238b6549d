// Brings key values to the form in which "the same key" is "the same string", by the column's collation: 'A' and 'a',
// 'x' and 'x ' can be one key. Never guesses a collation: it asks the restored primary, once a value.
import type { ColumnDefinition } from '../server/catalogue.ts';
import type { RestoredReader } from './restored-reader.ts';

export class KeyNormaliser {
  readonly #reader: RestoredReader;
  readonly #known = new Map<string, Map<string, string>>();
  readonly #wanted = new Map<string, { column: ColumnDefinition; values: Set<string> }>();

  #busy: Promise<void> | null = null;

  constructor(reader: RestoredReader) {
    this.#reader = reader;
  }

  /** Notes that `value` will be needed; `settle()` asks for all noted ones in batches. */
  want(column: ColumnDefinition, value: string | null): void {
    if (value === null || !needsCollation(column)) return;
    const collation = column.collation!;
    if (this.#known.get(collation)?.has(value)) return;
    let wanted = this.#wanted.get(collation);
    if (!wanted) {
      wanted = { column, values: new Set() };
      this.#wanted.set(collation, wanted);
    }
    wanted.values.add(value);
  }

  /** One at a time: what another caller has just asked for is known when his answer is here. */
  settle(): Promise<void> {
    if (this.#wanted.size === 0 && !this.#busy) return Promise.resolve();
    const next = (this.#busy ?? Promise.resolve()).then(() => this.#ask());
    const settled = next.finally(() => {
      if (this.#busy === settled) this.#busy = null;
    });
    this.#busy = settled;
    return settled;
  }

  async #ask(): Promise<void> {
    const wanted = new Map(this.#wanted);
    this.#wanted.clear();
    for (const [collation, { column, values }] of wanted) {
      const list = [...values];
      const keys = await this.#reader.collationKeys(column, list);
      let known = this.#known.get(collation);
      if (!known) {
        known = new Map();
        this.#known.set(collation, known);
      }
      for (let i = 0; i < list.length; i++) known.set(list[i]!, keys[i]!);
    }
  }

  key(column: ColumnDefinition, value: string): string {
    // Two values, one key: no index holds both 0 and -0.
    if (value === '-0' && FLOATING.has(column.dataType)) return '0';
    if (!needsCollation(column)) return value;
    const key = this.#known.get(column.collation!)?.get(value);
    if (key === undefined) throw new Error(`key value of ${column.name} was not settled`);
    return key;
  }
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

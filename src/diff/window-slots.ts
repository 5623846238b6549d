// Gives every row and unique value of the window its slot number, and knows what a slot number stands for.
import type { TableDefinition } from '../server/catalogue.ts';
import type { Slot } from './footprint.ts';
import type { KeyNormaliser } from './key-normaliser.ts';
import { packRow } from './row-text.ts';

/** What a slot stands for: these values of these columns of this table. */
export interface SlotPlace {
  definition: TableDefinition;
  /** PRIMARY for a row slot, else the unique index. */
  key: string;
  columns: number[];
  /** Canonical values as first seen. */
  values: string[];
  name: string;
}

export class WindowSlots {
  readonly places: SlotPlace[] = [];
  readonly #numbers = new Map<string, Slot>();
  readonly #normaliser: KeyNormaliser;

  constructor(normaliser: KeyNormaliser) {
    this.#normaliser = normaliser;
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
    const name = this.name(definition, key, columns, values);
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const slot = this.places.length;
    this.places.push({ definition, key, columns, values, name });
    this.#numbers.set(name, slot);
    return slot;
  }

  /** The slot's name without making a slot: rows of the restored primary that the window does not touch have none. */
  name(
    definition: TableDefinition,
    key: string,
    columns: number[],
    values: readonly string[],
    normaliser = this.#normaliser,
  ): string {
    const parts = columns.map((column, i) => normaliser.key(definition.columns[column]!, values[i]!));
    return `${definition.schema}.${definition.table}\0${key}\0${packRow(parts)}`;
  }

  find(name: string): Slot | undefined {
    return this.#numbers.get(name);
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

// Rows that got another key, and every column of the window that means such a row: the key itself and, by foreign keys,
// whatever refers to it, at any depth. Knows nothing of references that no foreign key declares.
import { WHOLE_ROW } from './occurrences.ts';
import type { RowChange } from './window-rows.ts';
import type { WindowTable } from './window-table.ts';

export interface NewKey {
  table: WindowTable;
  /** Canonical integers. */
  from: string;
  to: string;
}

export class KeyTranslation {
  readonly #tables: ReadonlyMap<string, WindowTable>;
  /** By table and column: old value to new. */
  readonly #values = new Map<string, Map<number, Map<string, string>>>();
  readonly #closures = new Map<string, { table: string; column: number }[]>();

  constructor(tables: Iterable<WindowTable>) {
    this.#tables = new Map([...tables].map((table) => [table.name, table]));
  }

  get isEmpty(): boolean {
    return this.#values.size === 0;
  }

  /** Why the key can't be given, and nothing is added; null: it is added. */
  add({ table, from, to }: NewKey): string | null {
    const columns = this.#meaning(table);
    const clashes = columns.some(({ table: name, column }) => {
      const known = this.#values.get(name)?.get(column)?.get(from);
      return known !== undefined && known !== to;
    });
    if (clashes) return 'a column that refers to it would mean two rows at once';
    const keyless = columns.find(({ table: name }) => this.#tables.get(name)!.primaryKey.name === WHOLE_ROW);
    if (keyless) return `${keyless.table} refers to it, and has no key to tell its rows by`;
    for (const { table: name, column } of columns) {
      const byColumn = this.#values.get(name) ?? new Map<number, Map<string, string>>();
      this.#values.set(name, byColumn);
      byColumn.set(column, (byColumn.get(column) ?? new Map<string, string>()).set(from, to));
    }
    return null;
  }

  remove({ table, from }: NewKey): void {
    for (const { table: name, column } of this.#meaning(table))
      this.#values.get(name)?.get(column)?.delete(from);
  }

  /** The same object where nothing of it means a row with another key. */
  translate(row: RowChange): RowChange {
    const columns = this.#values.get(row.table.name);
    if (!columns) return row;
    const image = (values: (string | null)[] | null): (string | null)[] | null => {
      let copy = values;
      for (const [column, keys] of columns) {
        const value = values?.[column];
        const to = value === null || value === undefined ? undefined : keys.get(value);
        if (to === undefined) continue;
        if (copy === values) copy = [...values!];
        copy![column] = to;
      }
      return copy;
    };
    const { before, after } = row;
    const [newBefore, newAfter] = [image(before), image(after)];
    return before === newBefore && after === newAfter
      ? row
      : { table: row.table, before: newBefore, after: newAfter };
  }

  /** The table's key column and those that refer to it. */
  #meaning({ name, primaryKey }: WindowTable): { table: string; column: number }[] {
    const known = this.#closures.get(name);
    if (known) return known;
    const found = [{ table: name, column: primaryKey.columns[0]! }];
    const seen = new Set([`${found[0]!.column} ${name}`]);
    for (const at of found) {
      const column = this.#tables.get(at.table)!.definitions[at.column]!.name;
      for (const child of this.#tables.values()) {
        for (const { parent, parentColumns, columns } of child.foreignKeys) {
          if (parent !== at.table) continue;
          parentColumns.forEach((one, i) => {
            const id = `${columns[i]!} ${child.name}`;
            if (one !== column || seen.has(id)) return;
            seen.add(id);
            found.push({ table: child.name, column: columns[i]! });
          });
        }
      }
    }
    this.#closures.set(name, found);
    return found;
  }
}

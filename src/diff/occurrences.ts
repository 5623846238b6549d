// Rows of a table without any key, told apart by what they hold and how manieth they are of those that hold the same: a
// stack of equal rows for each content. An insert puts one on top, a delete takes the top one away. Looks nothing up.
//
// They are numbered from what both servers had at the failover: 0, -1, -2 … were there, 1, 2 … came since. Of two equal
// rows it does not matter which one is meant.
import type { TableDefinition } from '../server/catalogue.ts';

/** The key's name of such rows: no index can have it. */
export const WHOLE_ROW = '\0whole row';

export class Occurrences {
  /** By table and the content's number: the number of the top one. */
  readonly #tops = new Map<TableDefinition, Map<number, number>>();

  /** The number of the row that an insert brings. */
  put(table: TableDefinition, content: number): number {
    return this.#move(table, content, 1) + 1;
  }

  /** The number of the row that a delete takes away. */
  take(table: TableDefinition, content: number): number {
    return this.#move(table, content, -1);
  }

  #move(table: TableDefinition, content: number, step: number): number {
    const tops = this.#tops.get(table) ?? new Map<number, number>();
    this.#tops.set(table, tops);
    const top = tops.get(content) ?? 0;
    tops.set(content, top + step);
    return top;
  }
}

// The tables of kept changes by number: each table map's content once, and the order that a table's columns are given later.
// Never looks at a row.
import type { TableMap } from './table-map.ts';

/** In front of a table map's body, and different in every transaction. */
const TABLE_ID_AND_FLAGS = 8;

/** A table whose images are kept in the order of `logged`; those that are not have the number `whole`. */
interface ReorderedTable {
  logged: TableMap;
  order: readonly number[];
  whole: number;
}

export class KeptTables {
  readonly maps: TableMap[] = [];
  /** By a table's number. */
  readonly reordered = new Map<number, ReorderedTable>();
  readonly #numbers = new Map<string, number>();
  readonly #byMap = new WeakMap<TableMap, number>();

  /** Every transaction brings its own table map; but for the table id and flags in front they are the same bytes. */
  number(map: TableMap): number {
    let number = this.#byMap.get(map);
    if (number !== undefined) return number;
    const content = map.body.toString('latin1', TABLE_ID_AND_FLAGS);
    number = this.#numbers.get(content);
    if (number === undefined) {
      number = this.maps.length;
      // Its body is a slice of the log's block, which it would hold.
      this.maps.push({ ...map, body: Buffer.from(map.body) });
      this.#numbers.set(content, number);
    }
    this.#byMap.set(map, number);
    return number;
  }

  /** A number for the same rows with the columns of `map`: `order[i]` is where its column i stands in the log. */
  reorder(number: number, order: readonly number[], map: TableMap): number {
    const whole = this.maps.push(map) - 1;
    const reordered = this.maps.push(map) - 1;
    this.reordered.set(reordered, { logged: this.maps[number]!, order, whole });
    return reordered;
  }
}

// Counts the distinct rows that a window touches, by key, in bounded memory. Never holds a row, never makes a value.
import { type ImageLayout, valueEnd } from '../binlog/row-image.ts';
import type { LoggedRows } from '../binlog/rows-event.ts';
import type { TableMap } from '../binlog/table-map.ts';
import { ByteHash } from './byte-hash.ts';
import { KeyIndex } from './key-index.ts';

/**
 * A row is known by its key where the log names it (binlog_row_metadata=FULL), else by its before image, followed from
 * change to change: an update's after image takes the place of its before image. With MINIMAL images and no key named, a
 * row that is inserted and then updated counts twice.
 */
export class RowIndex {
  private readonly seen = new KeyIndex();
  private readonly hash = new ByteHash();
  private readonly hashes = new HashList();

  /** How many rows of the event it had not seen. `table`: a number of the table's own. */
  countNew(rows: LoggedRows, table: number): number {
    const { first, second } = rows;
    const before = keyOf(rows.table, first);
    if (before !== null) return this.byKey(rows, table, before, second && keyOf(rows.table, second));
    if (second !== null && isWhole(first) && isWhole(second)) return this.followed(rows, table);
    return this.byImage(rows, table);
  }

  private byKey(rows: LoggedRows, table: number, before: RowKey, after: RowKey | null): number {
    const { bytes, bounds, count, first, second } = rows;
    const { hash, hashes } = this;
    const images = second === null ? 1 : 2;
    hashes.clear();
    for (let i = 0; i < count * images; i += images) {
      hash.begin(table);
      this.addKey(rows, i, before, first);
      hashes.push(hash);
      if (after === null) continue;
      // Nearly no update changes its key.
      if (before.length > 0 && after.length > 0) {
        const here = bounds[i]! + before.start;
        const there = bounds[i + 1]! + after.start;
        let at = 0;
        while (at < before.length && bytes[here + at] === bytes[there + at]) at++;
        if (at === before.length) continue;
      }
      hash.begin(table);
      this.addKey(rows, i + 1, after, second!);
      hashes.push(hash);
    }
    return this.addAll();
  }

  private addKey(rows: LoggedRows, index: number, key: RowKey, layout: ImageLayout): void {
    const { hash } = this;
    const { bytes, bounds } = rows;
    if (key.length > 0) {
      const at = bounds[index]! + key.start;
      // Where damage made a key column NULL the image is shorter.
      hash.add(bytes, at, Math.min(at + key.length, bounds[index + 1]!));
      return;
    }
    const image = rows.image(index, layout);
    for (const column of key.columns) {
      const start = image.offsets[column]!;
      if (start >= 0) hash.add(image.bytes, start, valueEnd(image, column));
    }
  }

  private byImage(rows: LoggedRows, table: number): number {
    this.hashImages(rows, table, rows.second === null ? 1 : 2);
    return this.addAll();
  }

  /** Image after image, and only then one look-up after another: so the processor waits for several at a time. */
  private hashImages({ bytes, bounds }: LoggedRows, table: number, step: number): void {
    const { hash, hashes } = this;
    hashes.clear();
    for (let i = 0; i + 1 < bounds.length; i += step) {
      hash.begin(table);
      hash.add(bytes, bounds[i]!, bounds[i + 1]!);
      hashes.push(hash);
    }
  }

  private addAll(): number {
    const { seen, hashes } = this;
    const { pairs, length } = hashes;
    let fresh = 0;
    for (let i = 0; i < length; i += 2) if (seen.add(pairs[i]!, pairs[i + 1]!)) fresh += 1;
    return fresh;
  }

  private followed(rows: LoggedRows, table: number): number {
    const { seen, hashes } = this;
    this.hashImages(rows, table, 1);
    const { pairs, length } = hashes;
    let fresh = 0;
    for (let i = 0; i < length; i += 4) {
      if (!seen.remove(pairs[i]!, pairs[i + 1]!)) fresh += 1;
      seen.add(pairs[i + 2]!, pairs[i + 3]!);
    }
    return fresh;
  }
}

/** The hashes of one rows event. */
class HashList {
  length = 0;
  pairs = new Int32Array(1024);

  clear(): void {
    this.length = 0;
  }

  push(hash: ByteHash): void {
    hash.end();
    if (this.length === this.pairs.length) {
      const longer = new Int32Array(this.length * 2);
      longer.set(this.pairs);
      this.pairs = longer;
    }
    this.pairs[this.length++] = hash.low;
    this.pairs[this.length++] = hash.high;
  }
}

interface RowKey {
  columns: readonly number[];
  /** Where the key's bytes start in an image and how many there are, the same in all; length 0: look in each. */
  start: number;
  length: number;
}

const keys = new WeakMap<ImageLayout, RowKey>();

/** null: the log does not name the key, or the image does not hold it. */
function keyOf({ primaryKey }: TableMap, layout: ImageLayout): RowKey | null {
  if (primaryKey === null || primaryKey.length === 0) return null;
  let key = keys.get(layout);
  if (key !== undefined) return key;
  const { present, lengths, nullBytes } = layout;
  if (!primaryKey.every((column) => present.includes(column))) return null;
  const columns = primaryKey.toSorted((a, b) => a - b);
  // Keys are never NULL: where nothing else stands before them, they stand where they stand.
  let length = 0;
  for (const [i, column] of columns.entries()) {
    if (present[i] !== column || lengths[i]! < 0) {
      length = 0;
      break;
    }
    length += lengths[i]!;
  }
  key = { columns, start: nullBytes, length };
  keys.set(layout, key);
  return key;
}

function isWhole(layout: ImageLayout): boolean {
  return layout.present.length === layout.width;
}

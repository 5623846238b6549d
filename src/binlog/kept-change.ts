// One kept change, an object only while somebody looks at it, and what is asked of a change whether it is kept or not.
import type { EventPlace } from './raw-event.ts';
import type { TableMap } from './table-map.ts';
import { ABSENT_VALUE, type Change, type RowImage } from './transaction.ts';

/** Images by number: twice the change's, and one more for the after image. Only whole ones as their table has them. */
export interface KeptImages {
  /** Null bitmap (spare bits 0), then the values as stored. */
  bytes(image: number): Buffer | null;
  /** Bytes of a change's images, which stand one behind the other; null where bytes() is null. */
  rowLength(index: number): number | null;
  row(index: number): Buffer | null;
  /** Whether one of these changes' rows events has one of these flags. */
  hasFlags(first: number, next: number, mask: number): boolean;
  holds(image: number, bytes: Buffer): boolean;
  image(image: number): RowImage | null;
  table(image: number): TableMap;
  /** Whether an image of that change lacks columns. */
  isPartial(index: number): boolean;
}

/** A kept change's whole image as encodeImage() of src/plan would write it; null where that has to be asked. */
export function wholeImage(change: Change, side: 'before' | 'after'): Buffer | null {
  return change instanceof KeptChange ? change.images.bytes(change.number(side)) : null;
}

/** All images of a change as a rows event has them, before and after; null where they have to be asked for one by one. */
export function wholeRow(change: Change): Buffer | null {
  return change instanceof KeptChange && !change.isTurned ? change.images.row(change.index) : null;
}

/** Its length. Reads nothing. */
export function wholeRowLength(change: Change): number | null {
  return change instanceof KeptChange ? change.images.rowLength(change.index) : null;
}

/** The number of the change's image among the kept ones; null where it is kept by nobody. */
export function imageNumber(change: Change, side: 'before' | 'after'): number | null {
  return change instanceof KeptChange ? change.number(side) : null;
}

/** Whether an image of the change lacks columns. Splits no image of a kept change. */
export function hasPartialImage(change: Change): boolean {
  if (change instanceof KeptChange) return change.isPartial;
  const { before, after } = change;
  return (before !== null && lacksColumns(before)) || (after !== null && lacksColumns(after));
}

export function lacksColumns({ offsets: places }: RowImage): boolean {
  return places.includes(ABSENT_VALUE);
}

const INVERSE = { insert: 'delete', delete: 'insert', update: 'update' } as const;

/** What takes it back. */
export function invertedChange(change: Change): Change {
  if (change instanceof KeptChange) return change.inverted();
  const { kind, table, before, after, flags, place } = change;
  return { kind: INVERSE[kind], table, before: after, after: before, flags, place };
}

/** Splits an image each time it is asked for: what is held is not the row but where it lies. */
export class KeptChange implements Change {
  readonly kind: Change['kind'];
  readonly table: TableMap;
  readonly flags: number;
  /** Its transaction's start. */
  readonly place: EventPlace;
  readonly images: KeptImages;
  /** Its number among the kept ones. */
  readonly index: number;
  /** Its after image is the one that it had before. */
  readonly #isInverted: boolean;

  constructor(
    images: KeptImages,
    index: number,
    kind: Change['kind'],
    table: TableMap,
    flags: number,
    place: EventPlace,
    isInverted = false,
  ) {
    this.images = images;
    this.index = index;
    this.#isInverted = isInverted;
    this.kind = kind;
    this.table = table;
    this.flags = flags;
    this.place = place;
  }

  /** Whether its images stand in another order than they are kept. */
  get isTurned(): boolean {
    return this.#isInverted && this.kind === 'update';
  }

  get isPartial(): boolean {
    return this.images.isPartial(this.index);
  }

  /** Of the image that stands on that side. */
  number(side: 'before' | 'after'): number {
    return this.index * 2 + ((side === 'before') === this.#isInverted ? 1 : 0);
  }

  get before(): RowImage | null {
    return this.images.image(this.number('before'));
  }

  get after(): RowImage | null {
    return this.images.image(this.number('after'));
  }

  inverted(): KeptChange {
    const { kind, table, flags, place } = this;
    return new KeptChange(this.images, this.index, INVERSE[kind], table, flags, place, !this.#isInverted);
  }
}

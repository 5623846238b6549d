// Row changes kept small: their images as the log has them in a store of bytes, a few numbers a change. Never makes a value.
import { ReconcileError } from '../reconcile-error.ts';
import { DecodeFault } from './byte-cursor.ts';
import { ByteStore, type ByteStoreOptions, type Room } from './byte-store.ts';
import { KeptChange, type KeptImages, lacksColumns } from './kept-change.ts';
import { integers, offsets } from './number-list.ts';
import { permutedImage } from './permuted-table-map.ts';
import type { EventPlace } from './raw-event.ts';
import { type ImageLayout, imageLayout, measureImage, splitImage } from './row-image.ts';
import type { LoggedRows } from './rows-event.ts';
import type { TableMap } from './table-map.ts';
import { ABSENT_VALUE, type Change, NULL_VALUE, type RowImage } from './transaction.ts';

const KINDS = ['insert', 'update', 'delete'] as const;
const KIND = 3;
const PARTIAL_BEFORE = 4;
const PARTIAL_AFTER = 8;
const FLAGS_SHIFT = 4;
/** Length of an image that is not there. */
const NO_IMAGE = -1;
/** In front of a table map's body, and different in every transaction. */
const TABLE_ID_AND_FLAGS = 8;
/** Images are read in the order in which they came: from the file that costs little. */
const IMAGES_IN_MEMORY = 8 << 20;
/** So much of the file at a time. */
const AHEAD = 1 << 18;
/** A table has 4096 columns at most. */
const EVERY_COLUMN = Buffer.alloc(512, 0xff);

export class KeptChanges implements KeptImages {
  /** Each content once. */
  readonly tables: TableMap[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #byMap = new WeakMap<TableMap, number>();
  /** By a table's number: its images are kept in the order of another one, whose number `whole` are those that are not. */
  readonly #views = new Map<number, { logged: TableMap; order: readonly number[]; whole: number }>();
  readonly #images: ByteStore;
  readonly #tables = integers();
  /** Kind, whether the images are partial, the event's flags. */
  readonly #marks = integers();
  readonly #imagesAt = offsets();
  readonly #beforeLengths = integers();
  readonly #afterLengths = integers();
  #scratch = Buffer.allocUnsafe(4096);
  #hasPartial = false;

  constructor(options: ByteStoreOptions = {}) {
    this.#images = new ByteStore({ bound: IMAGES_IN_MEMORY, ...options, ahead: AHEAD });
  }

  get length(): number {
    return this.#marks.length;
  }

  addRows(rows: LoggedRows): void {
    const { kind, table, flags, first, second, bytes, bounds, count } = rows;
    const width = table.columns.length;
    if (first.present.length < width || (second !== null && second.present.length < width)) {
      for (let i = 0; i < count; i++) this.add(rows.change(i));
      return;
    }
    // Whole images are kept as they stand in the event: null bitmap, then values. But for the bitmap's spare bits, that a
    // server may leave set: they would make two forms of one image.
    const spare = (width & 7) === 0 ? 0 : 0xff << (width & 7);
    const mark = KINDS.indexOf(kind) | (flags << FLAGS_SHIFT);
    const number = this.#tableNumber(table);
    const images = second === null ? 1 : 2;
    for (let i = 0; i < count; i++) {
      const start = bounds[i * images]!;
      const middle = bounds[i * images + 1]!;
      const end = bounds[(i + 1) * images]!;
      const before = kind === 'insert' ? NO_IMAGE : middle - start;
      const after = kind === 'delete' ? NO_IMAGE : kind === 'insert' ? end - start : end - middle;
      const last = width >> 3;
      const clean = ((bytes[start + last]! | (images === 2 ? bytes[middle + last]! : 0)) & spare) === 0;
      const at = clean
        ? this.#images.append(bytes, start, end)
        : this.#appendClean(
            bytes.subarray(start, end),
            images === 2 ? [last, middle - start + last] : [last],
            spare,
          );
      this.#note(number, mark, at, before, after);
    }
  }

  #appendClean(images: Buffer, places: readonly number[], spare: number): number {
    const clean = Buffer.from(images);
    for (const place of places) clean[place]! &= ~spare;
    return this.#images.append(clean, 0, clean.length);
  }

  /** Whether the images of one lack a column (MINIMAL, NOBLOB). */
  get hasPartial(): boolean {
    return this.#hasPartial;
  }

  /**
   * From now on the changes of table `number` have the columns of `map`, in its order: `order[i]` is where column i
   * stands in the log.
   */
  reorder(number: number, order: readonly number[], map: TableMap): void {
    const whole = this.tables.push(map) - 1;
    const view = this.tables.push(map) - 1;
    this.#views.set(view, { logged: this.tables[number]!, order, whole });
    for (let i = 0; i < this.length; i++) if (this.#tables.at(i) === number) this.#tables.set(i, view);
  }

  /** Whether the changes of some table were. */
  get isReordered(): boolean {
    return this.#views.size > 0;
  }

  /** Whole images in the place of partial ones, in the order of the change's table. */
  complete(index: number, before: RowImage | null, after: RowImage | null): void {
    const { at, partial, beforeLength, afterLength } = this.#store(before, after);
    if (partial !== 0) throw new ReconcileError('internal', 'a completed change lacks a column');
    this.#marks.set(index, this.#marks.at(index) & ~(PARTIAL_BEFORE | PARTIAL_AFTER));
    const view = this.#views.get(this.#tables.at(index));
    if (view) this.#tables.set(index, view.whole);
    this.#imagesAt.set(index, at);
    this.#beforeLengths.set(index, beforeLength);
    this.#afterLengths.set(index, afterLength);
  }

  add({ kind, table, flags, before, after }: Change): void {
    const { at, partial, beforeLength, afterLength } = this.#store(before, after);
    if (partial !== 0) this.#hasPartial = true;
    const mark = KINDS.indexOf(kind) | partial | (flags << FLAGS_SHIFT);
    this.#note(this.#tableNumber(table), mark, at, beforeLength, afterLength);
  }

  /** Where addWhole() will look for so many bytes of images, at most. */
  room(most: number): Room {
    return this.#images.room(most);
  }

  /**
   * Whole images as they are kept, one behind the other in the room that was asked for: null bitmap, then values; -1 is
   * the length of one that is not there. Throws DecodeFault where they do not fit the table.
   */
  addWhole(
    { kind, table, flags }: Pick<Change, 'kind' | 'table' | 'flags'>,
    room: Room,
    beforeLength: number,
    afterLength: number,
  ): void {
    const layout = imageLayout(table.storedLengths, EVERY_COLUMN, 0);
    const middle = room.at + Math.max(beforeLength, 0);
    const end = middle + Math.max(afterLength, 0);
    if (beforeLength !== NO_IMAGE) takeImage(room.bytes, room.at, middle, layout);
    if (afterLength !== NO_IMAGE) takeImage(room.bytes, middle, end, layout);
    const at = this.#images.appendRoom(end - room.at);
    this.#note(
      this.#tableNumber(table),
      KINDS.indexOf(kind) | (flags << FLAGS_SHIFT),
      at,
      beforeLength,
      afterLength,
    );
  }

  change(index: number, place: EventPlace): Change {
    const mark = this.#marks.at(index);
    const table = this.tables[this.#tables.at(index)]!;
    return new KeptChange(this, index, KINDS[mark & KIND]!, table, mark >> FLAGS_SHIFT, place);
  }

  image(image: number): RowImage | null {
    const partial = (this.#marks.at(image >> 1) & (image & 1 ? PARTIAL_AFTER : PARTIAL_BEFORE)) !== 0;
    return this.#image(image >> 1, this.#imageAt(image), this.#imageLength(image), partial);
  }

  /** A whole image as it is kept: null bitmap, then values. null where there is none, or it is another one. */
  bytes(image: number): Buffer | null {
    const index = image >> 1;
    if (this.isPartial(index) || this.#views.has(this.#tables.at(index))) return null;
    const length = this.#imageLength(image);
    return length === NO_IMAGE ? null : this.#images.read(this.#imageAt(image), length);
  }

  rowLength(index: number): number | null {
    if (this.isPartial(index) || this.#views.has(this.#tables.at(index))) return null;
    return Math.max(this.#beforeLengths.at(index), 0) + Math.max(this.#afterLengths.at(index), 0);
  }

  row(index: number): Buffer | null {
    const length = this.rowLength(index);
    return length === null ? null : this.#images.read(this.#imagesAt.at(index), length);
  }

  hasFlags(first: number, next: number, mask: number): boolean {
    for (let i = first; i < next; i++) if (((this.#marks.at(i) >> FLAGS_SHIFT) & mask) !== 0) return true;
    return false;
  }

  holds(image: number, bytes: Buffer): boolean {
    return (
      this.#imageLength(image) === bytes.length &&
      this.#images.equals(this.#imageAt(image), bytes, bytes.length)
    );
  }

  table(image: number): TableMap {
    return this.tables[this.#tables.at(image >> 1)]!;
  }

  #imageLength(image: number): number {
    return (image & 1 ? this.#afterLengths : this.#beforeLengths).at(image >> 1);
  }

  #imageAt(image: number): number {
    const index = image >> 1;
    return this.#imagesAt.at(index) + (image & 1 ? Math.max(this.#beforeLengths.at(index), 0) : 0);
  }

  isPartial(index: number): boolean {
    return (this.#marks.at(index) & (PARTIAL_BEFORE | PARTIAL_AFTER)) !== 0;
  }

  close(): void {
    this.#images.close();
  }

  #store(before: RowImage | null, after: RowImage | null) {
    const beforeLength = before ? this.#pack(before, 0) : NO_IMAGE;
    const middle = Math.max(beforeLength, 0);
    const afterLength = after ? this.#pack(after, middle) : NO_IMAGE;
    const partial =
      (before && lacksColumns(before) ? PARTIAL_BEFORE : 0) |
      (after && lacksColumns(after) ? PARTIAL_AFTER : 0);
    const at = this.#images.append(this.#scratch, 0, middle + Math.max(afterLength, 0));
    return { at, partial, beforeLength, afterLength };
  }

  #note(table: number, mark: number, at: number, beforeLength: number, afterLength: number): void {
    this.#tables.push(table);
    this.#marks.push(mark);
    this.#imagesAt.push(at);
    this.#beforeLengths.push(beforeLength);
    this.#afterLengths.push(afterLength);
  }

  #image(index: number, at: number, length: number, partial: boolean): RowImage | null {
    if (length === NO_IMAGE) return null;
    const number = this.#tables.at(index);
    const view = this.#views.get(number);
    const { storedLengths } = view?.logged ?? this.tables[number]!;
    const image = this.#logged(at, length, partial, storedLengths);
    return view ? permutedImage(image, view.order) : image;
  }

  #logged(at: number, length: number, partial: boolean, storedLengths: Int32Array): RowImage {
    const bytes = this.#images.read(at, length);
    if (!partial) return splitImage(bytes, 0, length, imageLayout(storedLengths, EVERY_COLUMN, 0));
    const bitmapBytes = (storedLengths.length + 7) >> 3;
    return splitImage(bytes, bitmapBytes, length, imageLayout(storedLengths, bytes, 0));
  }

  /** Every transaction brings its own table map; but for the table id and flags in front they are the same bytes. */
  #tableNumber(map: TableMap): number {
    let number = this.#byMap.get(map);
    if (number !== undefined) return number;
    const content = map.body.toString('latin1', TABLE_ID_AND_FLAGS);
    number = this.#numbers.get(content);
    if (number === undefined) {
      number = this.tables.length;
      // Its body is a slice of the log's block, which it would hold.
      this.tables.push({ ...map, body: Buffer.from(map.body) });
      this.#numbers.set(content, number);
    }
    this.#byMap.set(map, number);
    return number;
  }

  /** Which columns there are (of a partial image only), which of them are NULL, the values. Returns the length. */
  #pack(image: RowImage, at: number): number {
    const { bytes, offsets: places } = image;
    const width = places.length - 1;
    const size = places[width]!;
    const bitmapBytes = (width + 7) >> 3;
    this.#makeRoom(at + 2 * bitmapBytes + size);
    const scratch = this.#scratch;
    let nullsAt = at;
    if (lacksColumns(image)) {
      nullsAt += bitmapBytes;
      scratch.fill(0, at, nullsAt);
      for (let i = 0; i < width; i++) {
        if (places[i] !== ABSENT_VALUE) scratch[at + (i >> 3)]! |= 1 << (i & 7);
      }
    }
    let present = 0;
    scratch.fill(0, nullsAt, nullsAt + bitmapBytes);
    for (let i = 0; i < width; i++) {
      if (places[i] === ABSENT_VALUE) continue;
      if (places[i] === NULL_VALUE) scratch[nullsAt + (present >> 3)]! |= 1 << (present & 7);
      present += 1;
    }
    const valuesAt = nullsAt + ((present + 7) >> 3);
    bytes.copy(scratch, valuesAt, 0, size);
    return valuesAt + size - at;
  }

  #makeRoom(length: number): void {
    if (length <= this.#scratch.length) return;
    const longer = Buffer.allocUnsafe(length * 2);
    this.#scratch.copy(longer);
    this.#scratch = longer;
  }
}

function takeImage(bytes: Buffer, start: number, end: number, layout: ImageLayout): void {
  if (measureImage(bytes, start, end, layout) !== end)
    throw new DecodeFault('a row that does not end where it should');
  // The bitmap's spare bits: set in one image and not in another they would make two forms of one row.
  const { width } = layout;
  if ((width & 7) !== 0) bytes[start + (width >> 3)]! &= (1 << (width & 7)) - 1;
}

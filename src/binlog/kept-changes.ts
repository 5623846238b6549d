// Row changes kept small: their images as the log has them in a store of bytes, a few numbers a change. Never makes a value.
import { ReconcileError } from '../reconcile-error.ts';
import { ByteStore, type ByteStoreOptions, type Room } from './byte-store.ts';
import { KeptChange, type KeptImages, lacksColumns } from './kept-change.ts';
import { KeptTables } from './kept-tables.ts';
import { integers, offsets } from './number-list.ts';
import { ImagePacker, NO_IMAGE, spareBits, takeImage, unpackImage, wholeLayout } from './packed-image.ts';
import { permutedImage } from './permuted-table-map.ts';
import type { EventPlace } from './raw-event.ts';
import type { LoggedRows } from './rows-event.ts';
import type { TableMap } from './table-map.ts';
import type { Change, RowImage } from './transaction.ts';

const KINDS = ['insert', 'update', 'delete'] as const;
const KIND = 3;
const PARTIAL_BEFORE = 4;
const PARTIAL_AFTER = 8;
const FLAGS_SHIFT = 4;
/** Images are read in the order in which they came: from the file that costs little. */
const IMAGES_IN_MEMORY = 8 << 20;
/** So much of the file at a time. */
const AHEAD = 1 << 18;

export class KeptChanges implements KeptImages {
  readonly #images: ByteStore;
  readonly #packer = new ImagePacker();
  readonly #tables = new KeptTables();
  readonly #tableNumbers = integers();
  /** Kind, whether the images are partial, the event's flags. */
  readonly #marks = integers();
  readonly #imagesAt = offsets();
  readonly #beforeLengths = integers();
  readonly #afterLengths = integers();
  #hasPartial = false;

  constructor(options: ByteStoreOptions = {}) {
    this.#images = new ByteStore({ bound: IMAGES_IN_MEMORY, ...options, ahead: AHEAD });
  }

  get tables(): readonly TableMap[] {
    return this.#tables.maps;
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
    const spare = spareBits(width);
    const mark = KINDS.indexOf(kind) | (flags << FLAGS_SHIFT);
    const number = this.#tables.number(table);
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
        : this.#appendClean(bytes.subarray(start, end), images === 2 ? middle - start : 0, last, spare);
      this.#note(number, mark, at, before, after);
    }
  }

  #appendClean(images: Buffer, second: number, last: number, spare: number): number {
    const clean = Buffer.from(images);
    for (const start of [0, second]) clean[start + last]! &= ~spare;
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
    const reordered = this.#tables.reorder(number, order, map);
    for (let i = 0; i < this.length; i++)
      if (this.#tableNumbers.at(i) === number) this.#tableNumbers.set(i, reordered);
  }

  /** Whether the changes of some table were. */
  get isReordered(): boolean {
    return this.#tables.reordered.size > 0;
  }

  /** Whole images in the place of partial ones, in the order of the change's table. */
  complete(index: number, before: RowImage | null, after: RowImage | null): void {
    const { at, partial, beforeLength, afterLength } = this.#store(before, after);
    if (partial !== 0) throw new ReconcileError('internal', 'a completed change lacks a column');
    this.#marks.set(index, this.#marks.at(index) & ~(PARTIAL_BEFORE | PARTIAL_AFTER));
    const reordered = this.#tables.reordered.get(this.#tableNumbers.at(index));
    if (reordered) this.#tableNumbers.set(index, reordered.whole);
    this.#imagesAt.set(index, at);
    this.#beforeLengths.set(index, beforeLength);
    this.#afterLengths.set(index, afterLength);
  }

  add({ kind, table, flags, before, after }: Change): void {
    const { at, partial, beforeLength, afterLength } = this.#store(before, after);
    if (partial !== 0) this.#hasPartial = true;
    const mark = KINDS.indexOf(kind) | partial | (flags << FLAGS_SHIFT);
    this.#note(this.#tables.number(table), mark, at, beforeLength, afterLength);
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
    const layout = wholeLayout(table.storedLengths);
    const middle = room.at + Math.max(beforeLength, 0);
    const end = middle + Math.max(afterLength, 0);
    if (beforeLength !== NO_IMAGE) takeImage(room.bytes, room.at, middle, layout);
    if (afterLength !== NO_IMAGE) takeImage(room.bytes, middle, end, layout);
    const at = this.#images.appendRoom(end - room.at);
    const mark = KINDS.indexOf(kind) | (flags << FLAGS_SHIFT);
    this.#note(this.#tables.number(table), mark, at, beforeLength, afterLength);
  }

  change(index: number, place: EventPlace): Change {
    const mark = this.#marks.at(index);
    const table = this.#tables.maps[this.#tableNumbers.at(index)]!;
    return new KeptChange(this, index, KINDS[mark & KIND]!, table, mark >> FLAGS_SHIFT, place);
  }

  image(image: number): RowImage | null {
    const length = this.#imageLength(image);
    if (length === NO_IMAGE) return null;
    const index = image >> 1;
    const isPartial = (this.#marks.at(index) & (image & 1 ? PARTIAL_AFTER : PARTIAL_BEFORE)) !== 0;
    const number = this.#tableNumbers.at(index);
    const reordered = this.#tables.reordered.get(number);
    const { storedLengths } = reordered?.logged ?? this.#tables.maps[number]!;
    const logged = unpackImage(this.#images.read(this.#imageAt(image), length), isPartial, storedLengths);
    return reordered ? permutedImage(logged, reordered.order) : logged;
  }

  /** A whole image as it is kept: null bitmap, then values. null where there is none, or it is another one. */
  bytes(image: number): Buffer | null {
    const index = image >> 1;
    if (this.isPartial(index) || this.#tables.reordered.has(this.#tableNumbers.at(index))) return null;
    const length = this.#imageLength(image);
    return length === NO_IMAGE ? null : this.#images.read(this.#imageAt(image), length);
  }

  rowLength(index: number): number | null {
    if (this.isPartial(index) || this.#tables.reordered.has(this.#tableNumbers.at(index))) return null;
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

  /** Of the changes from `first` to before `next`. */
  tablesOf(first: number, next: number): Set<TableMap> {
    const tables = new Set<TableMap>();
    let last = -1;
    for (let i = first; i < next; i++) {
      const number = this.#tableNumbers.at(i);
      if (number !== last) tables.add(this.tables[number]!);
      last = number;
    }
    return tables;
  }

  holds(image: number, bytes: Buffer): boolean {
    return (
      this.#imageLength(image) === bytes.length &&
      this.#images.equals(this.#imageAt(image), bytes, bytes.length)
    );
  }

  table(image: number): TableMap {
    return this.#tables.maps[this.#tableNumbers.at(image >> 1)]!;
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
    const beforeLength = before ? this.#packer.pack(before, 0) : NO_IMAGE;
    const middle = Math.max(beforeLength, 0);
    const afterLength = after ? this.#packer.pack(after, middle) : NO_IMAGE;
    const partial =
      (before && lacksColumns(before) ? PARTIAL_BEFORE : 0) |
      (after && lacksColumns(after) ? PARTIAL_AFTER : 0);
    const at = this.#images.append(this.#packer.bytes, 0, middle + Math.max(afterLength, 0));
    return { at, partial, beforeLength, afterLength };
  }

  #note(table: number, mark: number, at: number, beforeLength: number, afterLength: number): void {
    this.#tableNumbers.push(table);
    this.#marks.push(mark);
    this.#imagesAt.push(at);
    this.#beforeLengths.push(beforeLength);
    this.#afterLengths.push(afterLength);
  }
}

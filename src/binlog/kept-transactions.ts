// A whole window's transactions, kept small: a few numbers each, their changes in a KeptChanges. Holds no block of the
// log. A transaction is an object only while somebody looks at it.
import type { ByteStoreOptions, Room } from './byte-store.ts';
import type { KeptImages } from './kept-change.ts';
import { KeptChanges } from './kept-changes.ts';
import { integers, NumberList, offsets } from './number-list.ts';
import type { EventPlace } from './raw-event.ts';
import type { TableMap } from './table-map.ts';
import type { Change, Transaction, Undecoded } from './transaction.ts';
import { rowsOf } from './transaction-group.ts';

/** As much of an array of transactions as a window needs: an array is one too. */
export interface Transactions extends Iterable<Transaction> {
  readonly length: number;
  at(index: number): Transaction | undefined;
}

type Head = Omit<Transaction, 'changes'>;

const HAS_GTID = 1;
const REPLICATED = 2;
const NONE: Undecoded[] = [];

export class KeptTransactions implements Transactions {
  readonly #changes: KeptChanges;
  /** Which change is the first behind a transaction's own. */
  readonly #nextChanges = integers();
  readonly #ids: string[] = [];
  readonly #marks = new NumberList((length) => new Uint8Array(length));
  readonly #files: string[] = [];
  /** Where it starts and ends: two each. */
  readonly #positions = offsets();
  readonly #positionFiles = integers();
  readonly #serverIds = offsets();
  readonly #commits = offsets();
  readonly #sizes = offsets();
  readonly #undecoded = new Map<number, Undecoded[]>();
  readonly #loggedDigests = new Map<number, string>();

  /** Where its bytes go that are too many for memory. */
  readonly store: ByteStoreOptions;

  constructor(store: ByteStoreOptions = {}) {
    this.store = store;
    this.#changes = new KeptChanges(store);
  }

  get length(): number {
    return this.#ids.length;
  }

  get images(): KeptImages {
    return this.#changes;
  }

  /** Where the transaction of an image begins. */
  placeOf(image: number): EventPlace {
    let low = 0;
    let high = this.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#firstChange(middle) <= image >> 1) low = middle;
      else high = middle - 1;
    }
    return this.#place(low * 2);
  }

  /** Descriptions of the tables that are changed, each content once. */
  get tables(): readonly TableMap[] {
    return this.#changes.tables;
  }

  /** See KeptChanges.reorder(): `table` is a place in `tables`. */
  reorder(table: number, order: readonly number[], map: TableMap): void {
    this.#changes.reorder(table, order, map);
  }

  get isReordered(): boolean {
    return this.#changes.isReordered;
  }

  /** Whether some change's images lack a column (MINIMAL, NOBLOB). */
  get hasPartial(): boolean {
    return this.#changes.hasPartial;
  }

  isPartial(transaction: number, change: number): boolean {
    return this.#changes.isPartial(this.#firstChange(transaction) + change);
  }

  /**
   * Whole images in the place of partial ones, also for those who hold the Change. `loggedDigest`: see Transaction.
   */
  complete(
    transaction: number,
    change: number,
    images: Pick<Change, 'before' | 'after'>,
    loggedDigest: string,
  ): void {
    const { before, after } = images;
    this.#loggedDigests.set(transaction, loggedDigest);
    this.#changes.complete(this.#firstChange(transaction) + change, before, after);
  }

  /** What can't be replayed as rows, in the log's order. */
  get undecoded(): Undecoded[] {
    return [...this.#undecoded.values()].flat();
  }

  add(transaction: Transaction): void {
    const events = rowsOf(transaction);
    for (const rows of events) this.#changes.addRows(rows);
    if (events.length === 0) for (const change of transaction.changes) this.#changes.add(change);
    this.addHead(transaction);
  }

  /** For a change of the transaction whose head is added next: see KeptChanges.addWhole(). */
  room(most: number): Room {
    return this.#changes.room(most);
  }

  addWhole(...change: Parameters<KeptChanges['addWhole']>): void {
    this.#changes.addWhole(...change);
  }

  addHead(transaction: Head): void {
    const { id, gtid, start, end, serverId, origin, committedAt, undecoded, bytes } = transaction;
    if (undecoded.length > 0) this.#undecoded.set(this.length, undecoded);
    if (transaction.loggedDigest !== undefined)
      this.#loggedDigests.set(this.length, transaction.loggedDigest);
    this.#ids.push(id);
    this.#marks.push((gtid === null ? 0 : HAS_GTID) | (origin === 'replicated' ? REPLICATED : 0));
    this.#addPlace(start);
    this.#addPlace(end);
    this.#serverIds.push(serverId);
    this.#commits.push(committedAt);
    this.#sizes.push(bytes);
    this.#nextChanges.push(this.#changes.length);
  }

  /** Of a transaction that is there, without making it. */
  idAt(index: number): string {
    return this.#ids[index]!;
  }

  gtidAt(index: number): string | null {
    return (this.#marks.at(index) & HAS_GTID) === 0 ? null : this.#ids[index]!;
  }

  at(index: number): Transaction | undefined {
    return index >= 0 && index < this.length ? this.#transaction(index) : undefined;
  }

  *[Symbol.iterator](): Generator<Transaction> {
    for (let i = 0; i < this.length; i++) yield this.#transaction(i);
  }

  /** Gives the disk's room back, if some was taken: no image can be read after. */
  close(): void {
    this.#changes.close();
  }

  #transaction(index: number): Transaction {
    const mark = this.#marks.at(index);
    const id = this.#ids[index]!;
    // Without spreading: whole windows of them are made, some times.
    const head: Head = {
      id,
      gtid: this.gtidAt(index),
      start: this.#place(index * 2),
      end: this.#place(index * 2 + 1),
      serverId: this.#serverIds.at(index),
      origin: (mark & REPLICATED) === 0 ? 'own' : 'replicated',
      committedAt: this.#commits.at(index),
      undecoded: this.#undecoded.get(index) ?? NONE,
      bytes: this.#sizes.at(index),
    };
    const loggedDigest = this.#loggedDigests.get(index);
    if (loggedDigest !== undefined) head.loggedDigest = loggedDigest;
    return new KeptTransaction(head, this.#changes, this.#firstChange(index), this.#nextChanges.at(index));
  }

  #firstChange(index: number): number {
    return index === 0 ? 0 : this.#nextChanges.at(index - 1);
  }

  #addPlace({ file, position }: EventPlace): void {
    this.#positions.push(position);
    // Nearly always the file of the place before.
    let number = this.#files.lastIndexOf(file);
    if (number < 0) number = this.#files.push(file) - 1;
    this.#positionFiles.push(number);
  }

  #place(index: number): EventPlace {
    return { file: this.#files[this.#positionFiles.at(index)]!, position: this.#positions.at(index) };
  }
}

class KeptTransaction implements Transaction {
  readonly id: string;
  readonly gtid: string | null;
  readonly start: EventPlace;
  readonly end: EventPlace;
  readonly serverId: number;
  readonly origin: Transaction['origin'];
  readonly committedAt: number;
  readonly undecoded: Undecoded[];
  readonly bytes: number;
  readonly loggedDigest?: string;
  readonly #kept: KeptChanges;
  readonly #first: number;
  readonly #next: number;
  #changes: Change[] | null = null;

  /** Its changes are those from `first` to before `next`. */
  constructor(head: Head, kept: KeptChanges, first: number, next: number) {
    this.id = head.id;
    this.gtid = head.gtid;
    this.start = head.start;
    this.end = head.end;
    this.serverId = head.serverId;
    this.origin = head.origin;
    this.committedAt = head.committedAt;
    this.undecoded = head.undecoded;
    this.bytes = head.bytes;
    if (head.loggedDigest !== undefined) this.loggedDigest = head.loggedDigest;
    this.#kept = kept;
    this.#first = first;
    this.#next = next;
  }

  get changes(): Change[] {
    this.#changes ??= [...this.each()];
    return this.#changes;
  }

  get count(): number {
    return this.#next - this.#first;
  }

  hasFlags(mask: number): boolean {
    return this.#kept.hasFlags(this.#first, this.#next, mask);
  }

  tables(): Set<TableMap> {
    return this.#kept.tablesOf(this.#first, this.#next);
  }

  *each(): Generator<Change> {
    for (let i = this.#first; i < this.#next; i++) yield this.#kept.change(i, this.start);
  }
}

/** How many changes it has. Makes none of them. */
export function changeCount(transaction: Transaction): number {
  return transaction instanceof KeptTransaction ? transaction.count : transaction.changes.length;
}

/** Whether the rows events of one of its changes have one of these flags. */
export function hasFlags(transaction: Transaction, mask: number): boolean {
  if (transaction instanceof KeptTransaction) return transaction.hasFlags(mask);
  return transaction.changes.some(({ flags }) => (flags & mask) !== 0);
}

/** Descriptions of the tables that it changes, each once. Makes no change. */
export function tablesOf(transaction: Transaction): Set<TableMap> {
  if (transaction instanceof KeptTransaction) return transaction.tables();
  return new Set(transaction.changes.map(({ table }) => table));
}

/** Its changes one after the other, for whoever needs each once: a transaction can have a hundred thousand. */
export function eachChange(transaction: Transaction): Iterable<Change> {
  return transaction instanceof KeptTransaction ? transaction.each() : transaction.changes;
}

// What was read, to the byte: files, events by type, transactions, changes, torn tails. Names no transport, so that the
// same window read live and from files gives the same account.
import * as E from './event-type.ts';
import { eventTypeName } from './event-type.ts';
import type { EventPlace, FileExtent, RawEvent, SourceNotice } from './raw-event.ts';
import { lengthOf, typeOf } from './raw-event.ts';

export interface FileAccount {
  file: string;
  from: number;
  to: number;
  /** Bytes in counted events; with the notices' they must make up `to - from`. */
  bytes: number;
  events: number;
}

/** The end of a file that holds no committed transaction: left by a crash, given to nobody. */
export interface TornTail extends EventPlace {
  bytes: number;
  reason: string;
}

/** Events that only say how the log goes on. */
const CONTROL: ReadonlySet<number> = new Set([
  E.FORMAT_DESCRIPTION,
  E.ROTATE,
  E.STOP,
  E.PREVIOUS_GTIDS,
  E.HEARTBEAT,
  E.HEARTBEAT_V2,
  E.MARIADB_GTID_LIST,
  E.MARIADB_BINLOG_CHECKPOINT,
]);

export class Account {
  readonly files: FileAccount[] = [];
  bytes = 0;
  /** By type, as they stand in the files. */
  readonly events: Record<string, number> = {};
  /** By type, inside compressed transactions. */
  readonly compressedEvents: Record<string, number> = {};
  readonly transactions = { own: 0, replicated: 0, skipped: 0 };
  changes = 0;
  /** Changes that XA prepared and then rolled back: in the log, and no part of the window. */
  rolledBack = 0;
  undecoded = 0;
  /** The file that the last one read names as its successor, where that was not read. */
  goesOnIn: string | null = null;
  /** One a crash: MariaDB goes on in a new file behind a torn one. */
  readonly tornTails: TornTail[] = [];
  readonly #typeCounts = new Uint32Array(256);
  readonly #compressedCounts = new Uint32Array(256);
  #current: FileAccount | null = null;
  #expected = 0;
  #gaps = 0;
  #complete = false;

  /** The last torn tail, which is the log's end where the failed primary did not write on. */
  get tornTail(): TornTail | null {
    return this.tornTails.at(-1) ?? null;
  }

  count(event: RawEvent): void {
    const length = lengthOf(event.bytes);
    let file = this.#current;
    if (file === null || file.file !== event.file) {
      file = { file: event.file, from: event.position, to: event.position, bytes: 0, events: 0 };
      this.files.push(file);
      this.#current = file;
      this.#expected = event.position;
    }
    if (event.position !== this.#expected) this.#gaps += 1;
    this.#expected = event.position + length;
    file.to = this.#expected;
    file.bytes += length;
    file.events += 1;
    this.bytes += length;
    const type = typeOf(event.bytes);
    this.#typeCounts[type]! += 1;
    if (CONTROL.has(type)) this.#trailing.push({ file: event.file, type, bytes: length });
    else if (this.#trailing.length > 0) this.#trailing.length = 0;
  }

  countCompressed(bytes: Buffer): void {
    this.#compressedCounts[typeOf(bytes)]! += 1;
  }

  rollBack(rows: readonly { count: number }[]): void {
    for (const { count } of rows) this.rolledBack += count;
  }

  tear(tail: TornTail): void {
    this.tornTails.push(tail);
  }

  /**
   * Takes in what the source undertook to read and what it could not. `until` is where reading stopped by our own will
   * (a stop time): nothing behind it was promised.
   */
  finish(extents: readonly FileExtent[], notices: readonly SourceNotice[], until: EventPlace | null): void {
    // A source reads ahead: what it undertook behind the stop was never asked for.
    const stopIn = until === null ? extents.length : extents.findIndex(({ file }) => file === until.file);
    const asked = extents.slice(0, stopIn + 1);
    for (const extent of asked) {
      if (until !== null && extent.file === until.file) extent.to = Math.min(extent.to, until.position);
      let file = this.files.find((f) => f.file === extent.file);
      if (file === undefined) {
        file = { file: extent.file, from: extent.from, to: extent.to, bytes: 0, events: 0 };
        this.files.push(file);
      }
      file.from = extent.from;
      file.to = extent.to;
    }
    this.#unread = notices.filter(
      ({ file, position }) =>
        asked.some((extent) => extent.file === file) &&
        (until === null || file !== until.file || position < until.position),
    );
    this.#complete = true;
    for (let type = 0; type < 256; type++) {
      if (this.#typeCounts[type]! > 0) this.events[eventTypeName(type)] = this.#typeCounts[type]!;
      if (this.#compressedCounts[type]! > 0) {
        this.compressedEvents[eventTypeName(type)] = this.#compressedCounts[type]!;
      }
    }
  }

  /**
   * The account up to the last transaction (or torn tail). Behind it a log only says that its server stopped, started
   * or rotated: what stands there depends on when it was read, not on what was written.
   */
  upToLastTransaction(): { files: FileAccount[]; bytes: number; events: Record<string, number> } {
    const counts = Uint32Array.from(this.#typeCounts);
    const files = this.files.map((file) => ({ ...file }));
    let { bytes } = this;
    for (const { file: name, type, bytes: length } of this.#trailing) {
      counts[type]! -= 1;
      bytes -= length;
      const file = files.find((one) => one.file === name)!;
      file.bytes -= length;
      file.events -= 1;
    }
    const unread = (name: string): number =>
      this.#unread.filter(({ file }) => file === name).reduce((sum, notice) => sum + notice.bytes, 0);
    while (files.length > 1 && files.at(-1)!.events === 0 && unread(files.at(-1)!.file) === 0) files.pop();
    const last = files.at(-1);
    if (last) last.to = last.from + last.bytes + unread(last.file);
    const events: Record<string, number> = {};
    counts.forEach((number, type) => {
      if (number > 0) events[eventTypeName(type)] = number;
    });
    return { files, bytes, events };
  }

  readonly #trailing: { file: string; type: number; bytes: number }[] = [];
  #unread: readonly SourceNotice[] = [];

  /** What the source could not read, as far as it was asked for. */
  get unread(): readonly SourceNotice[] {
    return this.#unread;
  }

  /** Whether every byte of every file, from its start to its end, is in a counted event or in a notice. */
  closes(): boolean {
    if (!this.#complete || this.#gaps > 0) return false;
    return this.files.every((file) => {
      const inNotices = this.#unread
        .filter((notice) => notice.file === file.file)
        .reduce((sum, notice) => sum + notice.bytes, 0);
      return file.bytes + inNotices === file.to - file.from;
    });
  }
}

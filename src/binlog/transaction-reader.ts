// Raw events to transactions, batch by batch: checks that they come in order, keeps the account, and judges what a crash
// or a stop has left open. What an event means is transaction-assembler.ts's.
import { Account } from './account.ts';
import { ByteCursor, DecodeFault } from './byte-cursor.ts';
import * as E from './event-type.ts';
import { damageAt } from './fault-at.ts';
import { type FormatDescription, parseFormatDescription } from './format-description.ts';
import {
  CHECKSUM_LENGTH,
  type EventPlace,
  type EventSource,
  endPositionOf,
  flagsOf,
  HEADER_LENGTH,
  lengthOf,
  type RawEvent,
  timestampOf,
  typeOf,
} from './raw-event.ts';
import type { Transaction } from './transaction.ts';
import { TransactionAssembler } from './transaction-assembler.ts';
import { type ReaderOptions, TransactionBorders } from './transaction-borders.ts';
import { type Payload, streamPayload } from './transaction-payload.ts';

export type { ReaderOptions } from './transaction-borders.ts';

export interface TransactionReading {
  transactions(): AsyncGenerator<Transaction>;
  /** The same in batches, an await for many transactions: the faster way. Use one of the two. */
  batches(): AsyncGenerator<Transaction[]>;
  /** Complete once the iteration has ended. */
  readonly account: Account;
  /** The newest file's format description: flavour, version and server id of the server that wrote the log. */
  readonly format: FormatDescription | null;
  /** Server ids of the format descriptions: who wrote the files. */
  readonly writers: ReadonlySet<number>;
}

/** The source is closed when the iteration ends, however it ends. Throws `corrupt` and what the source throws. */
export function readTransactions(source: EventSource, options: ReaderOptions = {}): TransactionReading {
  return new TransactionReader(source, options);
}

/** The position in the next file, before its name. */
const ROTATE_POSITION_LENGTH = 8;

class TransactionReader implements TransactionReading {
  readonly account = new Account();
  format: FormatDescription | null = null;
  readonly writers = new Set<number>();
  private readonly source: EventSource;
  private readonly stopDatetime: number | undefined;
  private readonly borders: TransactionBorders;
  private readonly assembler: TransactionAssembler;

  constructor(source: EventSource, options: ReaderOptions) {
    this.source = source;
    this.stopDatetime = options.stopDatetime;
    this.borders = new TransactionBorders(this.account, options);
    this.assembler = new TransactionAssembler(this.account, this.borders);
  }

  async *transactions(): AsyncGenerator<Transaction> {
    for await (const batch of this.batches()) yield* batch;
  }

  async *batches(): AsyncGenerator<Transaction[]> {
    const { assembler, borders } = this;
    try {
      for await (const events of this.source.batches()) {
        for (const event of events) {
          this.read(event);
          if (assembler.largePayload !== null) yield* this.readLarge(event, assembler.largePayload);
          if (borders.stopped !== null) break;
        }
        if (borders.ready.length > 0) yield this.takeReady();
        if (borders.stopped !== null) break;
      }
      this.finish();
      if (borders.ready.length > 0) yield this.takeReady();
    } finally {
      await this.source.close();
    }
  }

  private takeReady(): Transaction[] {
    const { ready } = this.borders;
    this.borders.ready = [];
    return ready;
  }

  private read(event: RawEvent): void {
    const { assembler, borders } = this;
    const { bytes } = event;
    try {
      if (typeOf(bytes) === E.FORMAT_DESCRIPTION) this.readFormat(event);
      else if (this.format === null) throw new DecodeFault('events before the format description');
      if (event.context === true || this.stopsAt(event)) return;
      const end = this.format!.checksum && !event.rest ? bytes.length - CHECKSUM_LENGTH : bytes.length;
      borders.end = event.position + lengthOf(bytes);
      assembler.take(bytes, new ByteCursor(bytes, HEADER_LENGTH, end), event);
    } catch (fault) {
      throw damageAt(fault, event);
    }
    if (borders.stopped === null && assembler.largePayload === null) this.count(event);
  }

  private count(event: RawEvent): void {
    const { borders } = this;
    const length = lengthOf(event.bytes);
    this.account.count(event);
    this.noteNextFile(event);
    const { finished, group } = borders;
    if (finished !== null) finished.bytes += length;
    else if (group !== null) group.bytes += length;
    borders.finished = null;
  }

  /** Gives out what it holds as it comes: of a transaction that large, parts. */
  private async *readLarge(event: RawEvent, payload: Payload): AsyncGenerator<Transaction[]> {
    const { assembler, borders } = this;
    assembler.largePayload = null;
    try {
      for await (const events of streamPayload(bytesFrom(event, payload.start), payload)) {
        assembler.takeInner(events, event);
        // The last one goes out with what follows it: it has yet to be given the event's bytes.
        if (borders.finished === null && borders.ready.length > 0) yield this.takeReady();
      }
    } catch (fault) {
      throw damageAt(fault, event);
    }
    this.count(event);
  }

  /** A file that ends by rotating names the file in which the log goes on. A relay log also holds its source's rotations. */
  private noteNextFile({ bytes }: RawEvent): void {
    const type = typeOf(bytes);
    if (type === E.FORMAT_DESCRIPTION) this.account.goesOnIn = null;
    if (type !== E.ROTATE || (flagsOf(bytes) & E.FLAG_ARTIFICIAL) !== 0 || endPositionOf(bytes) === 0) return;
    const end = this.format!.checksum ? bytes.length - CHECKSUM_LENGTH : bytes.length;
    this.account.goesOnIn = bytes.toString(
      'utf8',
      Math.min(HEADER_LENGTH + ROTATE_POSITION_LENGTH, end),
      end,
    );
  }

  /** In a log without commit times in its GTIDs, the header's seconds of what opens a group must do. */
  private stopsAt(event: RawEvent): boolean {
    const { stopDatetime, borders } = this;
    if (stopDatetime === undefined || borders.group !== null || !opensGroup(typeOf(event.bytes)))
      return false;
    if (timestampOf(event.bytes) * 1_000_000 < stopDatetime) return false;
    borders.stopped = { file: event.file, position: event.position };
    return true;
  }

  private readFormat(event: RawEvent): void {
    const format = parseFormatDescription(event.bytes);
    const { group } = this.borders;
    // A server that starts anew writes `created`: what stood open in the file before it was never committed.
    if (group !== null && event.context !== true) {
      if (format.created === 0) {
        throw new DecodeFault(`the transaction at ${group.start.file}:${group.start.position} has no end`);
      }
      this.tearGroup('the server was killed before it wrote the commit');
    }
    this.format = format;
    this.writers.add(format.serverId);
    this.assembler.useFormat(format);
  }

  private tearGroup(reason: string): void {
    const { start, bytes } = this.borders.group!;
    this.account.tear({ ...start, bytes, reason });
    this.borders.group = null;
  }

  private finish(): void {
    if (this.borders.group !== null) this.tearGroup('the log ends before the commit');
    this.borders.finish();
    this.account.finish(this.source.extents, this.source.notices, this.borders.stopped);
    for (const notice of this.account.unread) this.tearNotice(notice);
  }

  /** A torn event at the end of a torn transaction is one torn tail. */
  private tearNotice(notice: EventPlace & { bytes: number; reason: string }): void {
    const { file, position, bytes, reason } = notice;
    const open = this.account.tornTails.find(
      (tail) => tail.file === file && tail.position + tail.bytes === position,
    );
    if (open === undefined) {
      this.account.tear({ file, position, bytes, reason });
      return;
    }
    open.bytes += bytes;
    open.reason = reason;
  }
}

async function* bytesFrom({ bytes, rest }: RawEvent, start: number): AsyncGenerator<Buffer> {
  yield bytes.subarray(start);
  if (rest) yield* rest();
}

function opensGroup(type: number): boolean {
  return type === E.MARIADB_GTID || type === E.ANONYMOUS_GTID || type === E.QUERY || type === E.INTVAR;
}

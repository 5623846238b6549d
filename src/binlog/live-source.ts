// Raw events from a running server, by its replication protocol: gives exactly what the file source would give for the
// same window. Goes on where it was when the connection breaks. Never decodes more than the format description.
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ReconcileError } from '../reconcile-error.ts';
import { ROTATE, STOP } from './event-type.ts';
import { noEventAt } from './file-errors.ts';
import { dumpError } from './live-errors.ts';
import { LiveFraming } from './live-framing.ts';
import {
  type EventPlace,
  type EventSource,
  type FileExtent,
  MAGIC_LENGTH,
  type RawEvent,
  type SourceNotice,
  typeOf,
} from './raw-event.ts';
import { type TapEnd, ZongjiTap } from './zongji-tap.ts';

export interface LiveSourceOptions {
  /** mysql2 connection options: host, port, user, password, ssl, socketPath … */
  connection: object;
  start: { kind: 'position'; file: string; position: number };
  /** The end that the server had when the caller asked: events that start at or behind it are left out. */
  stop: { file: string; position: number };
  /** SHOW BINARY LOGS at that moment. */
  files: readonly { name: string; size: number }[];
  /** What we call ourselves to the server; by default a random number that no replica of yours will have. */
  serverId?: number;
  /** Milliseconds without a byte from the server after which the connection counts as lost (30,000). */
  answerTimeout?: number;
}

const RECONNECTS = 5;
/** Of a file that MySQL encrypts. */
const ENCRYPTION_HEADER = 512;

/** Throws `purged` and `input` at once, `connection` and `privilege` once the server has been asked. */
export async function openLiveSource(options: LiveSourceOptions): Promise<EventSource> {
  const { start, stop, files } = options;
  const index = files.findIndex((file) => file.name === start.file);
  if (index < 0) {
    const oldest = files[0]?.name;
    throw new ReconcileError('purged', `${start.file} was purged (oldest is ${oldest ?? 'none at all'})`, {
      hint: 'Give the files, from a backup or a copy of the data directory, with --binlog.',
    });
  }
  const { size } = files[index]!;
  if (start.position > size) {
    throw new ReconcileError(
      'input',
      `${start.file} is ${size} bytes long, but the window starts at ${start.position}`,
      {
        hint: 'The server lost the end of its log in the crash, or the coordinates are of another server.',
      },
    );
  }
  const last = files.findIndex((file) => file.name === stop.file);
  if (last < index) {
    throw new ReconcileError('input', `the window ends in ${stop.file}, which is not behind ${start.file}`);
  }
  const source = new LiveSource(options, files.slice(index, last + 1));
  await source.connect();
  return source;
}

class LiveSource implements EventSource {
  readonly notices: SourceNotice[] = [];
  readonly extents: FileExtent[] = [];
  private readonly options: LiveSourceOptions;
  /** Those of the window. */
  private readonly files: readonly { name: string; size: number }[];
  private readonly serverId: number;
  private readonly framing: LiveFraming;
  private tap: ZongjiTap | null = null;
  /** The next event to be given out: where a broken connection is taken up again. */
  private next: EventPlace;
  private lastType = 0;
  private reconnects = 0;
  /** The file at hand has ended in a torn event: go on in the next. */
  private torn = false;
  /** An event is known to start where the window does. */
  private startIsSound: boolean;

  constructor(options: LiveSourceOptions, files: readonly { name: string; size: number }[]) {
    this.options = options;
    this.files = files;
    this.serverId = options.serverId ?? randomInt(0x40000000, 0x7fffffff);
    const { file, position } = options.start;
    this.next = { file, position: Math.max(position, MAGIC_LENGTH) };
    this.startIsSound = this.next.position === MAGIC_LENGTH;
    this.framing = new LiveFraming(this.next);
    this.extend(this.next);
  }

  /** The dump command's position has 32 bits: further back than that a file is read from its head. */
  async connect(fromHead = this.next.position >= 2 ** 32): Promise<void> {
    const { file } = this.next;
    const position = fromHead ? MAGIC_LENGTH : this.next.position;
    this.framing.restart({ file, position });
    try {
      this.tap = await ZongjiTap.open({ ...this.options, file, position, serverId: this.serverId });
    } catch (error) {
      throw dumpError(error, this.next, this.options.files);
    }
  }

  async *batches(): AsyncGenerator<RawEvent[]> {
    try {
      while (!this.atStop()) {
        const { tap } = this;
        if (tap === null) return;
        const packets = await tap.next();
        const events: RawEvent[] = [];
        const fault = this.frame(packets, events);
        if (events.length > 0) {
          this.reconnects = 0;
          yield events;
        }
        if (fault !== null) await this.reread(fault);
        else if (this.torn) await this.nextFile();
        else if (packets.length === 0) await this.goOn(tap.end!);
      }
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    const { tap } = this;
    this.tap = null;
    await tap?.close();
  }

  /** Appends what is the window's. Answers what is wrong with the first event, which may stand where none starts. */
  private frame(packets: Buffer[], events: RawEvent[]): ReconcileError | null {
    for (const packet of packets) {
      try {
        const event = this.frameOne(packet);
        if (event !== null) events.push(event);
      } catch (error) {
        if (this.isSuspect() && error instanceof ReconcileError) return error;
        throw error;
      }
      if (this.torn || this.atStop()) return null;
    }
    return null;
  }

  private frameOne(packet: Buffer): RawEvent | null {
    const { framing } = this;
    const framed = framing.frame(packet);
    if (framing.at.file !== this.next.file) this.enter(framing.at);
    if (framed.kind === 'dropped') return null;
    if (framed.kind === 'broken') {
      this.brokenEvent(framed.length);
      return null;
    }
    const { event } = framed;
    if (event.context === true) return event;
    const end = event.position + event.bytes.length;
    const { file, position } = this.next;
    if (event.position < position) {
      if (end > position) throw noEventAt(this.next);
      return event.position === MAGIC_LENGTH ? { ...event, context: true } : null;
    }
    const { stop } = this.options;
    if (file === stop.file && position >= stop.position) return null;
    this.startIsSound = true;
    this.lastType = typeOf(event.bytes);
    this.next = { file, position: end };
    return event;
  }

  /** The server goes on in another file. */
  private enter(at: EventPlace): void {
    const { file, position } = this.next;
    const extent = this.extents.find((one) => one.file === file)!;
    // A listed size counts the header of an encrypted file too, positions don't.
    const closed = this.lastType === ROTATE || this.lastType === STOP;
    if (closed || extent.to - position === ENCRYPTION_HEADER) extent.to = position;
    this.next = at;
    this.lastType = 0;
    if (!this.isBehindStop()) this.extend(at);
  }

  private atStop(): boolean {
    const { file, position } = this.next;
    const { stop } = this.options;
    return (file === stop.file && position >= stop.position) || this.isBehindStop();
  }

  private isBehindStop(): boolean {
    return !this.files.some((file) => file.name === this.next.file);
  }

  /** What the source undertakes to read of a file: to the stop position, or to the size the server gave. */
  private extend({ file, position }: EventPlace): void {
    const { stop } = this.options;
    const to = file === stop.file ? stop.position : this.sizeOf(file);
    this.extents.push({ file, from: position, to: Math.max(position, to) });
  }

  /** The stream ended before the window did. */
  private async goOn(end: TapEnd): Promise<void> {
    await this.close();
    if (end.kind === 'lost') return this.reconnect(end.cause);
    if (end.kind === 'eof') {
      const { stop } = this.options;
      throw new ReconcileError(
        'connection',
        `the server ended its log at ${this.next.file}:${this.next.position}`,
        {
          hint: `Its log went on to ${stop.file}:${stop.position} when it was asked: was it restarted or reset?`,
        },
      );
    }
    const error = dumpError(end, this.next, this.options.files);
    if (this.isSuspect() && error.code === 'corrupt') return this.reread(error);
    // MySQL cuts its own torn files back when it starts again, so there it is damage.
    const isCut = /truncated in the middle of event/i.test(end.message) && this.framing.flavor === 'mariadb';
    if (!isCut || !this.isNotLast()) throw error;
    this.tear('an event is cut short by the end of the file');
    await this.nextFile();
  }

  /** Nothing of the window has been read yet, so it may be the coordinates that are wrong. */
  private isSuspect(): boolean {
    const { file, position } = this.options.start;
    return !this.startIsSound && this.next.file === file && this.next.position === position;
  }

  /** From the head of the file one learns whether an event starts where the window should. */
  private async reread(cause: ReconcileError): Promise<void> {
    if (this.framing.at.position !== this.next.position) throw cause;
    await this.close();
    await this.connect(true);
    // Once only: what fails there again is what it says it is.
    this.startIsSound = true;
  }

  private async reconnect(cause: unknown): Promise<void> {
    let failure = cause;
    while (
      !(failure instanceof ReconcileError && failure.code !== 'connection') &&
      this.reconnects < RECONNECTS
    ) {
      this.reconnects += 1;
      await sleep(100 * 2 ** this.reconnects);
      try {
        await this.connect();
        return;
      } catch (error) {
        failure = error;
      }
    }
    throw dumpError(failure, this.next, this.options.files);
  }

  /** A wrong checksum at the very end of a file that is not the last is what MariaDB leaves behind after a crash. */
  private brokenEvent(length: number): void {
    const reason = 'the checksum does not match';
    const { file, position } = this.framing.at;
    if (!this.isNotLast() || position + length < this.sizeOf(file)) {
      throw new ReconcileError('corrupt', `${file} position ${position}: ${reason}`, {
        hint: 'Copy the binlog files from the server and look at them with mysqlbinlog --verify-binlog-checksum.',
      });
    }
    this.tear(reason);
    this.torn = true;
  }

  private async nextFile(): Promise<void> {
    await this.close();
    this.torn = false;
    this.lastType = 0;
    const at = this.files.findIndex((file) => file.name === this.next.file);
    this.next = { file: this.files[at + 1]!.name, position: MAGIC_LENGTH };
    this.extend(this.next);
    await this.connect();
  }

  private tear(reason: string): void {
    const bytes = this.sizeOf(this.next.file) - this.next.position;
    this.notices.push({ kind: 'torn-tail', ...this.next, bytes, reason });
  }

  private sizeOf(file: string): number {
    return this.files.find((one) => one.name === file)?.size ?? 0;
  }

  private isNotLast(): boolean {
    return this.next.file !== this.files.at(-1)!.name;
  }
}

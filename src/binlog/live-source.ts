// Raw events from a running server, by its replication protocol: gives exactly what the file source would give for the
// same window. Goes on where it was when the connection breaks. Never decodes more than the format description.
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ReconcileError } from '../reconcile-error.ts';
import { dumpError } from './live-errors.ts';
import { LiveFraming } from './live-framing.ts';
import {
  type EventPlace,
  type EventSource,
  type FileExtent,
  MAGIC_LENGTH,
  type RawEvent,
  type SourceNotice,
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
}

const RECONNECTS = 5;

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
  private reconnects = 0;
  /** Events before this position of the file at hand are not the window's. */
  private passOver = 0;
  /** The file at hand has ended in a torn event: go on in the next. */
  private torn = false;

  constructor(options: LiveSourceOptions, files: readonly { name: string; size: number }[]) {
    this.options = options;
    this.files = files;
    this.serverId = options.serverId ?? randomInt(0x40000000, 0x7fffffff);
    const { file, position } = options.start;
    this.framing = new LiveFraming({ file, position: Math.max(position, MAGIC_LENGTH) });
  }

  async connect(): Promise<void> {
    const { file, position } = this.framing.at;
    // The dump command's position has 32 bits: further back than that a file is read from its head.
    const from = position < 2 ** 32 ? position : MAGIC_LENGTH;
    this.passOver = from < position ? position : 0;
    if (this.passOver > 0) this.framing.restart({ file, position: from });
    try {
      this.tap = await ZongjiTap.open({ ...this.options, file, position: from, serverId: this.serverId });
    } catch (error) {
      throw dumpError(error, this.framing.at, this.options.files);
    }
  }

  async *batches(): AsyncGenerator<RawEvent[]> {
    const { file, position } = this.options.start;
    this.extend(file, Math.max(position, MAGIC_LENGTH));
    try {
      while (!this.atStop()) {
        const tap = this.tap;
        if (tap === null) return;
        const packets = await tap.next();
        if (packets.length > 0) {
          const events = this.frame(packets);
          if (events.length > 0) yield events;
          if (events.length > 0) this.reconnects = 0;
          if (this.torn) await this.nextFile(this.framing.at);
        } else {
          await this.goOn(tap.end!);
        }
      }
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    const tap = this.tap;
    this.tap = null;
    await tap?.close();
  }

  private frame(packets: Buffer[]): RawEvent[] {
    const events: RawEvent[] = [];
    for (const packet of packets) {
      const before = this.framing.at;
      const framed = this.framing.frame(packet);
      if (this.framing.at.file !== before.file) {
        if (this.isBehindStop()) break;
        this.extend(this.framing.at.file, this.framing.at.position);
      }
      if (framed.kind === 'broken') {
        this.brokenAt(before, framed.length);
        break;
      }
      if (framed.kind === 'dropped') continue;
      const { event } = framed;
      if (this.passOver > 0 && event.position < this.passOver && event.context !== true) {
        if (event.position === MAGIC_LENGTH) events.push({ ...event, context: true });
        continue;
      }
      this.passOver = 0;
      if (event.file === this.options.stop.file && event.position >= this.options.stop.position) {
        if (event.context !== true) break;
      }
      events.push(event);
      if (this.atStop()) break;
    }
    return events;
  }

  private atStop(): boolean {
    const { at } = this.framing;
    const { stop } = this.options;
    return (at.file === stop.file && at.position >= stop.position) || this.isBehindStop();
  }

  private isBehindStop(): boolean {
    return !this.files.some((file) => file.name === this.framing.at.file);
  }

  /** What the source undertakes to read of a file: to the stop position, or to the size the server gave. */
  private extend(file: string, from: number): void {
    if (this.extents.some((extent) => extent.file === file)) return;
    const { stop } = this.options;
    const size = this.files.find((one) => one.name === file)?.size ?? from;
    this.extents.push({ file, from, to: Math.max(from, file === stop.file ? stop.position : size) });
  }

  /** The stream ended before the window did. */
  private async goOn(end: TapEnd): Promise<void> {
    await this.close();
    const { at } = this.framing;
    if (
      end.kind === 'server' &&
      /truncated in the middle of event/i.test(end.message) &&
      this.isNotLast(at)
    ) {
      this.tear(at, 'an event is cut short by the end of the file');
      await this.nextFile(at);
      return;
    }
    if (end.kind === 'server') throw dumpError(end, at, this.options.files);
    if (end.kind === 'eof') {
      throw new ReconcileError('connection', `the server ended its log at ${at.file}:${at.position}`, {
        hint: `Its log was ${this.options.stop.file}:${this.options.stop.position} long before: was it restarted or reset?`,
      });
    }
    await this.reconnect(end.cause);
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
    throw dumpError(failure, this.framing.at, this.options.files);
  }

  /** A wrong checksum at the very end of a file that is not the last is what MariaDB leaves behind after a crash. */
  private brokenAt(at: EventPlace, length: number): void {
    const reason = 'the checksum does not match';
    const size = this.files.find((file) => file.name === at.file)!.size;
    if (!this.isNotLast(at) || at.position + length < size) {
      throw new ReconcileError('corrupt', `${at.file} position ${at.position}: ${reason}`, {
        hint: 'Copy the binlog files from the server and look at them with mysqlbinlog --verify-binlog-checksum.',
      });
    }
    this.tear(at, reason);
    this.torn = true;
  }

  private async nextFile(at: EventPlace): Promise<void> {
    await this.close();
    this.torn = false;
    const next = this.files[this.files.findIndex((file) => file.name === at.file) + 1]!;
    this.framing.restart({ file: next.name, position: MAGIC_LENGTH });
    this.extend(next.name, MAGIC_LENGTH);
    await this.connect();
  }

  private tear(at: EventPlace, reason: string): void {
    const { size } = this.files.find((file) => file.name === at.file)!;
    this.notices.push({ kind: 'torn-tail', ...at, bytes: size - at.position, reason });
  }

  private isNotLast(at: EventPlace): boolean {
    return at.file !== this.files.at(-1)!.name;
  }
}

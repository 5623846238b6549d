// Raw events from binlog files on disk: opens them in order, tells a torn tail from corruption, and accounts for every
// byte as an event or a notice. Never decodes more than the format description.
import { ReconcileError } from '../reconcile-error.ts';
import { type BinlogFile, findBinlogFiles } from './binlog-files.ts';
import { type BlockReader, openBlockReader } from './block-reader.ts';
import { DecodeFault } from './byte-cursor.ts';
import { withoutInUseFlag } from './checksum.ts';
import { findLaterEvent, holdsEvent, isBoundary, nextEvent, takeEvent } from './event-framing.ts';
import { MARIADB_START_ENCRYPTION, START_V3 } from './event-type.ts';
import {
  beginsWithNothing,
  corrupt,
  encrypted,
  noEventAt,
  notABinlog,
  shorterThanStart,
  tooOld,
} from './file-errors.ts';
import { passMagic, refuseEncryptedEvents } from './file-magic.ts';
import { type StartPoint, startOf, stopOf } from './file-window.ts';
import {
  checkFormatDescription,
  type FormatDescription,
  parseFormatDescription,
} from './format-description.ts';
import { readAgain } from './large-event.ts';
import {
  type EventSource,
  type FileExtent,
  HEADER_LENGTH,
  lengthOf,
  MAGIC_LENGTH,
  type RawEvent,
  type SourceNotice,
  typeOf,
} from './raw-event.ts';

export type { StartPoint } from './file-window.ts';

export interface FileSourceOptions {
  /** Files or directories. */
  paths: string[];
  start: StartPoint;
  /** Events that start at or behind it are left out. */
  stop?: { file: string; position: number } | undefined;
}

/** Throws `input`, `purged` and `unsupported` at once; `batches()` throws `corrupt` and whatever a later file holds. */
export async function openFileSource(options: FileSourceOptions): Promise<EventSource> {
  const files = await findBinlogFiles(options.paths);
  const { first, position } = startOf(files, options.start);
  const last = stopOf(files, options.stop, first);
  return new FileSource(files.slice(first, last + 1), position, last === files.length - 1, options);
}

class FileSource implements EventSource {
  readonly notices: SourceNotice[] = [];
  readonly extents: FileExtent[] = [];
  private readonly files: BinlogFile[];
  private readonly startPosition: number;
  /** Whether the last file of the list is the log's last: only there may a tail be torn without a crash in between. */
  private readonly endsLog: boolean;
  private readonly asked: FileSourceOptions;
  private reader: BlockReader | null = null;

  constructor(files: BinlogFile[], startPosition: number, endsLog: boolean, asked: FileSourceOptions) {
    this.files = files;
    this.startPosition = startPosition;
    this.endsLog = endsLog;
    this.asked = asked;
  }

  async *batches(): AsyncGenerator<RawEvent[]> {
    for (const [i, file] of this.files.entries()) {
      if (i > 0 && file.missingBefore !== null) {
        throw new ReconcileError('purged', `${file.missingBefore} is missing between the files`, {
          hint: `Give ${file.missingBefore} too: what it holds can't be left out.`,
        });
      }
      const isLast = i === this.files.length - 1;
      const stopAt = isLast && this.asked.stop ? this.asked.stop.position : Number.POSITIVE_INFINITY;
      yield* this.read(file, i === 0 ? this.startPosition : MAGIC_LENGTH, stopAt, isLast && this.endsLog);
    }
  }

  async close(): Promise<void> {
    const reader = this.reader;
    this.reader = null;
    await reader?.close();
  }

  private async *read(
    file: BinlogFile,
    from: number,
    stopAt: number,
    isLast: boolean,
  ): AsyncGenerator<RawEvent[]> {
    if (file.form === 'encrypted') throw encrypted(file);
    if (file.form === 'other') throw notABinlog(file);
    const reader = await openBlockReader(file);
    this.reader = reader;
    try {
      const extent: FileExtent = { file: file.file, from, to: from };
      this.extents.push(extent);
      if (file.form === 'empty') {
        extent.from = 0;
        await this.headless(reader, file, 'the file has no magic number', isLast);
        extent.to = file.size;
        return;
      }
      await passMagic(reader, file);
      yield* this.events(reader, file, extent, stopAt, isLast);
      // Another order of the two would leave a block's slices in use while its file is closed: harmless, but odd.
    } finally {
      await this.close();
    }
  }

  private async *events(
    reader: BlockReader,
    file: BinlogFile,
    extent: FileExtent,
    stopAt: number,
    isLast: boolean,
  ): AsyncGenerator<RawEvent[]> {
    let batch: RawEvent[] = [];
    const head = await this.readHead(reader, file, isLast);
    if (head === null) {
      extent.to = reader.size;
      return;
    }
    const { format, event } = head;
    if (extent.from > MAGIC_LENGTH) {
      batch.push({ ...event, context: true });
      await refuseEncryptedEvents(reader, file, format);
      if (extent.from < reader.position) throw noEventAt({ file: file.file, position: extent.from });
      await reader.skipTo(extent.from);
      // How long a compressed file is shows only now.
      if (reader.position < extent.from) throw shorterThanStart(file.file, reader.position, extent.from);
    } else if (stopAt > MAGIC_LENGTH) {
      batch.push(event);
      extent.to = reader.position;
    }
    while (reader.position < stopAt) {
      if (batch.length >= 256 || (batch.length > 0 && !holdsEvent(reader))) {
        yield batch;
        batch = [];
      }
      const position = reader.position;
      const framed = holdsEvent(reader)
        ? takeEvent(reader, format.checksum)
        : await nextEvent(reader, format.checksum);
      if (framed.kind === 'end') break;
      if (framed.kind === 'broken') {
        if (position === extent.from) await this.checkStart(file, position);
        extent.to = await this.brokenAt(position, reader, file, framed.reason, format, isLast);
        break;
      }
      const { bytes } = framed;
      if (typeOf(bytes) === MARIADB_START_ENCRYPTION) throw encrypted(file);
      const event: RawEvent = { file: file.file, position, bytes };
      if (bytes.length < lengthOf(bytes)) {
        event.rest = () => readAgain(file, position + bytes.length, position + lengthOf(bytes));
      }
      batch.push(event);
      extent.to = reader.position;
    }
    if (batch.length > 0) yield batch;
  }

  /** The format description, which every file begins with. null: torn already there. */
  private async readHead(
    reader: BlockReader,
    file: BinlogFile,
    isLast: boolean,
  ): Promise<{ format: FormatDescription; event: RawEvent } | null> {
    const position = reader.position;
    await reader.fill(HEADER_LENGTH);
    if (reader.end - reader.start >= HEADER_LENGTH && reader.block[reader.start + 4] === START_V3)
      throw tooOld(file);
    const framed = await nextEvent(reader, false);
    let reason = framed.kind === 'broken' ? framed.reason : 'the file has no format description';
    if (framed.kind === 'event') {
      reason = checkFormatDescription(framed.bytes) ?? '';
      if (reason !== '') {
        reader.start -= framed.bytes.length;
        reader.position = position;
      }
    }
    if (framed.kind !== 'event' || reason !== '') {
      await this.headless(reader, file, reason, isLast);
      return null;
    }
    try {
      const format = parseFormatDescription(framed.bytes);
      return { format, event: { file: file.file, position, bytes: withoutInUseFlag(framed.bytes) } };
    } catch (fault) {
      if (!(fault instanceof DecodeFault)) throw fault;
      throw corrupt(file.file, position, fault.message, fault);
    }
  }

  /** Answers the file's size. A large payload is passed over before it turns out to be broken: back to its start. */
  private async brokenAt(
    position: number,
    reader: BlockReader,
    file: BinlogFile,
    reason: string,
    format: FormatDescription,
    isLast: boolean,
  ): Promise<number> {
    if (reader.position === position) {
      await this.broken(reader, file, reason, format, isLast);
      return reader.size;
    }
    const again = await openBlockReader(file);
    try {
      await again.skipTo(position);
      await this.broken(again, file, reason, format, isLast);
      return again.size;
    } finally {
      await again.close();
    }
  }

  /**
   * Nothing sound stands at the reader's position. A torn tail ends the last file, or one that was still in use when
   * its server was killed (MariaDB leaves it so and goes on in the next file), and has no whole event behind it.
   */
  private async broken(
    reader: BlockReader,
    file: BinlogFile,
    reason: string,
    format: { inUse: boolean; checksum: boolean },
    isLast: boolean,
  ): Promise<void> {
    const position = reader.position;
    if (!isLast && !format.inUse)
      throw corrupt(file.file, position, `${reason}, and the log goes on in another file`);
    const later = await findLaterEvent(reader, format.checksum);
    if (later !== null)
      throw corrupt(file.file, position, `${reason}, but whole events follow (at ${later})`);
    const bytes = reader.size - position;
    const closed = format.inUse
      ? ''
      : '; the server had closed this file, so the copy itself is cut or damaged';
    this.notices.push({ kind: 'torn-tail', file: file.file, position, bytes, reason: `${reason}${closed}` });
  }

  /**
   * A file without its head: at the log's end a crash left it so. Between two others, or where the window begins, it is no
   * torn tail: what it had may be lost with a bad copy.
   */
  private async headless(
    reader: BlockReader,
    file: BinlogFile,
    reason: string,
    isLast: boolean,
  ): Promise<void> {
    await this.broken(reader, file, reason, { inUse: isLast, checksum: false }, isLast);
    if (file === this.files[0] && this.asked.start.kind !== 'beginning')
      throw beginsWithNothing(file.file, reason);
  }

  /** Coordinates that point into the middle of an event must not be taken for damage. */
  private async checkStart(file: BinlogFile, position: number): Promise<void> {
    const reader = await openBlockReader(file);
    try {
      await passMagic(reader, file);
      if (await isBoundary(reader, position)) return;
      throw noEventAt({ file: file.file, position });
    } finally {
      await reader.close();
    }
  }
}

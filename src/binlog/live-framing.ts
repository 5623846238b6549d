// Puts the packets of a dump back to where they stand in their files: finds out file and position, leaves out what the
// server made up for the protocol. Never talks to a server.
import { ReconcileError } from '../reconcile-error.ts';
import { DecodeFault } from './byte-cursor.ts';
import { checksumMatches } from './checksum.ts';
import * as E from './event-type.ts';
import {
  checkFormatDescription,
  type FormatDescription,
  parseFormatDescription,
} from './format-description.ts';
import {
  CHECKSUM_LENGTH,
  type EventPlace,
  endPositionOf,
  flagsOf,
  HEADER_LENGTH,
  lengthOf,
  MAGIC_LENGTH,
  type RawEvent,
  typeOf,
} from './raw-event.ts';

export type LiveFramed =
  | { kind: 'event'; event: RawEvent }
  | { kind: 'dropped' }
  /** The checksum of the event at `at` does not match. */
  | { kind: 'broken'; length: number };

export class LiveFraming {
  /** Where the next event stands. */
  at: EventPlace;
  /** Of the server that wrote the file at hand. */
  flavor: 'mysql' | 'mariadb' = 'mysql';
  private checksum = false;
  /** The format description at the head of a file is out: given once, whatever the server repeats. */
  private described: string | null = null;

  constructor(at: EventPlace) {
    this.at = { ...at };
  }

  /** The dump goes on elsewhere: in the next file, or again at `at` after the connection broke. */
  restart(at: EventPlace): void {
    this.at = { ...at };
  }

  frame(bytes: Buffer): LiveFramed {
    if (bytes.length < HEADER_LENGTH || lengthOf(bytes) !== bytes.length) {
      throw this.fault(`a packet of ${bytes.length} bytes that is no event`);
    }
    const type = typeOf(bytes);
    const artificial = endPositionOf(bytes) === 0 || (flagsOf(bytes) & E.FLAG_ARTIFICIAL) !== 0;
    if (type === E.ROTATE && artificial) {
      this.moveTo(bytes);
      return { kind: 'dropped' };
    }
    if (type === E.HEARTBEAT || type === E.HEARTBEAT_V2) return { kind: 'dropped' };
    if (type === E.FORMAT_DESCRIPTION) return this.formatDescription(bytes);
    // Made up at the start of a dump (MariaDB's GTID list, for one), or given again from the head of the file.
    if ((flagsOf(bytes) & E.FLAG_ARTIFICIAL) !== 0) return { kind: 'dropped' };
    if (type === E.MARIADB_START_ENCRYPTION && artificial) return { kind: 'dropped' };
    if (this.checksum && !checksumMatches(bytes)) return { kind: 'broken', length: bytes.length };
    return { kind: 'event', event: this.place(bytes) };
  }

  /** A fake rotate says which file and position come next. Its checksum, where it has one, follows the name. */
  private moveTo(bytes: Buffer): void {
    if (bytes.length < HEADER_LENGTH + 9) throw this.fault('a rotate event without a file name');
    const position = Number(bytes.readBigUInt64LE(HEADER_LENGTH));
    const end = checksumMatches(bytes) ? bytes.length - CHECKSUM_LENGTH : bytes.length;
    const file = bytes.toString('utf8', HEADER_LENGTH + 8, end);
    if (file === this.at.file && position === this.at.position) return;
    this.at = { file, position: Math.max(position, MAGIC_LENGTH) };
  }

  private formatDescription(bytes: Buffer): LiveFramed {
    const format = this.parse(bytes);
    // Where events have no checksums, servers change this one for a start in the middle and leave its own as it was.
    const changed = endPositionOf(bytes) === 0 && !format.checksum;
    if (!changed && checkFormatDescription(bytes) !== null) return { kind: 'broken', length: bytes.length };
    this.checksum = format.checksum;
    this.flavor = format.flavor;
    if (this.at.position === MAGIC_LENGTH) {
      this.described = this.at.file;
      return { kind: 'event', event: this.place(bytes) };
    }
    if (this.described === this.at.file) return { kind: 'dropped' };
    this.described = this.at.file;
    return { kind: 'event', event: { file: this.at.file, position: MAGIC_LENGTH, bytes, context: true } };
  }

  private parse(bytes: Buffer): FormatDescription {
    try {
      return parseFormatDescription(bytes);
    } catch (fault) {
      if (fault instanceof DecodeFault) throw this.fault(fault.message);
      throw fault;
    }
  }

  private place(bytes: Buffer): RawEvent {
    const { file, position } = this.at;
    const stated = endPositionOf(bytes);
    const end = position + bytes.length;
    // MariaDB writes 0 inside transactions; positions are 32 bits and wrap.
    if (stated !== 0 && stated !== end % 2 ** 32) {
      throw this.fault(
        `the server skipped something: an event of ${bytes.length} bytes says that it ends at ${stated}`,
      );
    }
    this.at = { file, position: end };
    return { file, position, bytes };
  }

  private fault(reason: string): ReconcileError {
    return new ReconcileError('corrupt', `${this.at.file} position ${this.at.position}: ${reason}`, {
      hint: 'Copy the binlog files from the server and give them with --binlog.',
    });
  }
}

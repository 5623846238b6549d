// A binlog event as its source delivered it: bytes and the place they stand at. Never looks behind the common header.

/** Where an event stands. `position` is the byte offset of its first byte in `file`, exact beyond 4 GiB. */
export interface EventPlace {
  file: string;
  position: number;
}

/** One event, whole: common header (19 bytes), body and, where the file has them, the 4 bytes of its CRC32. */
export interface RawEvent extends EventPlace {
  /** A slice of a block of the log: whoever keeps it keeps the block (1 MiB or more). */
  bytes: Buffer;
  /**
   * Given for the decoder's sake only: the format description at the head of a file that is read from its middle.
   * It is no part of the window and is not counted.
   */
  context?: true;
  /**
   * Only of a large TRANSACTION_PAYLOAD in a file: `bytes` are its first ones, and these all that follow. Its checksum
   * has been found right.
   */
  rest?: () => AsyncIterable<Buffer>;
}

/** What a source says besides events: it never hides a gap. */
export interface SourceNotice extends EventPlace {
  kind: 'torn-tail' | 'unreachable-tail';
  /** Bytes from `position` to the end of `file` that hold no whole, committed event. */
  bytes: number;
  reason: string;
}

/** The part of a file that a source undertook to read: its events and notices must cover exactly these bytes. */
export interface FileExtent {
  file: string;
  /** First byte: the start position, or 4 (behind the magic). */
  from: number;
  /** First byte that is not read: the file's size, or the end of the last event before the stop position. */
  to: number;
}

/**
 * Raw events in log order, in batches (an await per batch, not per event).
 * Both transports give exactly the same events for the same window: artificial events of the
 * protocol (fake rotate, heartbeats) never leave the live source, and the format description's
 * in-use flag, which servers clear when they send it, is cleared by the file source too.
 */
export interface EventSource {
  batches(): AsyncIterable<RawEvent[]>;
  /** Complete once `batches()` has ended. */
  readonly notices: readonly SourceNotice[];
  /** Complete once `batches()` has ended. */
  readonly extents: readonly FileExtent[];
  close(): Promise<void>;
}

/** The common header's fields: offset in the event and what stands there (little-endian). */
export const HEADER_LENGTH = 19;
export const CHECKSUM_LENGTH = 4;
export const MAGIC_LENGTH = 4;

export const timestampOf = (bytes: Buffer): number => bytes.readUInt32LE(0);
export const typeOf = (bytes: Buffer): number => bytes[4]!;
export const serverIdOf = (bytes: Buffer): number => bytes.readUInt32LE(5);
export const lengthOf = (bytes: Buffer): number => bytes.readUInt32LE(9);
export const endPositionOf = (bytes: Buffer): number => bytes.readUInt32LE(13);
export const flagsOf = (bytes: Buffer): number => bytes.readUInt16LE(17);

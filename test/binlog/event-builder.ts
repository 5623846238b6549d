// Makes small logs by hand, for what no server can be made to write: events with headers, positions and checksums.
import { crc32 } from 'node:zlib';
import type { EventSource, RawEvent, SourceNotice } from '../../src/binlog/raw-event.ts';
import { formatDescriptionEvent } from '../../src/binlog/row-event-writer.ts';

export interface BuiltEvent {
  type: number;
  body: Buffer;
  serverId?: number;
  timestamp?: number;
  flags?: number;
}

/** One file of a log that is built in memory. The format description comes by itself. */
export interface BuiltFile {
  file: string;
  events: BuiltEvent[];
  flavor?: 'mysql' | 'mariadb';
  /** Seconds: not 0 where the file is the first since the server's start. */
  created?: number;
  /** Where the first event behind the format description stands. */
  from?: number;
}

export const OWN_SERVER = 1;

export function builtSource(files: BuiltFile[], notices: SourceNotice[] = []): EventSource {
  const events: RawEvent[] = [];
  const extents = files.map(({ file, events: built, flavor = 'mysql', created = 0, from }) => {
    const version = flavor === 'mysql' ? '9.7.0' : '11.8.0-MariaDB';
    const description = formatDescriptionEvent(flavor, version, OWN_SERVER);
    description.writeUInt32LE(created, 19 + 52);
    // Its last byte before the checksum says that all events have one.
    description[description.length - 5] = 1;
    description.writeUInt32LE(crc32(description.subarray(0, -4)), description.length - 4);
    let position = 4;
    const context = from !== undefined;
    events.push({ file, position, bytes: description, ...(context ? { context: true as const } : {}) });
    position = from ?? position + description.length;
    const start = from ?? 4;
    for (const { type, body, serverId = OWN_SERVER, timestamp = 1000, flags = 0 } of built) {
      const bytes = Buffer.alloc(19 + body.length + 4);
      bytes.writeUInt32LE(timestamp, 0);
      bytes[4] = type;
      bytes.writeUInt32LE(serverId, 5);
      bytes.writeUInt32LE(bytes.length, 9);
      bytes.writeUInt32LE((position + bytes.length) % 2 ** 32, 13);
      bytes.writeUInt16LE(flags, 17);
      body.copy(bytes, 19);
      bytes.writeUInt32LE(crc32(bytes.subarray(0, -4)), bytes.length - 4);
      events.push({ file, position, bytes });
      position += bytes.length;
    }
    const torn = notices.filter((notice) => notice.file === file).reduce((sum, { bytes }) => sum + bytes, 0);
    return { file, from: start, to: position + torn };
  });
  return {
    async *batches() {
      // Several batches: a transaction may lie across them.
      for (let at = 0; at < events.length; at += 3) yield events.slice(at, at + 3);
    },
    notices,
    extents,
    close: async () => {},
  };
}

export function gtid(
  number: number,
  options: Partial<BuiltEvent> & { committedAt?: number } = {},
): BuiltEvent {
  const { committedAt = 5_000_000, ...more } = options;
  const body = Buffer.alloc(42 + 7);
  body.fill(0xab, 1, 17);
  body.writeBigInt64LE(BigInt(number), 17);
  body[25] = 2;
  body.writeUIntLE(committedAt % 2 ** 32, 42, 4);
  body.writeUIntLE(Math.floor(committedAt / 2 ** 32), 46, 3);
  return { type: number === 0 ? 34 : 33, body, ...more };
}

export const uuid = 'abababab-abab-abab-abab-abababababab';

export function mariadbGtid(sequence: number, flags = 0, more: Partial<BuiltEvent> = {}): BuiltEvent {
  const body = Buffer.alloc(19);
  body.writeBigUInt64LE(BigInt(sequence), 0);
  body.writeUInt32LE(3, 8);
  body[12] = flags;
  return { type: 162, body, ...more };
}

export function query(sql: string, schema = 'shop'): BuiltEvent {
  const head = Buffer.alloc(13);
  head[8] = schema.length;
  return { type: 2, body: Buffer.concat([head, Buffer.from(`${schema}\0${sql}`)]) };
}

export const xid: BuiltEvent = { type: 16, body: Buffer.alloc(8) };

export function xaPrepare(
  gtrid: string,
  options: { onePhase?: boolean; bqual?: string; format?: number } = {},
): BuiltEvent {
  const { onePhase = false, bqual = '', format = 1 } = options;
  const head = Buffer.alloc(13);
  head[0] = onePhase ? 1 : 0;
  head.writeInt32LE(format, 1);
  head.writeUInt32LE(gtrid.length, 5);
  head.writeUInt32LE(bqual.length, 9);
  return { type: 38, body: Buffer.concat([head, Buffer.from(gtrid), Buffer.from(bqual)]) };
}

/** `X'61',X'',1`. */
export function xidText(gtrid: string, bqual = '', format = 1): string {
  return `X'${Buffer.from(gtrid).toString('hex')}',X'${Buffer.from(bqual).toString('hex')}',${format}`;
}

/** `shop.t (INT)`. */
export function tableMap(id = 5): BuiltEvent {
  const body = Buffer.concat([Buffer.alloc(8), Buffer.from('\x04shop\0\x01t\0\x01\x03\x00\x00', 'latin1')]);
  body[0] = id;
  return { type: 19, body };
}

export function writeRow(
  value: number,
  options: { id?: number; flags?: number; type?: number } = {},
): BuiltEvent {
  const { id = 5, flags = 1, type = 30 } = options;
  const head = Buffer.alloc(10);
  head[0] = id;
  head.writeUInt16LE(flags, 6);
  head[8] = 2;
  const row = Buffer.alloc(5);
  row.writeInt32LE(value, 1);
  return { type, body: Buffer.concat([head, Buffer.from([1, 1]), row]) };
}

export const rotate: BuiltEvent = { type: 4, body: Buffer.from('\x04\0\0\0\0\0\0\0binlog.000002', 'latin1') };

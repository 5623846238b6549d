// The events that open a transaction: MySQL's GTID, ANONYMOUS_GTID and GTID_TAGGED, MariaDB's GTID. Never decides where
// the transaction ends.
import { type ByteCursor, DecodeFault } from './byte-cursor.ts';
import * as E from './event-type.ts';

export interface TransactionHead {
  /** null: anonymous. */
  gtid: string | null;
  /** Commit time on this server in microseconds since 1970; null before MySQL 8.0 and on MariaDB. */
  committedAt: number | null;
  /** Commit time on the server that first wrote it; null as above. */
  originallyCommittedAt: number | null;
  /** MariaDB: the group has no commit event (DDL). */
  standalone: boolean;
  /** MariaDB: the group ends in XA PREPARE, or is the XA COMMIT or ROLLBACK of an earlier one. */
  xa: 'prepare' | 'complete' | null;
}

/** `serverId`: from the common header, a part of MariaDB's GTIDs. */
export function readHead(type: number, cursor: ByteCursor, serverId: number): TransactionHead {
  if (type === E.MARIADB_GTID) return readMariadbGtid(cursor, serverId);
  return type === E.GTID_TAGGED ? readTaggedGtid(cursor) : readGtid(cursor, type === E.ANONYMOUS_GTID);
}

const LOGICAL_TIMESTAMP = 2;

/** GTID and ANONYMOUS_GTID. */
export function readGtid(cursor: ByteCursor, anonymous: boolean): TransactionHead {
  cursor.skip(1);
  const uuid = anonymous ? '' : uuidAt(cursor.bytes, cursor.skip(16));
  if (anonymous) cursor.skip(16);
  const number = cursor.int64();
  let committedAt: number | null = null;
  let originallyCommittedAt: number | null = null;
  // 5.6 has nothing behind the number, 5.7 the logical clock, 8.0 the timestamps.
  if (cursor.left >= 17 && cursor.uint8() === LOGICAL_TIMESTAMP) {
    cursor.skip(16);
    if (cursor.left >= 7) {
      const immediate = uint56(cursor);
      const both = immediate >= 2 ** 55;
      committedAt = both ? immediate - 2 ** 55 : immediate;
      originallyCommittedAt = both ? uint56(cursor) : committedAt;
    }
  }
  if (!anonymous && number < 1n) throw new DecodeFault(`transaction number ${number}`);
  return {
    gtid: anonymous ? null : `${uuid}:${number}`,
    committedAt,
    originallyCommittedAt,
    standalone: false,
    xa: null,
  };
}

const FIELD_UUID = 1;
const FIELD_NUMBER = 2;
const FIELD_TAG = 3;
const FIELD_LAST_COMMITTED = 4;
const FIELD_SEQUENCE_NUMBER = 5;
const FIELD_IMMEDIATE_TIMESTAMP = 6;
const FIELD_ORIGINAL_TIMESTAMP = 7;

/**
 * GTID_TAGGED (MySQL 8.3+), in the format of mysql::serialization: a version, the message's size, the last field that
 * must be understood, then fields, each with its number. Those behind the timestamps are not needed.
 */
export function readTaggedGtid(cursor: ByteCursor): TransactionHead {
  const version = varint(cursor);
  if (version !== 1n) throw new DecodeFault(`serialization version ${version}`);
  varint(cursor);
  varint(cursor);
  let uuid: string | null = null;
  let number: bigint | null = null;
  let tag = '';
  let committedAt: number | null = null;
  let originallyCommittedAt: number | null = null;
  while (cursor.left > 0) {
    const field = Number(varint(cursor));
    if (field > FIELD_ORIGINAL_TIMESTAMP) break;
    switch (field) {
      case 0:
      case FIELD_LAST_COMMITTED:
      case FIELD_SEQUENCE_NUMBER:
        varint(cursor);
        break;
      case FIELD_UUID: {
        // An array of 16 one-byte integers: those of 0x80 and more take two bytes.
        const bytes = Buffer.alloc(16);
        for (let i = 0; i < 16; i++) bytes[i] = Number(varint(cursor) & 0xffn);
        uuid = formatUuid(bytes);
        break;
      }
      case FIELD_NUMBER:
        number = signed(varint(cursor));
        break;
      case FIELD_TAG:
        tag = cursor.utf8(Number(varint(cursor)));
        break;
      case FIELD_IMMEDIATE_TIMESTAMP:
        committedAt = Number(varint(cursor));
        break;
      case FIELD_ORIGINAL_TIMESTAMP:
        originallyCommittedAt = Number(varint(cursor));
        break;
    }
  }
  if (uuid === null || number === null || number < 1n)
    throw new DecodeFault('a tagged GTID without its parts');
  return {
    gtid: tag === '' ? `${uuid}:${number}` : `${uuid}:${tag}:${number}`,
    committedAt,
    originallyCommittedAt: originallyCommittedAt ?? committedAt,
    standalone: false,
    xa: null,
  };
}

const MARIADB_STANDALONE = 1;
const MARIADB_PREPARED_XA = 64;
const MARIADB_COMPLETED_XA = 128;

/** MariaDB's GTID; the server's number is in the common header. */
export function readMariadbGtid(cursor: ByteCursor, serverId: number): TransactionHead {
  const sequence = cursor.uint64();
  const domain = cursor.uint32();
  const flags = cursor.uint8();
  return {
    gtid: `${domain}-${serverId}-${sequence}`,
    committedAt: null,
    originallyCommittedAt: null,
    standalone: (flags & MARIADB_STANDALONE) !== 0,
    xa:
      (flags & MARIADB_PREPARED_XA) !== 0
        ? 'prepare'
        : (flags & MARIADB_COMPLETED_XA) !== 0
          ? 'complete'
          : null,
  };
}

let lastUuid = { bytes: Buffer.alloc(16), text: '' };

/** One server's UUID stands in a log over and over: made to text once. */
function uuidAt(bytes: Buffer, at: number): string {
  if (lastUuid.text === '' || lastUuid.bytes.compare(bytes, at, at + 16) !== 0) {
    const copy = Buffer.from(bytes.subarray(at, at + 16));
    lastUuid = { bytes: copy, text: formatUuid(copy) };
  }
  return lastUuid.text;
}

export function formatUuid(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function uint56(cursor: ByteCursor): number {
  const low = cursor.uint32();
  return low + cursor.uint(3) * 2 ** 32;
}

/** 1 to 9 bytes: the trailing ones of the first byte count the bytes that follow it. */
export function varint(cursor: ByteCursor): bigint {
  const first = cursor.uint8();
  let ones = 0;
  while (ones < 8 && ((first >> ones) & 1) === 1) ones++;
  if (ones === 8) return cursor.uint64();
  let value = BigInt(first >> (ones + 1));
  for (let i = 0; i < ones; i++) value |= BigInt(cursor.uint8()) << BigInt(7 - ones + 8 * i);
  return value;
}

function signed(value: bigint): bigint {
  return (value & 1n) === 0n ? value >> 1n : -(value >> 1n) - 1n;
}

// The format description event at the head of every binlog file: which server wrote the file, how long each type's
// post-header is, and whether events carry a CRC32. Never decodes another event.
import { ByteCursor, DecodeFault } from './byte-cursor.ts';
import { checksumMatches } from './checksum.ts';
import { FLAG_IN_USE, FORMAT_DESCRIPTION } from './event-type.ts';
import { CHECKSUM_LENGTH, flagsOf, HEADER_LENGTH, serverIdOf, typeOf } from './raw-event.ts';

export interface FormatDescription {
  serverVersion: string;
  flavor: 'mysql' | 'mariadb';
  /** server_id of the server that wrote this file. */
  serverId: number;
  /** Not 0 where the file is the first since the server started. */
  created: number;
  /** The file had not been closed when it was read (a live server says false: it clears the flag when sending). */
  inUse: boolean;
  /** Whether the file's other events end in a CRC32. */
  checksum: boolean;
  /** Post-header length by type code; undefined for types this server does not know. */
  postHeaderLength(type: number): number | undefined;
}

const VERSION_OFFSET = HEADER_LENGTH + 2;
const VERSION_LENGTH = 50;
/** binlog version 2, server version 50, created 4, common header length 1. */
const FIXED_LENGTH = 2 + VERSION_LENGTH + 4 + 1;

/** Takes the whole event. Throws DecodeFault where it is none. */
export function parseFormatDescription(bytes: Buffer): FormatDescription {
  if (bytes.length < HEADER_LENGTH + FIXED_LENGTH || typeOf(bytes) !== FORMAT_DESCRIPTION) {
    throw new DecodeFault('no format description where one should stand');
  }
  const cursor = new ByteCursor(bytes, HEADER_LENGTH);
  const binlogVersion = cursor.uint16();
  if (binlogVersion !== 4) throw new DecodeFault(`binlog version ${binlogVersion}; only version 4 is known`);
  const nul = bytes.indexOf(0, VERSION_OFFSET);
  const versionEnd =
    nul < 0 ? VERSION_OFFSET + VERSION_LENGTH : Math.min(nul, VERSION_OFFSET + VERSION_LENGTH);
  const serverVersion = bytes.toString('latin1', VERSION_OFFSET, versionEnd);
  cursor.skip(VERSION_LENGTH);
  const created = cursor.uint32();
  const headerLength = cursor.uint8();
  if (headerLength !== HEADER_LENGTH) throw new DecodeFault(`a common header of ${headerLength} bytes`);

  // Servers that know checksums end this event with the algorithm and a CRC32, also where other events have none.
  const knowsChecksums = endsInChecksum(bytes) === true;
  const lengthsEnd = knowsChecksums ? bytes.length - CHECKSUM_LENGTH - 1 : bytes.length;
  if (lengthsEnd < cursor.position) throw new DecodeFault('a format description cut short');
  const postHeaders = Buffer.from(bytes.subarray(cursor.position, lengthsEnd));
  const algorithm = knowsChecksums ? bytes[lengthsEnd]! : 0;
  if (algorithm > 1) throw new DecodeFault(`checksum algorithm ${algorithm}; only NONE and CRC32 are known`);
  return {
    serverVersion,
    flavor: /mariadb/i.test(serverVersion) ? 'mariadb' : 'mysql',
    serverId: serverIdOf(bytes),
    created,
    inUse: (flagsOf(bytes) & FLAG_IN_USE) !== 0,
    checksum: algorithm === 1,
    postHeaderLength: (type) => postHeaders[type - 1],
  };
}

/**
 * Whether the format description itself ends in the checksum algorithm and a CRC32 (MySQL 5.6.1+, MariaDB 5.3+),
 * whatever the other events do. Told by its own post-header length, not by the version: one damaged letter there would
 * switch all checks off. null: neither fits.
 */
export function endsInChecksum(bytes: Buffer): boolean | null {
  const own = bytes[HEADER_LENGTH + FIXED_LENGTH + FORMAT_DESCRIPTION - 1];
  if (own === undefined) return null;
  const extra = bytes.length - HEADER_LENGTH - own;
  if (extra === 0) return false;
  return extra === 1 + CHECKSUM_LENGTH ? true : null;
}

/** Whether the event is a format description whose bytes can be believed; says why not. */
export function checkFormatDescription(bytes: Buffer): string | null {
  if (typeOf(bytes) !== FORMAT_DESCRIPTION) return 'no format description where one should stand';
  const checked = endsInChecksum(bytes);
  if (checked === null) return 'a format description of a wrong length';
  return checked && !checksumMatches(bytes) ? 'the checksum does not match' : null;
}

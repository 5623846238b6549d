// The event near the head of a binlog file that says which GTIDs stand before the file: MySQL's PREVIOUS_GTIDS,
// MariaDB's GTID_LIST. Gives them as text in the flavour's own notation; never compares sets.
import { type ByteCursor, DecodeFault } from './byte-cursor.ts';
import { formatUuid, varint } from './gtid-event.ts';

const TAGGED = 1;
/** Its top four bits are flags of the replication protocol. */
const COUNT_MASK = 0x0fffffff;

/**
 * `uuid:1-5:7,uuid:tag:1-3`: all that the server had in its log, or had been told is purged, when it opened the file.
 * `cursor` covers the event's body without the checksum. Two forms: a plain count of 8 bytes, or (with tags, MySQL 8.3+)
 * a count in bytes 1 to 6 between two bytes of 1.
 */
export function readPreviousGtids(cursor: ByteCursor): string {
  const head = cursor.slice(8);
  const tagged = head[7] === TAGGED;
  if (!tagged && head[7] !== 0) throw new DecodeFault(`a GTID set of format ${head[7]}`);
  const count = tagged ? head.readUIntLE(1, 6) : head.readUIntLE(0, 6);
  const parts: string[] = [];
  for (let i = 0; i < count; i++) {
    let source = formatUuid(cursor.slice(16));
    const tag = tagged ? cursor.utf8(Number(varint(cursor))) : '';
    if (tag !== '') source += `:${tag}`;
    const intervals = cursor.uint64();
    for (let j = 0n; j < intervals; j++) {
      const first = cursor.uint64();
      const behind = cursor.uint64();
      if (first < 1n || behind <= first) throw new DecodeFault(`GTIDs ${first} to ${behind} in a set`);
      source += `:${first}-${behind - 1n}`;
    }
    parts.push(source);
  }
  return parts.join(',');
}

/** `0-1-100,0-2-95,3-1-7`: of each domain the last GTID that each server wrote, the domain's very last one last. */
export function readGtidList(cursor: ByteCursor): string {
  const count = cursor.uint32() & COUNT_MASK;
  const parts: string[] = [];
  for (let i = 0; i < count; i++) {
    const domain = cursor.uint32();
    const serverId = cursor.uint32();
    parts.push(`${domain}-${serverId}-${cursor.uint64()}`);
  }
  return parts.join(',');
}

// Puts statements into as few packets as the server takes. Pure.
import type { EngineStatement } from './write-engine.ts';

/** Bytes. Longer packets save no round trips worth having, and both sides hold them whole. */
const PACKET_BYTES = 2 << 20;

/** A statement that is longer than a packet should be has one of its own. */
export function* inPackets(
  statements: Iterable<EngineStatement>,
  maxAllowedPacket: number,
): Generator<EngineStatement[]> {
  const limit = Math.min(PACKET_BYTES, maxAllowedPacket >> 1);
  let packet: EngineStatement[] = [];
  let bytes = 0;
  for (const statement of statements) {
    // At most four bytes a character: no statement is measured for it.
    const size = statement.sql.length;
    if (packet.length > 0 && bytes + size > limit) {
      yield packet;
      packet = [];
      bytes = 0;
    }
    packet.push(statement);
    bytes += size;
    if (!statement.last) continue;
    yield packet;
    packet = [];
    bytes = 0;
  }
  if (packet.length > 0) yield packet;
}

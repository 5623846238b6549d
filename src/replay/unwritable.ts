// Why a transaction can't be written at all, known before anything is sent: the engine has no exact statement for a row,
// or no packet of the restored primary holds one. Pure.
import type { WindowTransaction } from '../diff/window-rows.ts';
import type { EngineStatement, WriteEngine } from './write-engine.ts';

/** Around the statement: the protocol's own bytes, and what is sent with it. */
const ROOM = 1024;

export interface Unwritable {
  kind: 'refused-by-restored' | 'too-large';
  why: string;
}

/** For a rehearsal, which sends nothing. */
export function unwritable(
  engine: WriteEngine,
  window: WindowTransaction,
  maxAllowedPacket: number,
): Unwritable | null {
  const why = engine.unwritable(window);
  if (why !== null) return { kind: 'refused-by-restored', why };
  // A statement holds a row's two images, at most two digits a byte: most transactions need not be put together.
  const { changes } = window.transaction;
  const bytes = changes.reduce((sum, { before, after }) => sum + bytesOf(before) + bytesOf(after), 0);
  if (bytes * 8 < maxAllowedPacket) return null;
  const large = tooLarge([...engine.statements(window)], maxAllowedPacket);
  return large === null ? null : { kind: 'too-large', why: large };
}

/** The server would cut the connection over it. */
export function tooLarge(statements: readonly EngineStatement[], maxAllowedPacket: number): string | null {
  const longest = statements.reduce((most, { sql }) => Math.max(most, Buffer.byteLength(sql)), 0);
  if (longest + ROOM <= maxAllowedPacket) return null;
  return `a row of it needs max_allowed_packet=${longest + ROOM}, and the restored primary has ${maxAllowedPacket}: SET GLOBAL max_allowed_packet=${wholeMegabytes(longest + ROOM)} there, then run the same command again`;
}

/** The server rounds down to whole kilobytes. */
function wholeMegabytes(bytes: number): number {
  return Math.ceil(bytes / 2 ** 20) * 2 ** 20;
}

function bytesOf(image: { bytes: Buffer } | null): number {
  return image?.bytes.length ?? 0;
}

// The types of MySQL's binary JSON, and which of them a container's entry holds itself. Never reads a value.
// Format: MySQL's sql-common/json_binary.h.

export const SMALL_OBJECT = 0;
export const LARGE_OBJECT = 1;
export const SMALL_ARRAY = 2;
export const LARGE_ARRAY = 3;
export const LITERAL = 4;
export const INT16 = 5;
export const UINT16 = 6;
export const INT32 = 7;
export const UINT32 = 8;
export const INT64 = 9;
export const UINT64 = 10;
export const DOUBLE = 11;
export const STRING = 12;
export const OPAQUE = 15;

/** The server's own limit is 100. */
export const MAX_DEPTH = 128;

/** Literals and short integers stand in the entry itself, everything else at the offset it gives. */
export function isInlined(type: number, large: boolean): boolean {
  return (
    type === LITERAL || type === INT16 || type === UINT16 || (large && (type === INT32 || type === UINT32))
  );
}

// Whether two stretches of bytes are the same. Nothing else.

/** Of fewer bytes, a loop is faster than the call. */
const FEW_BYTES = 24;

/** one[from..end) and other[start..start + end - from): both are there. */
export function sameBytes(one: Buffer, from: number, end: number, other: Buffer, start: number): boolean {
  const length = end - from;
  if (length > FEW_BYTES) return one.compare(other, start, start + length, from, end) === 0;
  for (let i = 0; i < length; i++) if (one[from + i] !== other[start + i]) return false;
  return true;
}

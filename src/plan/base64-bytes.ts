// Base64 text as it lies in a buffer, decoded into another one: Buffer.from() would want a string of it first, and takes
// what is no base64 for something.

const VALUES = new Int8Array(256).fill(-1);
for (const [value, character] of [
  ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
].entries()) {
  VALUES[character.charCodeAt(0)] = value;
}
const PAD = 0x3d;

/** Bytes that so many characters can make, at most. */
export function decodedSize(characters: number): number {
  return (characters >> 2) * 3;
}

/** Of text[at..end) into `into` from `place` on, which has room. The bytes written; -1: it is not base64. */
export function decodeBase64(text: Buffer, at: number, end: number, into: Buffer, place: number): number {
  if (((end - at) & 3) !== 0) return -1;
  if (at === end) return 0;
  const pads = text[end - 1] === PAD ? (text[end - 2] === PAD ? 2 : 1) : 0;
  const whole = pads === 0 ? end : end - 4;
  let to = place;
  // A character that is none makes its part negative, and with it the whole.
  for (let from = at; from < whole; from += 4) {
    const bits =
      (VALUES[text[from]!]! << 18) |
      (VALUES[text[from + 1]!]! << 12) |
      (VALUES[text[from + 2]!]! << 6) |
      VALUES[text[from + 3]!]!;
    if (bits < 0) return -1;
    into[to] = bits >> 16;
    into[to + 1] = bits >> 8;
    into[to + 2] = bits;
    to += 3;
  }
  if (pads === 0) return to - place;
  const bits =
    (VALUES[text[whole]!]! << 18) |
    (VALUES[text[whole + 1]!]! << 12) |
    (pads === 2 ? 0 : VALUES[text[whole + 2]!]! << 6);
  // Bits that no byte comes of would give one image two texts.
  if (bits < 0 || (bits & (pads === 2 ? 0xffff : 0xff)) !== 0) return -1;
  into[to++] = bits >> 16;
  if (pads === 1) into[to++] = bits >> 8;
  return to - place;
}

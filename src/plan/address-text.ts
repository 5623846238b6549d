// MariaDB's UUID, INET4 and INET6 as the server prints them, from their bytes. For showing only.

/** `bytes`: 16 of them, in the order of the text. */
export function uuidText(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** 4 bytes are an IPv4 address, 16 an IPv6 one: its longest run of zeros is left out, an embedded IPv4 address is dotted. */
export function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i));
  const gap = longestZeros(groups);
  const isMapped = gap.start === 0 && ((gap.length === 5 && groups[5] === 0xffff) || gap.length === 6);
  const tail = isMapped ? [addressText(bytes.subarray(12))] : [];
  const texts = [...groups.slice(0, isMapped ? 6 : 8).map((group) => group.toString(16)), ...tail];
  if (gap.length === 0) return texts.join(':');
  return `${texts.slice(0, gap.start).join(':')}::${texts.slice(gap.start + gap.length).join(':')}`;
}

function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length += 1;
    if (length > longest.length) longest = { start, length };
  }
  return longest;
}

// A 64-bit hash of bytes, in two halves of 32 bits. Not for secrets: whoever wants two keys to meet can have that.

/**
 * After MurmurHash3's 128-bit form for 32-bit machines, with two lanes of its four. Each step is one to one: different
 * values of up to 8 bytes never meet.
 */
export class ByteHash {
  low = 0;
  high = 0;
  private buffer: ArrayBufferLike = new ArrayBuffer(0);
  private view = new DataView(this.buffer);

  begin(seed: number): void {
    this.low = seed | 0;
    this.high = (seed * 0x9e3779b1) | 0;
  }

  /** Lengths count: 'ab', 'c' is not 'a', 'bc'. */
  add(bytes: Uint8Array, start: number, end: number): void {
    if (bytes.buffer !== this.buffer) {
      this.buffer = bytes.buffer;
      this.view = new DataView(bytes.buffer);
    }
    const { view } = this;
    let at = bytes.byteOffset + start;
    const last = bytes.byteOffset + end;
    let { low, high } = this;
    for (; at + 8 <= last; at += 8) {
      const first = Math.imul(view.getInt32(at, true), 0x239b961b);
      low ^= Math.imul((first << 15) | (first >>> 17), 0xab0e9789 | 0);
      low = (((low << 19) | (low >>> 13)) + high) | 0;
      low = (Math.imul(low, 5) + 0x561ccd1b) | 0;
      const second = Math.imul(view.getInt32(at + 4, true), 0xab0e9789 | 0);
      high ^= Math.imul((second << 16) | (second >>> 16), 0x38b34ae5);
      high = (((high << 17) | (high >>> 15)) + low) | 0;
      high = (Math.imul(high, 5) + 0x0bcaa747) | 0;
    }
    let first = 0;
    let second = 0;
    for (let shift = 0; at < last && shift < 32; shift += 8) first |= view.getUint8(at++) << shift;
    for (let shift = 0; at < last; shift += 8) second |= view.getUint8(at++) << shift;
    first = Math.imul(first, 0x239b961b);
    low ^= Math.imul((first << 15) | (first >>> 17), 0xab0e9789 | 0);
    second = Math.imul(second, 0xab0e9789 | 0) ^ (end - start);
    high ^= Math.imul((second << 16) | (second >>> 16), 0x38b34ae5);
    low = (Math.imul(low, 5) + high) | 0;
    high = (Math.imul(high, 5) + low) | 0;
    this.low = low;
    this.high = high;
  }

  end(): void {
    let low = (this.low + this.high) | 0;
    let high = (this.high + low) | 0;
    low = mixed(low);
    high = mixed(high);
    low = (low + high) | 0;
    high = (high + low) | 0;
    this.low = low;
    this.high = high;
  }
}

function mixed(half: number): number {
  let value = half;
  value ^= value >>> 16;
  value = Math.imul(value, 0x85ebca6b | 0);
  value ^= value >>> 13;
  value = Math.imul(value, 0xc2b2ae35 | 0);
  return value ^ (value >>> 16);
}

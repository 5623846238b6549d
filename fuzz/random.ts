// Random numbers that can be had again: everything an input is made of follows from its seed.

export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0;
    this.next();
  }

  /** From 0 to 2^32 - 1 (splitmix32). */
  next(): number {
    this.state = (this.state + 0x9e3779b9) | 0;
    let value = this.state;
    value = Math.imul(value ^ (value >>> 16), 0x21f0aaad);
    value = Math.imul(value ^ (value >>> 15), 0x735a2d97);
    return (value ^ (value >>> 15)) >>> 0;
  }

  /** From 0 to `limit` - 1. */
  below(limit: number): number {
    return this.next() % limit;
  }

  chance(share: number): boolean {
    return this.next() < share * 2 ** 32;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  bytes(length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    for (let i = 0; i < length; i++) bytes[i] = this.next();
    return bytes;
  }
}

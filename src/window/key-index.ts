// A set of 64-bit hashes in one typed array: what it takes to tell a million rows apart. Never holds a key.

/** Slots to begin with, a power of two. */
const LEAST = 1024;

/**
 * 8 bytes a slot, half to three quarters of them empty: 16 to 32 bytes a hash, and half as much again while it grows.
 * Two of a million different keys meet in one hash with a probability of 1 in 37 million.
 */
export class KeyIndex {
  size = 0;
  /** Pairs; 0, 0 is an empty slot. */
  private slots = new Int32Array(2 * LEAST);
  private mask = LEAST - 1;

  /** Whether it was new. */
  add(low: number, high: number): boolean {
    if (low === 0 && high === 0) high = 1;
    const { slots, mask } = this;
    let at = low & mask;
    for (;;) {
      const here = slots[2 * at]!;
      const beside = slots[2 * at + 1]!;
      if (here === low && beside === high) return false;
      if (here === 0 && beside === 0) break;
      at = (at + 1) & mask;
    }
    slots[2 * at] = low;
    slots[2 * at + 1] = high;
    this.size += 1;
    if (2 * this.size > mask) this.grow();
    return true;
  }

  /** Whether it was there. */
  remove(low: number, high: number): boolean {
    if (low === 0 && high === 0) high = 1;
    const { slots, mask } = this;
    let at = low & mask;
    for (;;) {
      const here = slots[2 * at]!;
      const beside = slots[2 * at + 1]!;
      if (here === low && beside === high) break;
      if (here === 0 && beside === 0) return false;
      at = (at + 1) & mask;
    }
    // What stands behind it moves up where that brings it nearer to its own slot: no gap may hide it.
    let gap = at;
    for (;;) {
      at = (at + 1) & mask;
      const here = slots[2 * at]!;
      const beside = slots[2 * at + 1]!;
      if (here === 0 && beside === 0) break;
      if (((at - here) & mask) < ((at - gap) & mask)) continue;
      slots[2 * gap] = here;
      slots[2 * gap + 1] = beside;
      gap = at;
    }
    slots[2 * gap] = 0;
    slots[2 * gap + 1] = 0;
    this.size -= 1;
    return true;
  }

  private grow(): void {
    const old = this.slots;
    const mask = this.mask * 2 + 1;
    const slots = new Int32Array(2 * (mask + 1));
    for (let i = 0; i < old.length; i += 2) {
      const low = old[i]!;
      const high = old[i + 1]!;
      if (low === 0 && high === 0) continue;
      let at = low & mask;
      while (slots[2 * at] !== 0 || slots[2 * at + 1] !== 0) at = (at + 1) & mask;
      slots[2 * at] = low;
      slots[2 * at + 1] = high;
    }
    this.slots = slots;
    this.mask = mask;
  }
}

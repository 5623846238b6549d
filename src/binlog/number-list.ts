// A list of numbers that grows, a few bytes each. Never holds anything else, and never two copies of what it holds: it
// grows by a block at a time.

type Numbers = Int32Array | Uint32Array | Float64Array | Uint8Array;

const BLOCK_BITS = 16;
const BLOCK = 1 << BLOCK_BITS;
const IN_BLOCK = BLOCK - 1;

export class NumberList<T extends Numbers> {
  length = 0;
  readonly #blocks: T[];
  #room = 64;
  readonly #make: (length: number) => T;

  /** `make`: a typed array of so many zeros. */
  constructor(make: (length: number) => T) {
    this.#make = make;
    this.#blocks = [make(this.#room)];
  }

  push(value: number): void {
    if (this.length === this.#room) this.#grow();
    this.#blocks[this.length >> BLOCK_BITS]![this.length & IN_BLOCK] = value;
    this.length += 1;
  }

  at(index: number): number {
    return this.#blocks[index >> BLOCK_BITS]![index & IN_BLOCK]!;
  }

  set(index: number, value: number): void {
    this.#blocks[index >> BLOCK_BITS]![index & IN_BLOCK] = value;
  }

  /** A short list is short: only its first block doubles. */
  #grow(): void {
    if (this.#room >= BLOCK) {
      this.#blocks.push(this.#make(BLOCK));
      this.#room += BLOCK;
      return;
    }
    this.#room *= 2;
    const longer = this.#make(this.#room);
    longer.set(this.#blocks[0]!);
    this.#blocks[0] = longer;
  }
}

export const integers = (): NumberList<Int32Array> => new NumberList((length) => new Int32Array(length));
export const offsets = (): NumberList<Float64Array> => new NumberList((length) => new Float64Array(length));

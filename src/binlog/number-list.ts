// A list of numbers that grows, a few bytes each. Never holds anything else.

type Numbers = Int32Array | Uint32Array | Float64Array | Uint8Array;

export class NumberList<T extends Numbers> {
  length = 0;
  #values: T;
  readonly #make: (length: number) => T;

  /** `make`: a typed array of so many zeros. */
  constructor(make: (length: number) => T) {
    this.#make = make;
    this.#values = make(64);
  }

  push(value: number): void {
    if (this.length === this.#values.length) {
      const longer = this.#make(this.length * 2);
      longer.set(this.#values);
      this.#values = longer;
    }
    this.#values[this.length++] = value;
  }

  at(index: number): number {
    return this.#values[index]!;
  }

  set(index: number, value: number): void {
    this.#values[index] = value;
  }
}

export const integers = (): NumberList<Int32Array> => new NumberList((length) => new Int32Array(length));
export const offsets = (): NumberList<Float64Array> => new NumberList((length) => new Float64Array(length));

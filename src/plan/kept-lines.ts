// Lines of a plan that somebody may ask for again, as their JSON's bytes: few of a window's transactions have more to say than
// their rows. Knows nothing of what they mean.
import { ByteStore, type ByteStoreOptions } from '../binlog/byte-store.ts';
import type { PlanTransaction } from './plan.ts';

const IN_MEMORY = 4 << 20;

export class KeptLines {
  readonly #bytes: ByteStore;
  readonly #places = new Map<number, { at: number; length: number }>();

  constructor(options: ByteStoreOptions) {
    this.#bytes = new ByteStore({ bound: IN_MEMORY, ...options });
  }

  add(number: number, json: Buffer): void {
    this.#places.set(number, { at: this.#bytes.append(json, 0, json.length), length: json.length });
  }

  get(number: number): PlanTransaction | undefined {
    const place = this.#places.get(number);
    return place && JSON.parse(this.#bytes.read(place.at, place.length).toString());
  }

  close(): void {
    this.#bytes.close();
  }
}

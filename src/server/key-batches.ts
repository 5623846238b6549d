// How many keys go into one statement: by their number, and by their bytes. Pure.

/** Bytes of keys in one statement: as hexadecimal literals they are within any server's max_allowed_packet. */
const BYTES_A_STATEMENT = 200_000;

export function inBatches<T>(list: Iterable<T>, size: number, bytesOf?: (one: T) => number): T[][] {
  return [...batches(list, size, bytesOf)];
}

/** The same, one at a time. `most`: of what `bytesOf` counts. */
export function* batches<T>(
  list: Iterable<T>,
  size: number,
  bytesOf: (one: T) => number = () => 0,
  most = BYTES_A_STATEMENT,
): Generator<T[]> {
  let batch: T[] = [];
  let bytes = 0;
  for (const one of list) {
    const more = bytesOf(one);
    if (batch.length > 0 && (batch.length === size || bytes + more > most)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(one);
    bytes += more;
  }
  if (batch.length > 0) yield batch;
}

export function bytesOfKey(key: readonly (string | null)[]): number {
  return key.reduce((sum, value) => sum + (value?.length ?? 0), 0);
}

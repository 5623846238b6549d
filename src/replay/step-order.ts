// Which transactions have to be through before another may begin, so that the rest can run side by side. Pure.
import type { Slot, TransactionFootprint } from '../diff/footprint.ts';

/**
 * For each transaction the earlier ones it waits for: those that wrote a slot it writes or needs, and those that need a
 * slot it writes (a parent is deleted only behind everybody who still referred to it).
 */
export function stepOrder(footprints: readonly TransactionFootprint[]): number[][] {
  const writer = new Map<Slot, number>();
  const readers = new Map<Slot, number[]>();
  return footprints.map((footprint, i) => {
    const writes = new Set<Slot>();
    const reads = new Set<Slot>();
    for (const { rows, unique, references, vanishing, counted } of footprint.changes) {
      for (const { slot } of rows) writes.add(slot);
      for (const { slot } of unique) writes.add(slot);
      for (const { slot } of [...vanishing, ...counted]) writes.add(slot);
      for (const { parent, left } of references) {
        if (parent !== null) reads.add(parent);
        if (left !== null) reads.add(left);
      }
    }
    const before = new Set<number>();
    for (const slot of [...reads, ...writes]) {
      const last = writer.get(slot);
      if (last !== undefined) before.add(last);
    }
    for (const slot of writes) {
      for (const reader of readers.get(slot) ?? []) before.add(reader);
      readers.delete(slot);
      writer.set(slot, i);
    }
    for (const slot of reads) {
      if (writes.has(slot)) continue;
      const list = readers.get(slot);
      if (list) list.push(i);
      else readers.set(slot, [i]);
    }
    before.delete(i);
    return [...before];
  });
}

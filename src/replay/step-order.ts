// Which transactions have to be through before another may begin, so that the rest can run side by side. Pure.
import type { Slot, TransactionFootprint } from '../diff/footprint.ts';
import { walkChanges } from '../diff/packed-footprints.ts';
import { SlotTable } from '../diff/slot-table.ts';

/**
 * For each transaction the earlier ones it waits for: those that wrote a slot it writes or needs, and those that need a
 * slot it writes (a parent is deleted only behind everybody who still referred to it).
 *
 * `meetings`: by transaction, numbers of what else it may write (see unseen-keys.ts).
 */
export function stepOrder(
  footprints: readonly TransactionFootprint[],
  meetings: (transaction: number) => Iterable<number> = () => [],
): number[][] {
  const writer = new SlotTable();
  const lastAt = new Map<number, number>();
  const readers = new Map<Slot, number[]>();
  return footprints.map((footprint, i) => {
    const before = new Set<number>();
    const write = (slot: Slot): void => {
      const last = writer.get(slot);
      if (last !== i) {
        if (last != null) before.add(last);
        writer.set(slot, i);
      }
      const reading = readers.size === 0 ? undefined : readers.get(slot);
      if (reading === undefined) return;
      for (const reader of reading) before.add(reader);
      readers.delete(slot);
    };
    const read = (slot: Slot): void => {
      const last = writer.get(slot);
      if (last === i) return;
      if (last != null) before.add(last);
      const reading = readers.get(slot);
      if (reading === undefined) readers.set(slot, [i]);
      else if (reading.at(-1) !== i) reading.push(i);
    };
    walkChanges(footprint, {
      row: write,
      unique: write,
      vanishing: write,
      counted: write,
      reference(parent, left) {
        if (parent !== null) read(parent);
        if (left !== null) read(left);
      },
    });
    for (const place of meetings(i)) {
      const last = lastAt.get(place);
      if (last !== undefined) before.add(last);
      lastAt.set(place, i);
    }
    before.delete(i);
    return [...before];
  });
}

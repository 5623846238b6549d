// A transaction's changes, grouped by the row they are about. Decides nothing.
import type { Slot, TransactionFootprint } from './footprint.ts';

export interface RowGroup {
  /** One; several where a row changed its key. */
  slots: Slot[];
  /** Indexes of the transaction's changes, in order. */
  changes: number[];
}

/** Changes without rows (of tables that can't be read) are in no group. */
export function rowGroups({ changes }: TransactionFootprint): RowGroup[] {
  const groupOf = new Map<Slot, RowGroup>();
  const groups = new Set<RowGroup>();
  changes.forEach(({ rows }, index) => {
    if (rows.length === 0) return;
    const known = new Set(rows.flatMap(({ slot }) => groupOf.get(slot) ?? []));
    const [first, ...others] = known;
    const group = first ?? { slots: [], changes: [] };
    for (const other of others) {
      group.slots.push(...other.slots);
      group.changes.push(...other.changes);
      groups.delete(other);
    }
    for (const { slot } of rows) if (!group.slots.includes(slot)) group.slots.push(slot);
    group.changes.push(index);
    group.changes.sort((a, b) => a - b);
    for (const slot of group.slots) groupOf.set(slot, group);
    groups.add(group);
  });
  return [...groups];
}

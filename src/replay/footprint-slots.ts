// Which slots a transaction's replay has to look at. Nothing else.
import type { Slot, TransactionFootprint } from '../diff/footprint.ts';

export function footprintSlots({ changes }: TransactionFootprint): Set<Slot> {
  const slots = new Set<Slot>();
  for (const { rows, unique, references, vanishing, counted } of changes) {
    for (const { slot } of rows) slots.add(slot);
    for (const { slot } of unique) slots.add(slot);
    for (const { parent } of references) if (parent !== null) slots.add(parent);
    for (const { slot } of [...vanishing, ...counted]) slots.add(slot);
  }
  return slots;
}

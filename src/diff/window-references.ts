// Which rows of the window refer, by a foreign key, to a row that both sides gave the same key: whoever decides about that
// key decides about them. Looks only where there is such a row; decides nothing.
import type { DisplayedRow } from '../plan/plan.ts';
import { displayKey } from './conflict.ts';
import type { DecidedTransaction } from './decision.ts';
import type { Slot } from './footprint.ts';
import type { WindowTransaction } from './window-rows.ts';
import type { WindowSlots } from './window-slots.ts';

export interface WindowReference {
  transaction: string;
  table: string;
  key: DisplayedRow;
}

/** By the taken row's slot, in the window's order, each row once. */
export function windowReferences(
  window: Iterable<WindowTransaction>,
  decided: readonly DecidedTransaction[],
  slots: WindowSlots,
): Map<Slot, WindowReference[]> {
  const taken = takenKeys(decided, slots);
  const found = new Map<Slot, WindowReference[]>();
  if (taken.size === 0) return found;
  const seen = new Set<string>();
  for (const { transaction, rows } of window) {
    for (const row of rows) {
      if (!row) continue;
      const { table } = row;
      for (const { parent, parentColumns, columns } of table.foreignKeys) {
        const keys = taken.get(parent);
        // A reference to another unique key than the primary one says nothing of this key.
        const parts = keys?.columns.map((name) => columns[parentColumns.indexOf(name)]);
        if (!keys || !parts || parts.some((part) => part === undefined)) continue;
        const after = row.after;
        const slot = after && keys.slots.get(parts.map((part) => after[part!]).join('\0'));
        if (slot === null || slot === undefined) continue;
        const key = displayKey(row, after);
        const id = `${slot} ${table.name} ${JSON.stringify(key)}`;
        if (key === null || seen.has(id)) continue;
        seen.add(id);
        const list = found.get(slot) ?? [];
        found.set(slot, list);
        list.push({ transaction: transaction.id, table: table.name, key });
      }
    }
  }
  return found;
}

/** By table: the names of its key's columns, and the taken keys. */
function takenKeys(
  decided: readonly DecidedTransaction[],
  slots: WindowSlots,
): Map<string, { columns: string[]; slots: Map<string, Slot> }> {
  const taken = new Map<string, { columns: string[]; slots: Map<string, Slot> }>();
  for (const { decision } of decided) {
    if (decision.kind !== 'conflict') continue;
    for (const { kind, slot } of decision.findings) {
      if (kind !== 'key-taken' || slot === null) continue;
      const { definition, columns } = slots.keyOf(slot);
      const name = `${definition.schema}.${definition.table}`;
      const known = taken.get(name) ?? {
        columns: columns.map((i) => definition.columns[i]!.name),
        slots: new Map<string, Slot>(),
      };
      taken.set(name, known);
      known.slots.set(slots.values(slot).join('\0'), slot);
    }
  }
  return taken;
}

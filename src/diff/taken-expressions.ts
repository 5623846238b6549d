// Unique keys over expressions: whether the restored primary has given their values to other rows is looked for behind the
// decision, of what it would replay. Rows that the replay itself changes by then are left to the replay's own look.
import type { UniqueKey } from '../server/catalogue.ts';
import type { DecidedTransaction } from './decision.ts';
import { ELSEWHERE, type Slot } from './footprint.ts';
import { rowSlot, type TakenPrefixes } from './prefix-keys.ts';
import type { RestoredReader, RestoredRow } from './restored-reader.ts';
import { packRow } from './row-text.ts';
import type { WindowTransaction } from './window-rows.ts';
import type { WindowSlots } from './window-slots.ts';
import type { WindowTable } from './window-table.ts';

export interface TakenExpressions extends TakenPrefixes {
  /** Keys that could not be asked for, each `table key`, and why. */
  unasked: Map<string, string>;
}

interface Asked {
  transaction: number;
  change: number;
  row: RestoredRow;
}

export async function takenExpressions(
  window: Iterable<WindowTransaction>,
  tables: Iterable<WindowTable>,
  decided: readonly DecidedTransaction[],
  slots: WindowSlots,
  reader: RestoredReader,
): Promise<TakenExpressions> {
  const taken: TakenExpressions = { marks: new Map(), rows: new Map(), unasked: new Map() };
  const keysOf = new Map([...tables].map((table) => [table, functionalKeys(table)]));
  if (![...keysOf.values()].some((keys) => keys.length > 0)) return taken;
  const { asked, firstTouch } = gather(window, decided, keysOf, slots);
  for (const [table, keys] of keysOf) {
    const list = asked.get(table) ?? [];
    for (const key of list.length > 0 ? keys : []) {
      const found = await reader.rowsByExpression(
        table.definition,
        key,
        list.map(({ row }) => row),
      );
      if (typeof found === 'string') {
        taken.unasked.set(expressionKeyName(table, key), found);
        continue;
      }
      for (const [i, one] of list.entries()) {
        const other = found[i] ?? null;
        const own = other && rowSlot(table, other, slots);
        if (!other || (typeof own === 'number' && (firstTouch.get(own) ?? Infinity) <= one.transaction))
          continue;
        // A place of its own: what the value is, only the server knows.
        const slot: Slot = slots.ofValues(
          table.definition,
          key.name,
          [],
          [`${one.transaction} ${one.change}`],
        );
        taken.rows.set(slot, packRow(other));
        const marks = taken.marks.get(one.transaction) ?? [];
        marks.push({ kind: 'unique-taken', change: one.change, slot, restored: ELSEWHERE });
        taken.marks.set(one.transaction, marks);
      }
    }
  }
  return taken;
}

export function expressionKeyName({ name }: Pick<WindowTable, 'name'>, key: Pick<UniqueKey, 'name'>): string {
  return `${name} ${key.name}`;
}

function functionalKeys({ definition }: WindowTable): UniqueKey[] {
  return definition.uniqueKeys.filter(({ functional, searchable }) => functional && searchable);
}

function gather(
  window: Iterable<WindowTransaction>,
  decided: readonly DecidedTransaction[],
  keysOf: ReadonlyMap<WindowTable, UniqueKey[]>,
  slots: WindowSlots,
): { asked: Map<WindowTable, Asked[]>; firstTouch: Map<Slot, number> } {
  const asked = new Map<WindowTable, Asked[]>();
  const firstTouch = new Map<Slot, number>();
  let transaction = -1;
  for (const { rows } of window) {
    transaction += 1;
    if (decided[transaction]!.decision.kind !== 'missing') continue;
    for (const [change, one] of rows.entries()) {
      if (!one || (keysOf.get(one.table) ?? []).length === 0) continue;
      const { table, before, after } = one;
      for (const row of [before, after]) {
        const slot = row && rowSlot(table, row, slots);
        if (typeof slot === 'number' && !firstTouch.has(slot)) firstTouch.set(slot, transaction);
      }
      if (!after) continue;
      const list = asked.get(table) ?? [];
      list.push({ transaction, change, row: after });
      asked.set(table, list);
    }
  }
  return { asked, firstTouch };
}

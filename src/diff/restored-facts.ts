// Looks up on the restored primary what the window's slots hold there, in batches by table and key, and keeps of each
// answer only its number. Decides nothing.
import { displayValue } from '../plan/display-value.ts';
import { columnNames, hasIndexOver, rowKey, type TableDefinition } from '../server/catalogue.ts';
import { batches } from '../server/key-batches.ts';
import { keysALookUp } from '../server/key-look-up.ts';
import {
  type ChildRow,
  ELSEWHERE,
  type RestoredFacts,
  type Slot,
  type TransactionFootprint,
} from './footprint.ts';
import { type KeyNormaliser, needsCollation } from './key-normaliser.ts';
import { WHOLE_ROW } from './occurrences.ts';
import type { LookUp, RestoredReader, RestoredRow } from './restored-reader.ts';
import { packRow } from './row-text.ts';
import { SlotTable } from './slot-table.ts';
import { type CountLookUp, WholeRowCount } from './whole-row-count.ts';
import type { WindowForeignKey } from './window-foreign-keys.ts';
import { pick, type SlotKey, type WindowSlots } from './window-slots.ts';

export interface LookedUp extends RestoredFacts {
  /** The restored primary's row in a row slot or behind a unique slot, canonical (packRow), for the report. */
  row(slot: Slot): string | null;
  /** Whether the slot is one of a row without a key that was looked for. */
  isCounted(slot: Slot): boolean;
}

/** Asks what stands in slots. */
interface SlotLookUp extends LookUp {
  slotKey: SlotKey;
}

/** Asks which rows refer to `parents`; index-aligned with the keys. */
interface ChildLookUp extends LookUp {
  foreignKey: number;
  parents: Slot[];
}

export async function lookUpFacts(
  transactions: readonly TransactionFootprint[],
  foreignKeys: readonly WindowForeignKey[],
  slots: WindowSlots,
  reader: RestoredReader,
  normaliser: KeyNormaliser,
  wanted: Iterable<Slot> = allSlots(slots),
): Promise<LookedUp> {
  const { written, vanishing, taken } = touchedSlots(transactions);
  const rows = new SlotTable();
  const holders = new SlotTable();
  const children = new Map<string, ChildRow[]>();

  const takeRows = (
    { slotKey: { definition, key, columns, isRow, isCounted } }: SlotLookUp,
    found: RestoredRow[],
  ): void => {
    for (const row of found) {
      const slot = slots.find(definition, key, columns, pick(columns, row)!);
      if (slot === undefined) continue;
      if (isCounted) {
        holders.set(slot, (holders.get(slot) ?? 0) + 1);
        continue;
      }
      const own = isRow ? slot : rowSlot(definition, row, slots);
      const text = packRow(row);
      const { contents } = slots;
      rows.set(slot, own === undefined ? contents.intern(text) : contents.ofText(own, text));
      if (!isRow) holders.set(slot, own ?? ELSEWHERE);
    }
  };
  const takeChildren = (lookUp: ChildLookUp, found: RestoredRow[]): void => {
    const { foreignKey, definition, columns, parents } = lookUp;
    // The child's value may be the parent's in another spelling: both are brought to one name.
    const name = (values: readonly string[]): string => slots.name(definition, '', columns, values);
    const byParent = new Map(parents.map((parent, i) => [name(lookUp.keys[i]!), parent]));
    for (const row of found) {
      const parent = byParent.get(name(pick(columns, row)!));
      if (parent === undefined) continue;
      const known = children.get(`${foreignKey}:${parent}`) ?? [];
      const key = pick(primaryColumns(definition), row);
      known.push({
        slot: rowSlot(definition, row, slots) ?? null,
        name: describeRow(definition, row),
        ...(key && spreads(foreignKeys[foreignKey]!) ? { spread: { definition, key } } : {}),
      });
      children.set(`${foreignKey}:${parent}`, known);
    }
  };
  // Gone through twice only where it is a list of its own.
  const all = transactions.length === 0 ? [...wanted] : wanted;
  const counted = new WholeRowCount(transactions, all, slots);
  const lookUps = function* (): Generator<SlotLookUp | ChildLookUp | CountLookUp> {
    yield* slotLookUps(all, slots, written, taken);
    yield* counted.lookUps();
    yield* childLookUps(vanishing, foreignKeys, slots);
  };
  await reader.rows(lookUps(), async (lookUp, found) => {
    await settleKeys(lookUp, found, normaliser);
    if ('counts' in lookUp) counted.take(lookUp, found);
    else if ('foreignKey' in lookUp) takeChildren(lookUp, found);
    else takeRows(lookUp, found);
  });
  for (const [slot, content] of counted.filled()) rows.set(slot, content);

  return {
    isCounted: (slot) => rows.has(slot),
    value: (slot) => (slots.keyOf(slot).isRow ? rows : holders).get(slot) ?? null,
    row: (slot) => {
      const content = rows.get(slot) ?? null;
      return content === null ? null : slots.contents.text(content);
    },
    children: (foreignKey, parent) => children.get(`${foreignKey}:${parent}`) ?? [],
  };
}

function* allSlots(slots: WindowSlots): Generator<Slot> {
  const { count } = slots;
  for (let slot = 0; slot < count; slot++) yield slot;
}

interface Touched {
  /** Rows and unique values that the window writes. */
  written: SlotTable;
  /** By foreign key. */
  vanishing: Map<number, Set<Slot>>;
  /** Of counted slots: how many rows are taken away from it. */
  taken: Map<Slot, number>;
}

function touchedSlots(transactions: readonly TransactionFootprint[]): Touched {
  const written = new SlotTable();
  const parents = new Map<number, Set<Slot>>();
  const taken = new Map<Slot, number>();
  for (const { changes } of transactions) {
    for (const { rows, unique, vanishing, counted } of changes) {
      for (const { slot, step } of counted) if (step < 0) taken.set(slot, (taken.get(slot) ?? 0) + 1);
      for (const { slot } of rows) written.set(slot, 1);
      for (const { slot } of unique) written.set(slot, 1);
      for (const { slot, foreignKeys } of vanishing) {
        for (const foreignKey of foreignKeys) {
          const set = parents.get(foreignKey) ?? new Set<Slot>();
          parents.set(foreignKey, set.add(slot));
        }
      }
    }
  }
  return { written, vanishing: parents, taken };
}

/** By key, the written ones apart from those that only have to stay. */
function* slotLookUps(
  wanted: Iterable<Slot>,
  slots: WindowSlots,
  touched: SlotTable,
  taken: ReadonlyMap<Slot, number>,
): Generator<SlotLookUp> {
  const groups = new Map<number, Slot[]>();
  for (const slot of wanted) {
    if (slots.keyOf(slot).key === WHOLE_ROW) continue;
    if (slots.isCounted(slot)) {
      yield* countedLookUp(slot, slots, taken.get(slot) ?? 0);
      continue;
    }
    const group = slots.keyOf(slot).number * 2 + (touched.has(slot) ? 1 : 0);
    const list = groups.get(group);
    if (list) list.push(slot);
    else groups.set(group, [slot]);
  }
  for (const [group, list] of groups) {
    const slotKey = slots.keyOf(list[0]!);
    const { definition, columns, key } = slotKey;
    for (const batch of batches(list, keysALookUp(definition, columns))) {
      const keys = batch.map((slot) => slots.values(slot));
      yield { definition, columns, index: key, keys, written: group % 2 === 1, slotKey };
    }
  }
}

/** One row more than are taken away is enough to know whether one is left, and a million may have the value. */
function* countedLookUp(slot: Slot, slots: WindowSlots, taken: number): Generator<SlotLookUp> {
  const slotKey = slots.keyOf(slot);
  const { definition, columns } = slotKey;
  if (!hasIndexOver(definition, columnNames(definition, columns))) return;
  const keys = [slots.values(slot)];
  yield { definition, columns, index: undefined, keys, most: taken + 1, written: false, slotKey };
}

function* childLookUps(
  vanishing: ReadonlyMap<number, Set<Slot>>,
  foreignKeys: readonly WindowForeignKey[],
  slots: WindowSlots,
): Generator<ChildLookUp> {
  for (const [foreignKey, list] of vanishing) {
    const { child: definition, childColumns: columns } = foreignKeys[foreignKey]!;
    for (const parents of batches([...list], keysALookUp(definition, columns))) {
      const keys = parents.map((slot) => slots.values(slot));
      yield { definition, columns, index: undefined, keys, written: true, foreignKey, parents };
    }
  }
}

/** So that the slots of the rows that came can be named. */
function settleKeys(
  { definition, columns }: LookUp,
  found: readonly RestoredRow[],
  normaliser: KeyNormaliser,
): Promise<void> {
  for (const position of new Set([...columns, ...primaryColumns(definition)])) {
    const column = definition.columns[position]!;
    if (needsCollation(column)) for (const row of found) normaliser.want(column, row[position]!);
  }
  return normaliser.settle();
}

/** Whether the foreign key's rules can change children; what the account may not see may. */
function spreads({ child, name }: WindowForeignKey): boolean {
  const key = child.foreignKeys.find((one) => one.name === name);
  return [key?.onDelete, key?.onUpdate].some((rule) => rule !== 'RESTRICT' && rule !== 'NO ACTION');
}

/** For a person: `shop.items id=7`. */
function describeRow(definition: TableDefinition, row: RestoredRow): string {
  const columns = primaryColumns(definition).map((i) => definition.columns[i]!);
  const shown = (columns.length > 0 ? columns : definition.columns).map((column) => {
    const value = displayValue(column, row[definition.columns.indexOf(column)]!);
    return `${column.name}=${typeof value === 'string' ? value : JSON.stringify(value)}`;
  });
  return `${definition.schema}.${definition.table} ${shown.join(', ')}`;
}

function primaryColumns(definition: TableDefinition): number[] {
  return (rowKey(definition)?.columns ?? []).map((name) =>
    definition.columns.findIndex((column) => column.name === name),
  );
}

/** undefined where the window does not touch the row, or its table has no primary key to know it by. */
function rowSlot(definition: TableDefinition, row: RestoredRow, slots: WindowSlots): Slot | undefined {
  const columns = primaryColumns(definition);
  const key = columns.length > 0 ? pick(columns, row) : null;
  return key ? slots.find(definition, rowKey(definition)!.name, columns, key) : undefined;
}

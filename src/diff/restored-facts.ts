// Looks up on the restored primary what the window's slots hold there, in batches by table and key. Decides nothing.
import type { TableDefinition } from '../server/catalogue.ts';
import type { ChildRow, RestoredFacts, Slot, TransactionFootprint } from './footprint.ts';
import type { WindowForeignKey } from './footprints.ts';
import type { KeyNormaliser } from './key-normaliser.ts';
import type { RestoredReader } from './restored-reader.ts';
import { packRow } from './row-text.ts';
import { pick, type SlotPlace, type WindowSlots } from './window-slots.ts';

export interface LookedUp extends RestoredFacts {
  /** The restored primary's row in a row slot or behind a unique slot, canonical, for the report. */
  row(slot: Slot): string | null;
  /** Keys that were asked for. */
  readonly lookedUp: number;
}

export async function lookUpFacts(
  transactions: readonly TransactionFootprint[],
  foreignKeys: readonly WindowForeignKey[],
  slots: WindowSlots,
  reader: RestoredReader,
  normaliser: KeyNormaliser,
): Promise<LookedUp> {
  const rows = new Map<Slot, string>();
  const holders = new Map<Slot, string>();
  const children = new Map<string, ChildRow[]>();
  let lookedUp = 0;

  const groups = new Map<string, Slot[]>();
  slots.places.forEach((place, slot) => {
    const group = `${place.definition.schema}.${place.definition.table}\0${place.key}`;
    const list = groups.get(group);
    if (list) list.push(slot);
    else groups.set(group, [slot]);
  });
  for (const group of groups.values()) {
    const { definition, key, columns } = slots.places[group[0]!]!;
    const found = await reader.rows({ definition, columns, keys: group.map((slot) => slots.places[slot]!.values) });
    lookedUp += group.length;
    await settle(definition, [columns, primaryColumns(definition)], found, normaliser);
    for (const row of found) {
      const slot = slots.find(slots.name(definition, key, columns, pick(columns, row)!));
      // By collation more rows than asked for can't come back; by a race they can: they are not the window's.
      if (slot === undefined) continue;
      rows.set(slot, packRow(row));
      holders.set(slot, rowName(definition, row, slots));
    }
  }

  for (const [foreignKey, parents] of vanishingParents(transactions)) {
    const { child, childColumns } = foreignKeys[foreignKey]!;
    const list = [...parents];
    const found = await reader.rows({
      definition: child,
      columns: childColumns,
      keys: list.map((slot) => slots.places[slot]!.values),
    });
    lookedUp += list.length;
    await settle(child, [childColumns, primaryColumns(child)], found, normaliser);
    const byParent = new Map(list.map((slot) => [keyName(childColumns, child, slots.places[slot]!, slots), slot]));
    for (const row of found) {
      const parent = byParent.get(slots.name(child, '', childColumns, pick(childColumns, row)!));
      if (parent === undefined) continue;
      const name = rowName(child, row, slots);
      const known = children.get(`${foreignKey}:${parent}`) ?? [];
      known.push({ slot: slots.find(name) ?? null, name });
      children.set(`${foreignKey}:${parent}`, known);
    }
  }

  return {
    lookedUp,
    value: (slot) => (slots.places[slot]!.key === 'PRIMARY' ? rows.get(slot) : holders.get(slot)) ?? null,
    row: (slot) => rows.get(slot) ?? null,
    children: (foreignKey, parent) => children.get(`${foreignKey}:${parent}`) ?? [],
  };
}

function vanishingParents(transactions: readonly TransactionFootprint[]): Map<number, Set<Slot>> {
  const parents = new Map<number, Set<Slot>>();
  for (const transaction of transactions) {
    for (const change of transaction.changes) {
      for (const { slot, foreignKeys } of change.vanishing) {
        for (const foreignKey of foreignKeys) {
          const set = parents.get(foreignKey) ?? new Set<Slot>();
          parents.set(foreignKey, set.add(slot));
        }
      }
    }
  }
  return parents;
}

function primaryColumns(definition: TableDefinition): number[] {
  return (definition.primaryKey ?? []).map((name) => definition.columns.findIndex((column) => column.name === name));
}

/** A row's identity as text: its row slot's name. A table without a primary key has no such name: the whole row serves. */
function rowName(definition: TableDefinition, row: (string | null)[], slots: WindowSlots): string {
  const columns = primaryColumns(definition);
  const key = columns.length > 0 ? pick(columns, row) : null;
  return key ? slots.name(definition, 'PRIMARY', columns, key) : `${definition.schema}.${definition.table}\0ROW\0${packRow(row)}`;
}

/** The parent's key as the child's columns would hold it. */
function keyName(childColumns: number[], child: TableDefinition, parent: SlotPlace, slots: WindowSlots): string {
  return slots.name(child, '', childColumns, parent.values);
}

async function settle(
  definition: TableDefinition,
  keys: number[][],
  rows: readonly (string | null)[][],
  normaliser: KeyNormaliser,
): Promise<void> {
  for (const row of rows) {
    for (const columns of keys) {
      for (const column of columns) normaliser.want(definition.columns[column]!, row[column]!);
    }
  }
  await normaliser.settle();
}

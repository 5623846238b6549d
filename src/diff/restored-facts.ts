// Looks up on the restored primary what the window's slots hold there, in batches by table and key. Decides nothing.

import { displayValue } from '../plan/display-value.ts';
import type { TableDefinition } from '../server/catalogue.ts';
import type { ChildRow, RestoredFacts, Slot, TransactionFootprint } from './footprint.ts';
import type { WindowForeignKey } from './footprints.ts';
import type { KeyNormaliser } from './key-normaliser.ts';
import type { LookUp, RestoredReader, RestoredRow } from './restored-reader.ts';
import { packRow } from './row-text.ts';
import { pick, type WindowSlots } from './window-slots.ts';

export interface LookedUp extends RestoredFacts {
  /** The restored primary's row in a row slot or behind a unique slot, canonical, for the report. */
  row(slot: Slot): string | null;
}

export async function lookUpFacts(
  transactions: readonly TransactionFootprint[],
  foreignKeys: readonly WindowForeignKey[],
  slots: WindowSlots,
  reader: RestoredReader,
  normaliser: KeyNormaliser,
  wanted: Iterable<Slot> = slots.places.keys(),
): Promise<LookedUp> {
  const touched = touchedSlots(transactions);
  const groups = slotGroups(wanted, slots, touched);
  const parents = [...vanishingParents(transactions)];
  const lookUps: LookUp[] = [
    ...groups.map((group): LookUp => {
      const { definition, key, columns } = slots.places[group[0]!]!;
      const keys = group.map((slot) => slots.places[slot]!.values);
      return { definition, columns, index: key, keys, written: touched.has(group[0]!) };
    }),
    ...parents.map(([foreignKey, list]): LookUp => {
      const { child, childColumns } = foreignKeys[foreignKey]!;
      return {
        definition: child,
        columns: childColumns,
        index: undefined,
        written: true,
        keys: [...list].map((slot) => slots.places[slot]!.values),
      };
    }),
  ];
  const answers = await reader.rows(lookUps);
  lookUps.forEach(({ definition, columns }, i) => {
    for (const row of answers[i]!) {
      for (const column of [...columns, ...primaryColumns(definition)]) {
        normaliser.want(definition.columns[column]!, row[column]!);
      }
    }
  });
  await normaliser.settle();

  const rows = new Map<Slot, string>();
  const holders = new Map<Slot, string>();
  groups.forEach((group, i) => {
    const { definition, key, columns } = slots.places[group[0]!]!;
    for (const row of answers[i]!) {
      const slot = slots.find(slots.name(definition, key, columns, pick(columns, row)!));
      if (slot === undefined) continue;
      rows.set(slot, packRow(row));
      holders.set(slot, rowName(definition, row, slots));
    }
  });

  const children = new Map<string, ChildRow[]>();
  parents.forEach(([foreignKey, list], i) => {
    const { child, childColumns } = foreignKeys[foreignKey]!;
    const name = (values: readonly string[]): string => slots.name(child, '', childColumns, values);
    const byParent = new Map([...list].map((slot) => [name(slots.places[slot]!.values), slot]));
    for (const row of answers[groups.length + i]!) {
      const parent = byParent.get(name(pick(childColumns, row)!));
      if (parent === undefined) continue;
      const childName = rowName(child, row, slots);
      const known = children.get(`${foreignKey}:${parent}`) ?? [];
      known.push({ slot: slots.find(childName) ?? null, name: describeRow(child, row) });
      children.set(`${foreignKey}:${parent}`, known);
    }
  });

  return {
    value: (slot) => (slots.places[slot]!.key === 'PRIMARY' ? rows.get(slot) : holders.get(slot)) ?? null,
    row: (slot) => rows.get(slot) ?? null,
    children: (foreignKey, parent) => children.get(`${foreignKey}:${parent}`) ?? [],
  };
}

function touchedSlots(transactions: readonly TransactionFootprint[]): Set<Slot> {
  const touched = new Set<Slot>();
  for (const { changes } of transactions) {
    for (const { rows, unique } of changes) {
      for (const { slot } of rows) touched.add(slot);
      for (const { slot } of unique) touched.add(slot);
    }
  }
  return touched;
}

function slotGroups(wanted: Iterable<Slot>, slots: WindowSlots, touched: ReadonlySet<Slot>): Slot[][] {
  const groups = new Map<string, Slot[]>();
  for (const slot of wanted) {
    const { definition, key } = slots.places[slot]!;
    const group = `${definition.schema}.${definition.table}\0${key}\0${touched.has(slot)}`;
    const list = groups.get(group);
    if (list) list.push(slot);
    else groups.set(group, [slot]);
  }
  return [...groups.values()];
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
  return (definition.primaryKey ?? []).map((name) =>
    definition.columns.findIndex((column) => column.name === name),
  );
}

/** A row's identity as text: its row slot's name. A table without a primary key has no such name: the whole row serves. */
function rowName(definition: TableDefinition, row: (string | null)[], slots: WindowSlots): string {
  const columns = primaryColumns(definition);
  const key = columns.length > 0 ? pick(columns, row) : null;
  return key
    ? slots.name(definition, 'PRIMARY', columns, key)
    : `${definition.schema}.${definition.table}\0ROW\0${packRow(row)}`;
}

// Keys that no look-up asks for: only the server knows that two rows have the same value, or that a row lacks its parent.
// Who meets there can't be told by slots. Asks nothing.
import type { WindowForeignKey } from '../diff/window-foreign-keys.ts';
import type { WindowRows } from '../diff/window-rows.ts';
import type { WindowTable } from '../diff/window-table.ts';
import type { TableDefinition, UniqueKey } from '../server/catalogue.ts';

/** Over expressions, beginnings or rounded values, hashed, IGNORED. */
export function unseenKey({ definition, primaryKey, uniqueKeys }: WindowTable): UniqueKey | undefined {
  const seen = new Set([primaryKey, ...uniqueKeys].map(({ name }) => name));
  return definition.uniqueKeys.find(({ name }) => !seen.has(name));
}

/** Of the table as the child. */
export function unseenParent(
  definition: TableDefinition,
  foreignKeys: readonly WindowForeignKey[],
): WindowForeignKey | undefined {
  return foreignKeys.find(({ child, parentsHidden }) => child === definition && parentsHidden !== null);
}

/**
 * By transaction: numbers that it shares with each other one that it may meet at such a key. Whole tables: one that takes a
 * value which another has freed would be refused before it.
 */
export function unseenMeetings(
  window: WindowRows,
  foreignKeys: readonly WindowForeignKey[],
): (transaction: number) => Iterable<number> {
  const placesOf = new Map<TableDefinition, number[]>();
  let places = 0;
  const meetIn = (...tables: TableDefinition[]): void => {
    for (const table of tables) placesOf.set(table, [...(placesOf.get(table) ?? []), places]);
    places += 1;
  };
  for (const table of window.tables) if (unseenKey(table)) meetIn(table.definition);
  for (const { child, parent, parentsHidden } of foreignKeys)
    if (parentsHidden !== null) meetIn(child, parent);
  if (places === 0) return () => [];
  return (transaction) => {
    const found = new Set<number>();
    for (const row of window.at(transaction).rows)
      for (const place of (row && placesOf.get(row.table.definition)) ?? []) found.add(place);
    return found;
  };
}

// Which rows that are not as a replay left them were changed since by somebody else, as the restored primary's own log tells.
// Looks at no row of the server's.
import type { Transaction } from '../binlog/transaction.ts';
import type { Slot } from '../diff/footprint.ts';
import { imageColumns } from '../diff/image-columns.ts';
import { KeyNormaliser } from '../diff/key-normaliser.ts';
import { WHOLE_ROW } from '../diff/occurrences.ts';
import { imageValues } from '../diff/row-text.ts';
import { statementReach } from '../diff/statement-reach.ts';
import type { WindowSlots } from '../diff/window-slots.ts';
import type { WindowTable } from '../diff/window-table.ts';
import { tableName } from '../plan/window-counts.ts';
import type { RowReader } from '../server/row-reader.ts';

export interface ChangedByOthers {
  changed: ReadonlySet<Slot>;
  /** A transaction with a statement of which can't be told which tables it changed; null: there is none. */
  unclear: string | null;
}

interface Touch {
  table: WindowTable;
  /** null: rows that can't be told, by a statement. */
  key: string[] | null;
  ours: boolean;
}

/** Behind the replay's own changes. `differing`: the rows, and their tables. */
export async function changedByOthers(
  log: AsyncIterable<Transaction>,
  slots: WindowSlots,
  reader: RowReader,
  differing: ReadonlyMap<Slot, { table: WindowTable }>,
  isOurs: (transaction: Transaction) => boolean,
): Promise<ChangedByOthers> {
  // As the restored primary's own log names them: its server may fold names.
  const tables = new Map([...differing.values()].map(({ table }) => [tableName(table.definition), table]));
  const catalogue = new Map([...tables].map(([name, { definition }]) => [name, definition]));
  const touched: Touch[] = [];
  const changed = new Set<Slot>();
  let unclear: string | null = null;
  const withoutKey = Map.groupBy(
    [...differing.keys()].filter((slot) => slots.wholeRow(slot)),
    (slot) => slots.contentOf(slots.wholeRow(slot)!.row),
  );
  for await (const transaction of log) {
    const ours = isOurs(transaction);
    for (const statement of ours ? [] : transaction.undecoded) {
      for (const name of statementReach(statement, catalogue)) {
        const table = tables.get(name);
        if (table) touched.push({ table, key: null, ours });
        else if (name === '*' && statement.reason === 'statement') unclear = transaction.id;
      }
    }
    for (const change of transaction.changes) {
      const table = tables.get(tableName(change.table));
      if (!table || table.columns.length !== change.table.columns.length) continue;
      const before = !ours && change.before && imageValues(change.before, table.columns);
      if (before && table.primaryKey.name === WHOLE_ROW) {
        for (const slot of withoutKey.get(slots.contentOf(before)) ?? []) changed.add(slot);
      }
      for (const image of [change.before, change.after]) {
        // It may be all that the log has of the row. Its columns hold no NULL.
        const key = image && imageColumns(table.primaryKey.columns, table, image, change.before);
        if (key) touched.push({ table, key: key.map((value) => value!), ours });
      }
    }
  }
  const normaliser = new KeyNormaliser(reader);
  for (const { table, key } of touched) {
    if (key === null) continue;
    for (const [i, column] of table.primaryKey.columns.entries()) {
      normaliser.want(table.definitions[column]!, key[i]!);
    }
  }
  await normaliser.settle();
  for (const { table, key, ours } of touched) {
    if (key === null) {
      for (const [slot, row] of differing) if (row.table.definition === table.definition) changed.add(slot);
      continue;
    }
    const { definition, primaryKey } = table;
    const slot = slots.find(definition, primaryKey.name, primaryKey.columns, key, normaliser);
    if (slot === undefined || !differing.has(slot)) continue;
    if (ours) changed.delete(slot);
    else changed.add(slot);
  }
  return { changed, unclear };
}

// The window's changes as canonical rows of known tables. Reads images once; decides nothing.
import type { TableMap } from '../binlog/table-map.ts';
import type { Transaction } from '../binlog/transaction.ts';
import { tableName } from '../plan/window-counts.ts';
import type { TableDefinition } from '../server/catalogue.ts';
import { ddlTables } from './ddl-tables.ts';
import { imageValues } from './row-text.ts';
import { type MatchedTable, matchTable, type WindowTable } from './window-table.ts';

const TABLE_ID_AND_FLAGS = 8;

export interface RowChange {
  table: WindowTable;
  before: (string | null)[] | null;
  after: (string | null)[] | null;
}

export interface WindowTransaction {
  transaction: Transaction;
  /** Index-aligned with transaction.changes; null where the change can't be read (the transaction is then unsupported). */
  rows: (RowChange | null)[];
  unsupported: string[];
  /** Why the tables of these changes differ from the restored primary's: conflicts of kind `schema-differs`. */
  differs: { change: number; why: string }[];
}

export function readWindowRows(
  transactions: readonly Transaction[],
  catalogue: ReadonlyMap<string, TableDefinition>,
  charsetOf: (collationId: number) => string | undefined,
  altered: ReadonlySet<string> = new Set(),
): WindowTransaction[] {
  const byMap = new Map<TableMap, MatchedTable>();
  const byContent = new Map<string, MatchedTable>();
  const match = (map: TableMap): MatchedTable => {
    let found = byMap.get(map);
    if (!found) {
      // Every transaction brings its own table map; but for the table id and flags in front they are the same bytes.
      const content = map.body.toString('latin1', TABLE_ID_AND_FLAGS);
      found = byContent.get(content) ?? matchTable(map, catalogue.get(tableName(map)), charsetOf);
      byMap.set(map, found);
      byContent.set(content, found);
    }
    return found;
  };
  const changedBy = new Map<string, string>();

  return transactions.map((transaction) => {
    const unsupported = new Set<string>();
    const differs: { change: number; why: string }[] = [];
    for (const { reason, detail, file, position } of transaction.undecoded) {
      unsupported.add(`${reason} at ${file}:${position}: ${detail}`);
    }
    const rows = transaction.changes.map((change, index): RowChange | null => {
      const name = tableName(change.table);
      const ddl = changedBy.get(name) ?? changedBy.get('*');
      if (ddl !== undefined)
        unsupported.add(`${name} was changed by the statement in ${ddl}, earlier in the window`);
      // Without names in the log, columns of one type that changed places would be taken for each other.
      if (!change.table.hasNames && altered.has(name)) {
        differs.push({
          change: index,
          why: `${name} was altered on the restored primary after the failover, and the log has no column names (binlog_row_metadata=FULL) to tell its columns by`,
        });
        return null;
      }
      const found = match(change.table);
      if (found.kind === 'unsupported') {
        unsupported.add(found.why);
        return null;
      }
      if (found.kind === 'differs') {
        differs.push({ change: index, why: found.why });
        return null;
      }
      const { table } = found;
      const before = change.before && imageValues(change.before, table.columns);
      const after = change.after && imageValues(change.after, table.columns);
      if ((change.before && !before) || (change.after && !after)) {
        unsupported.add(
          `${name}: the log has only some of the row's columns (binlog_row_image is not FULL), so it can't be compared yet`,
        );
        return null;
      }
      return { table, before, after };
    });
    for (const undecoded of transaction.undecoded) {
      for (const name of ddlTables(undecoded)) changedBy.set(name, transaction.id);
    }
    return { transaction, rows, unsupported: [...unsupported], differs };
  });
}

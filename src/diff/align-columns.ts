// Tables whose columns stand in another order on the restored primary than in the log: where the log has their names, the
// window's rows are brought into the restored primary's order, in which they are compared and replayed. Tables with other
// names are left as they are: they differ.
import type { KeptTransactions } from '../binlog/kept-transactions.ts';
import { permutedTableMap } from '../binlog/permuted-table-map.ts';
import type { TableMap } from '../binlog/table-map.ts';
import { tableName } from '../plan/window-counts.ts';
import type { TableDefinition } from '../server/catalogue.ts';

export function alignColumns(
  transactions: KeptTransactions,
  definitions: ReadonlyMap<string, TableDefinition>,
  flavor: 'mysql' | 'mariadb',
): void {
  for (const [number, map] of [...transactions.tables].entries()) {
    const definition = definitions.get(tableName(map));
    const order = definition && columnOrder(map, definition);
    if (order) transactions.reorder(number, order, permutedTableMap(map, order, flavor));
  }
}

/** Where each of the restored primary's columns stands in the log; null: in the same places, or not all of them. */
export function columnOrder(
  { columns, hasNames }: Pick<TableMap, 'columns' | 'hasNames'>,
  definition: Pick<TableDefinition, 'columns'>,
): number[] | null {
  if (!hasNames || columns.length !== definition.columns.length) return null;
  const places = new Map(columns.map(({ name }, i) => [name, i]));
  const order = definition.columns.map(({ name }) => places.get(name) ?? -1);
  return order.includes(-1) || order.every((from, to) => from === to) ? null : order;
}

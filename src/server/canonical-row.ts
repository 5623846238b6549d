// A table's rows as canonical values: what is asked of the server for each column, and what is made of its answer.
// Never says which rows.
import type { ValueColumn } from '../binlog/column-value.ts';
import { selectExpression } from './column-sql.ts';
import type { RowSet } from './row-set.ts';
import type { ColumnDefinition, TableDefinition } from './table-definition.ts';

/** Asked for once a transaction: made once a table. */
const selects = new WeakMap<TableDefinition, string>();

export function canonicalSelect(definition: TableDefinition): string {
  let select = selects.get(definition);
  if (select === undefined) {
    // A column may bear any name, one that the driver refuses as a result's name too (`__proto__`): ours never do.
    select = definition.columns.map((column, i) => `${selectExpression(column)} AS c${i}`).join(', ');
    selects.set(definition, select);
  }
  return select;
}

const valueColumns = new WeakMap<TableDefinition, ValueColumn[]>();

/** Turns the server's answer to `canonicalSelect` into canonical values. */
export function canonicalRows(definition: TableDefinition, found: RowSet): (string | null)[][] {
  const columns = answeredColumns(definition);
  const rows: (string | null)[][] = [];
  for (const row of found) rows.push(row.values(columns));
  return rows;
}

/** What serverValue() has to know of each column. */
export function answeredColumns(definition: TableDefinition): readonly ValueColumn[] {
  let columns = valueColumns.get(definition);
  if (columns === undefined) {
    columns = definition.columns.map(valueColumn);
    valueColumns.set(definition, columns);
  }
  return columns;
}

function valueColumn(column: ColumnDefinition): ValueColumn {
  const binary = column.charset === null || column.charset === 'binary';
  return { type: LOG_TYPE[column.dataType] ?? -1, meta: 0, unsigned: column.unsigned, binary };
}

/** Only what `serverValue` tells apart: numbers (floating point, ZEROFILL) and fixed-length strings. */
const LOG_TYPE: Record<string, number> = {
  tinyint: 1,
  smallint: 2,
  mediumint: 9,
  int: 3,
  bigint: 8,
  decimal: 246,
  float: 4,
  double: 5,
  char: 254,
  binary: 254,
  uuid: 254,
  inet4: 254,
  inet6: 254,
};

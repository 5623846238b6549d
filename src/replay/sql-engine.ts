// Puts a transaction's rows into SQL statements, for servers where BINLOG is not allowed. Every statement names all of
// the row it changes, so that it writes one row or none; generated columns are the server's to fill. Never connects.
import { hasTypedJson } from '../binlog/json-value.ts';
import { valueEnd } from '../binlog/row-image.ts';
import type { RowImage } from '../binlog/transaction.ts';
import type { RowChange, WindowTransaction } from '../diff/window-rows.ts';
import type { WindowTable } from '../diff/window-table.ts';
import type { ColumnDefinition } from '../server/catalogue.ts';
import { keyLiteral } from '../server/column-sql.ts';
import { quoteName } from '../server/sql-text.ts';
import { affectedRows } from '../server/statement-batch.ts';
import { valueCondition, valueLiteral } from '../server/value-sql.ts';
import { isWithoutKey, uncountable, wholeRowConditions, wholeRowCounts } from './sql-whole-rows.ts';
import { type EngineStatement, plainStatement, type WriteEngine } from './write-engine.ts';

type Row = readonly (string | null)[];

/**
 * Not strict: it would refuse ENUM's error value 0 and other values that a table can hold. What the server makes another
 * value of is found when the row is read back.
 */
const SQL_MODE = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION';

export function sqlEngine(): WriteEngine {
  return {
    name: 'sql',
    opening: [plainStatement(`SET SESSION sql_mode='${SQL_MODE}'`)],
    readsBack: true,
    *statements({ rows }: WindowTransaction): Generator<EngineStatement> {
      const counts = wholeRowCounts(rows);
      yield* counts.ahead;
      for (const row of rows) {
        if (row) yield { sql: statement(row), proves: (answer) => affectedRows(answer) === 1, last: false };
      }
      yield* counts.behind;
    },
    unwritable: ({ transaction, rows }) => {
      for (const [i, row] of rows.entries()) {
        const why = row && uncountable(row.table);
        if (why) return why;
        const { after } = transaction.changes[i]!;
        const column = row && after && typedJsonColumn(row.table, after);
        if (column) {
          return `${row.table.name}.${column.name} holds a DECIMAL, a date or bytes inside its JSON, which SQL can only write as a number or a string: row events can`;
        }
      }
      return null;
    },
  };
}

function statement({ table, before, after }: RowChange): string {
  const name = `${quoteName(table.schema)}.${quoteName(table.table)}`;
  if (before === null) return `INSERT INTO ${name} ${inserted(table, after!)}`;
  // Of rows without a key that are equal it is any: they are told apart by nothing.
  const where = isWithoutKey(table)
    ? `${wholeRowConditions(table, before)} LIMIT 1`
    : conditions(table, before);
  if (after === null) return `DELETE FROM ${name} WHERE ${where}`;
  // All of them: one that is left out and has ON UPDATE CURRENT_TIMESTAMP would be set to now.
  const set = written(table).map(
    ({ column, i }) => `${quoteName(column.name)}=${valueLiteral(column, after[i]!)}`,
  );
  return `UPDATE ${name} SET ${set.join(',')} WHERE ${where}`;
}

function inserted(table: WindowTable, row: Row): string {
  const columns = written(table);
  const names = columns.map(({ column }) => quoteName(column.name));
  const values = columns.map(({ column, i }) => valueLiteral(column, row[i]!));
  return `(${names.join(',')}) VALUES (${values.join(',')})`;
}

/** The primary key by plain equality first, so that its index finds the row; then every column exactly. */
function conditions(table: WindowTable, row: Row): string {
  const key = table.primaryKey.columns.map((i) => {
    const column = table.definitions[i]!;
    return `${quoteName(column.name)}=${keyLiteral(column, row[i]!)}`;
  });
  return [...key, ...table.definitions.map((column, i) => valueCondition(column, row[i]!))].join(' AND ');
}

function written({ definitions }: WindowTable): { column: ColumnDefinition; i: number }[] {
  return definitions.map((column, i) => ({ column, i })).filter(({ column }) => column.generated === null);
}

/** MySQL's JSON has types beside JSON's own, which its text does not show. */
function typedJsonColumn({ definitions }: WindowTable, image: RowImage): ColumnDefinition | undefined {
  return definitions.find((column, i) => {
    const start = image.offsets[i]!;
    if (column.dataType !== 'json' || start < 0) return false;
    return hasTypedJson(image.bytes.subarray(start, valueEnd(image, i)));
  });
}

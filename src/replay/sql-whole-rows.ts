// What SQL needs to change rows of a table without a key: a condition that only equal rows meet, and counts of them before
// and after, under lock, in the same transaction: the proof that each statement took one row and brought one. Never connects.
import type { RowChange } from '../diff/window-rows.ts';
import { unfindable, type WindowTable } from '../diff/window-table.ts';
import { bytesOfKey, inBatches } from '../server/key-batches.ts';
import { RowSet } from '../server/row-set.ts';
import { quoteName } from '../server/sql-text.ts';
import type { Answer } from '../server/statement-batch.ts';
import { valueCondition } from '../server/value-sql.ts';
import { wholeRowCondition } from '../server/whole-rows.ts';
import type { EngineStatement } from './write-engine.ts';

type Row = readonly (string | null)[];

/** Contents counted in one statement, which reads the table once where it has no index. */
const COUNTED_AT_ONCE = 50;

export function isWithoutKey({ primaryKey }: WindowTable): boolean {
  return primaryKey.columns.length === 0;
}

/** Why rows can't be counted there; null: they can. */
export function uncountable(table: WindowTable): string | null {
  const why = isWithoutKey(table) ? unfindable(table) : null;
  return why === null ? null : `${why} (row events need it for updates and deletes only)`;
}

/** What an index can search comes first, then every column exactly. */
export function wholeRowConditions({ definition, definitions }: WindowTable, row: Row): string {
  const exact = definitions.map((column, i) => valueCondition(column, row[i]!));
  const similar = wholeRowCondition({ columns: definitions, wholeRows: definition.wholeRows }, row);
  return [similar, ...exact].join(' AND ');
}

interface Counted {
  row: Row;
  /** How many more there are when all is written. */
  net: number;
  before: number;
}

/** Statements to go ahead of the transaction's own, and behind them. */
export function wholeRowCounts(rows: readonly (RowChange | null)[]): {
  ahead: EngineStatement[];
  behind: EngineStatement[];
} {
  const tables = new Map<WindowTable, Map<string, Counted>>();
  for (const change of rows) {
    if (!change || !isWithoutKey(change.table)) continue;
    const contents = tables.get(change.table) ?? new Map<string, Counted>();
    tables.set(change.table, contents);
    const add = (row: Row | null, step: number): void => {
      if (row === null) return;
      const content = JSON.stringify(row);
      const known = contents.get(content) ?? { row, net: 0, before: 0 };
      known.net += step;
      contents.set(content, known);
    };
    add(change.before, -1);
    add(change.after, 1);
  }
  const ahead: EngineStatement[] = [];
  const behind: EngineStatement[] = [];
  for (const [table, contents] of tables) {
    for (const batch of inBatches([...contents.values()], COUNTED_AT_ONCE, ({ row }) => bytesOfKey(row))) {
      const sql = countSql(table, batch);
      const note = (answer: Answer): boolean => {
        const counts = countsIn(answer);
        batch.forEach((one, i) => {
          one.before = counts[i]!;
        });
        return true;
      };
      const compare = (answer: Answer): boolean =>
        countsIn(answer).every((count, i) => count === batch[i]!.before + batch[i]!.net);
      ahead.push({ sql, proves: note, last: false });
      behind.push({ sql, proves: compare, last: false });
    }
  }
  return { ahead, behind };
}

/** Locks what it counts: others' rows that are equal neither come nor go between the two counts. */
function countSql(table: WindowTable, batch: readonly Counted[]): string {
  const conditions = batch.map(({ row }) => `(${wholeRowConditions(table, row)})`);
  const sums = conditions.map((condition, i) => `COALESCE(SUM(${condition}),0) AS n${i}`);
  return `SELECT ${sums.join(',')} FROM ${quoteName(table.schema)}.${quoteName(table.table)} WHERE ${conditions.join(' OR ')} FOR UPDATE`;
}

function countsIn(answer: Answer): number[] {
  const counts: number[] = [];
  if (answer instanceof RowSet)
    for (const row of answer) for (let i = 0; i < row.length; i++) counts.push(Number(row.text(i)));
  return counts;
}

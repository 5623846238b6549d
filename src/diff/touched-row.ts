// A change whose row the restored primary has written since the failover, and whose images can't be completed for that:
// as a conflict, with what is known of the row. Never shows a column that was not logged.
import { ABSENT_VALUE, type Change, type RowImage } from '../binlog/transaction.ts';
import { displayRow } from '../plan/display-value.ts';
import type { DisplayedRow } from '../plan/plan.ts';
import type { Difference } from './footprint.ts';
import { imageColumns } from './image-columns.ts';
import type { Gap } from './row-completion.ts';
import type { WindowTable } from './window-table.ts';

export function touchedRow(
  table: WindowTable,
  { before, after }: Change,
  change: number,
  why: string,
  { key, restored, by }: NonNullable<Gap['touched']>,
): Difference {
  const logged = after ?? before;
  const columns = logged ? presentColumns(logged) : [];
  const values = logged && imageColumns(columns, table, logged);
  return {
    change,
    kind: 'changed-on-restored',
    why,
    changedBy: by,
    shown: {
      key: shown(table, table.primaryKey.columns, key),
      before: before && partOf(table, before),
      after: after && partOf(table, after),
      restored: restored && displayRow(table.definitions, restored),
      columns: columns
        .filter((column, i) => values?.[i] !== restored?.[column])
        .map((column) => table.definitions[column]!.name),
    },
  };
}

function partOf(table: WindowTable, image: RowImage): DisplayedRow {
  const columns = presentColumns(image);
  return shown(table, columns, imageColumns(columns, table, image)!);
}

function shown(
  table: WindowTable,
  columns: readonly number[],
  values: readonly (string | null)[],
): DisplayedRow {
  return displayRow(
    columns.map((i) => table.definitions[i]!),
    values,
  );
}

function presentColumns({ offsets }: RowImage): number[] {
  return [...offsets.subarray(0, -1).keys()].filter((i) => offsets[i] !== ABSENT_VALUE);
}

// One row that both sides changed, made into one, column by column, as the operator's rules say. Exact: numbers are added
// as integers and decimals, never as floating point. Never looks beyond the one row.
import type { ColumnRule, RowRule } from '../policy/policy.ts';
import type { ColumnDefinition } from '../server/catalogue.ts';

type Values = readonly (string | null)[];

export interface ThreeRows {
  /** The failed primary's row before and after its change. */
  before: Values;
  after: Values;
  restored: Values;
}

export type Merged = { values: (string | null)[] } | { refused: string };

/**
 * `ruleOf` gives a column's rule, or the row's where it has none:
 * `take-failed` after; `keep-restored` restored; `add` restored + (after - before);
 * `merge-columns` whichever side changed it, refused where both did and differ;
 * `hold` after, refused where the restored primary changed it to something else.
 */
export function mergeColumns(
  columns: readonly ColumnDefinition[],
  { before, after, restored }: ThreeRows,
  ruleOf: (column: string) => RowRule | ColumnRule,
): Merged {
  const values: (string | null)[] = [];
  for (const [i, column] of columns.entries()) {
    const [was, failed, here] = [before[i]!, after[i]!, restored[i]!];
    const rule = ruleOf(column.name);
    if (rule === 'keep-restored') values.push(here);
    else if (rule === 'take-failed' || here === was) values.push(failed);
    else if (failed === was && (rule === 'add' || rule === 'merge-columns')) values.push(here);
    else if (rule === 'add') {
      // Also where both changed it alike: two sales of one each are two sales.
      const sum = addDifference(column, was, failed, here);
      if (typeof sum !== 'string') return sum;
      values.push(sum);
    } else if (failed === here) values.push(failed);
    else if (rule === 'merge-columns') return { refused: `both sides changed ${column.name}` };
    else return { refused: `no rule says what becomes of ${column.name}` };
  }
  if (columns.some(({ generated }) => generated) && !same(values, after) && !same(values, restored)) {
    return {
      refused: 'the table has generated columns, which only the server can work out for a merged row',
    };
  }
  return { values };
}

function addDifference(
  column: ColumnDefinition,
  before: string | null,
  after: string | null,
  restored: string | null,
): string | { refused: string } {
  if (before === null || after === null || restored === null)
    return { refused: `${column.name} is NULL on one side, to which nothing can be added` };
  const scale = column.dataType === 'decimal' ? decimals(column) : 0;
  const sum = units(restored) + units(after) - units(before);
  const { least, most } = bounds(column);
  if (sum < least || sum > most) {
    return {
      refused: `${column.name} would become ${text(sum, scale)}, which ${column.columnType} can't hold`,
    };
  }
  return text(sum, scale);
}

/** Smallest units: `-12.30` is -1230. Both sides have the column's scale. */
function units(value: string): bigint {
  return BigInt(value.replace('.', ''));
}

function text(units: bigint, scale: number): string {
  if (scale === 0) return String(units);
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0');
  return `${units < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

const BITS: Record<string, bigint> = { tinyint: 8n, smallint: 16n, mediumint: 24n, int: 32n, bigint: 64n };

/** What the column's type can hold, in its smallest units. */
export function bounds(column: ColumnDefinition): { least: bigint; most: bigint } {
  const bits = BITS[column.dataType];
  if (bits !== undefined) {
    return column.unsigned
      ? { least: 0n, most: (1n << bits) - 1n }
      : { least: -(1n << (bits - 1n)), most: (1n << (bits - 1n)) - 1n };
  }
  const most = 10n ** BigInt(/\((\d+)/.exec(column.columnType)?.[1] ?? 10) - 1n;
  return { least: column.unsigned ? 0n : -most, most };
}

function decimals({ columnType }: ColumnDefinition): number {
  return Number(/\(\d+,(\d+)\)/.exec(columnType)?.[1] ?? 0);
}

function same(one: Values, other: Values): boolean {
  return one.every((value, i) => value === other[i]);
}

// What a policy made of the conflicts, in lines for a person: the rule, its place in the file, and what the row becomes.
import { Chalk, type ChalkInstance } from 'chalk';
import type { DisplayedRow, PlanHeader, PlanResolution } from '../plan/plan.ts';
import { escapeText, valueText } from './escape-text.ts';

export interface ShownResolution extends PlanResolution {
  transaction: string;
}

const MOST_COLUMNS = 8;

export function policyLines({ policy }: PlanHeader, paint: ChalkInstance): string[] {
  if (!policy) return [];
  const { file, transactions, rows } = policy;
  const rules = Object.entries(rows).map(([rule, number]) => `${rule} ${number}`);
  return [
    '',
    paint.bold('Policy'),
    `  ${file === null ? '' : `${escapeText(file)}, `}else ${policy.default}`,
    `  ${transactions.resolved} of the missing transactions were resolved by it, ${transactions.kept} of the present ones are left out by it`,
    ...(rules.length > 0 ? [`  rows by rule: ${rules.join(', ')}`] : []),
  ];
}

export function resolutionLines(
  { transaction, table, key, kind, rule, place, columns, before, after, restored, result }: ShownResolution,
  index: number,
  paint: ChalkInstance = new Chalk({ level: 0 }),
): string[] {
  const name = key
    ? Object.entries(key).map(([column, value]) => `${escapeText(column)}=${valueText(value)}`)
    : [];
  const own = columns ? Object.entries(columns).map(([column, one]) => `${escapeText(column)}: ${one}`) : [];
  const all = Object.keys(result ?? restored ?? after ?? before ?? {});
  const differing = all.filter((column) => {
    const values = [before, after, restored, result].map((row) => row && JSON.stringify(row[column]));
    return values.some((value) => value !== values[0]);
  });
  const shown = differing.slice(0, MOST_COLUMNS);
  const width = Math.max(0, ...shown.map((column) => escapeText(column).length));
  const side = (row: DisplayedRow | null, column: string): string =>
    row ? valueText(row[column], 32) : '(no row)';
  return [
    `  ${index + 1}. ${escapeText(table)} ${name.join(', ')}  ${kind ?? 'no conflict'} → ${paint.green(rule)}  (transaction ${transaction})`,
    `     by ${escapeText(place)}${own.length > 0 ? `; ${own.join(', ')}` : ''}`,
    ...shown.map(
      (column) =>
        `     ${escapeText(column).padEnd(width)}  before ${side(before, column)}  after ${side(after, column)}  restored ${side(restored, column)}  becomes ${side(result, column)}`,
    ),
  ];
}

// A transaction that a policy resolved, as the plan shows and holds it. Decides nothing.
import { displayRow } from '../plan/display-value.ts';
import type { DisplayedRow, PlanChange, PlanHeader, PlanResolution, PlanTransaction } from '../plan/plan.ts';
import { encodeImage } from '../plan/row-image.ts';
import type { Policy } from '../policy/policy.ts';
import { displayKey } from './conflict.ts';
import type { DecidedTransaction } from './decision.ts';
import type { ResolvedTransaction, RowResolution, Write } from './resolution.ts';
import type { WindowTransaction } from './window-rows.ts';
import type { WindowTable } from './window-table.ts';
import { writeRow } from './write-row.ts';

type Values = readonly (string | null)[];

/** `logged`: the transaction's changes as a plan holds them. */
export function resolvedParts(
  one: WindowTransaction,
  { writes, rows, leftOut, rekeyed }: ResolvedTransaction,
  logged: PlanChange[],
): Pick<PlanTransaction, 'changes' | 'source' | 'resolutions' | 'leftOut' | 'rekeyed'> {
  const resolutions = rows.map((row) => planResolution(row, one.rows[row.change]!.table));
  if (writes.length === 0) return { changes: logged, resolutions };
  return {
    changes: writes.map((write) => writtenChange(one, write, logged[write.source]!)),
    source: logged,
    resolutions,
    ...(leftOut.length > 0 ? { leftOut } : {}),
    ...(rekeyed.length > 0 ? { rekeyed } : {}),
  };
}

function writtenChange({ transaction }: WindowTransaction, write: Write, logged: PlanChange): PlanChange {
  const { source, row } = write;
  const change = transaction.changes[source]!;
  const { before, after } = row;
  const image = (side: 'before' | 'after'): Record<string, string> => {
    const values = row[side];
    if (values === null) return {};
    const bytes = writeRow(row.table, values, [change[side], change.before, change.after]);
    return { [side]: encodeImage(bytes, change.table.columns.length) };
  };
  return {
    ...{ table: logged.table, name: logged.name, state: 'missing', flags: logged.flags },
    op: before === null ? 'insert' : after === null ? 'delete' : 'update',
    key: displayKey(row, before ?? after),
    ...image('before'),
    ...image('after'),
  };
}

function planResolution(
  { kind, rule, columns, before, after, restored, result }: RowResolution,
  table: WindowTable,
): PlanResolution {
  const show = (values: Values | null): DisplayedRow | null =>
    values && displayRow(table.definitions, values);
  return {
    table: table.name,
    key: displayKey({ table, before: null, after: null }, before ?? after),
    kind,
    rule: rule.rule,
    place: rule.place,
    ...(columns.size > 0
      ? { columns: Object.fromEntries([...columns].map(([name, one]) => [name, one.rule])) }
      : {}),
    before: show(before),
    after: show(after),
    restored: show(restored),
    result: show(result),
  };
}

/** What the header says of the policy. */
export function policySummary(
  policy: Policy,
  decided: readonly DecidedTransaction[],
): NonNullable<PlanHeader['policy']> {
  const transactions = { resolved: 0, kept: 0 };
  const rows: Record<string, number> = {};
  for (const { resolved } of decided) {
    if (!resolved) continue;
    transactions[resolved.writes.length > 0 ? 'resolved' : 'kept'] += 1;
    for (const { rule } of resolved.rows) rows[rule.rule] = (rows[rule.rule] ?? 0) + 1;
  }
  return { file: policy.file, sha256: policy.sha256, default: policy.default.rule, transactions, rows };
}

/** What a person should know of rows that get new keys. */
export function rekeyWarnings(
  window: Iterable<WindowTransaction>,
  decided: readonly DecidedTransaction[],
): string[] {
  if (!decided.some(({ resolved }) => resolved && resolved.rekeyed.length > 0)) return [];
  const tables = new Set<string>();
  let i = 0;
  for (const { rows } of window) {
    for (const { change } of decided[i]!.resolved?.rekeyed ?? []) tables.add(rows[change]!.table.name);
    i += 1;
  }
  return [
    `Rows of ${[...tables].join(', ')} get new keys. Columns that mean such a row without a foreign key, and whatever outside the database was told the old key, still have the old one.`,
  ];
}

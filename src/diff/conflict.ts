// A finding of the decision as the plan shows it: the row before, after, and on the restored primary, in people's terms.
import { displayRow } from '../plan/display-value.ts';
import type { DisplayedRow, PlanConflict } from '../plan/plan.ts';
import { isoTime, tableName } from '../plan/window-counts.ts';
import type { TableDefinition } from '../server/catalogue.ts';
import { expressionColumns } from '../server/expression-keys.ts';
import type { Finding } from './decision.ts';
import { WHOLE_ROW } from './occurrences.ts';
import type { LookedUp } from './restored-facts.ts';
import { unpackRow } from './row-text.ts';
import type { WindowForeignKey } from './window-foreign-keys.ts';
import { type RowChange, rowSides, type WindowTransaction } from './window-rows.ts';
import type { WindowSlots } from './window-slots.ts';

type Values = readonly (string | null)[];

export interface ConflictContext {
  slots: WindowSlots;
  foreignKeys: readonly WindowForeignKey[];
}

export function describeConflict(
  finding: Finding,
  { transaction, rows }: WindowTransaction,
  { slots, foreignKeys }: ConflictContext,
  facts: LookedUp | null,
): PlanConflict {
  const change = transaction.changes[finding.change]!;
  const row = rows[finding.change] ?? null;
  const base = { transaction: transaction.id, table: tableName(change.table), kind: finding.kind };
  if (!row || finding.slot === null) {
    return {
      ...base,
      ...(finding.shown ?? { key: null, before: null, after: null, restored: null, columns: [] }),
      why: finding.why ?? '',
      ...writers(finding),
    };
  }
  const { definition } = row.table;
  const last = lastChange(rows, row, finding.change);
  const restored = restoredRow(finding, definition, row.before, slots, facts);
  const show = (values: Values | null): DisplayedRow | null =>
    values && displayRow(definition.columns, values);
  return {
    ...base,
    key: displayKey(
      row,
      finding.kind === 'key-taken' || finding.kind === 'likely-retry'
        ? last.after
        : (row.before ?? row.after),
    ),
    before: show(row.before),
    after: show(last.after),
    restored: restored && displayRow(restored.definition.columns, restored.values),
    columns: conflictColumns(finding, row, last.after, restored?.values ?? null, { slots, foreignKeys }),
    why: finding.why ?? reason(finding, row, slots),
    ...(finding.sentAgain ? { likelyRetry: true as const } : {}),
    ...writers(finding),
    ...(finding.undecided ? { undecided: finding.undecided } : {}),
    ...(finding.oldChildren ? { oldChildren: finding.oldChildren } : {}),
    ...(finding.children ? { children: finding.children.slice(0, 20).map(({ name }) => name) } : {}),
  };
}

function writers({ changedBy }: Finding): Pick<PlanConflict, 'changedBy'> {
  if (!changedBy) return {};
  return {
    changedBy: changedBy.map(({ transaction: by, committedAt, op }) => ({
      transaction: by,
      committed: isoTime(committedAt > 0 ? committedAt : null),
      ...(op === 'statement' ? { statement: true as const } : {}),
    })),
  };
}

export function displayKey({ table }: RowChange, values: Values | null): DisplayedRow | null {
  const columns = table.primaryKey.columns;
  if (!values || columns.length === 0) return null;
  return displayRow(
    columns.map((i) => table.definitions[i]!),
    columns.map((i) => values[i]!),
  );
}

/** The key that a change found, or made. Reads no other column. */
export function displayChangeKey(change: RowChange): DisplayedRow | null {
  const { table } = change;
  const columns = table.primaryKey.columns;
  const { before, after } = rowSides(change);
  const values = (before ?? after)?.pick(columns);
  if (!values) return null;
  return displayRow(
    columns.map((i) => table.definitions[i]!),
    values,
  );
}

/** The last change of the transaction to the same row, so that `after` is what the transaction left. */
function lastChange(rows: readonly (RowChange | null)[], first: RowChange, index: number): RowChange {
  let last = first;
  for (const row of rows.slice(index + 1)) {
    if (!row || row.table !== last.table || !last.after || !row.before) continue;
    if (row.before.every((value, i) => value === last.after![i])) last = row;
  }
  return last;
}

function restoredRow(
  { kind, slot, restored }: Finding,
  definition: TableDefinition,
  before: Values | null,
  slots: WindowSlots,
  facts: LookedUp | null,
): { definition: TableDefinition; values: Values } | null {
  if (kind === 'unique-taken' || kind === 'children-exist') {
    const holder = facts?.row(slot!) ?? null;
    // It fits: it is what the failed primary found. Another row with the same value would say nothing.
    if (slots.isCounted(slot!)) return before && { definition, values: before };
    return holder === null ? null : { definition: slots.keyOf(slot!).definition, values: unpackRow(holder) };
  }
  return restored === null ? null : { definition, values: unpackRow(slots.contents.text(restored)) };
}

function conflictColumns(
  { kind, slot, foreignKey }: Finding,
  { table, before }: RowChange,
  after: Values | null,
  restored: Values | null,
  { slots, foreignKeys }: ConflictContext,
): string[] {
  if (foreignKey !== undefined) {
    const { child, childColumns } = foreignKeys[foreignKey]!;
    return childColumns.map((i) => child.columns[i]!.name);
  }
  const place = slots.keyOf(slot!);
  if (kind === 'unique-taken' || kind === 'parent-missing' || kind === 'children-exist') {
    const over = place.definition.uniqueKeys.find(({ name }) => name === place.key);
    if (over?.functional) return expressionColumns(over);
    return place.columns.map((i) => place.definition.columns[i]!.name);
  }
  // What else differs are times, or what became of the row since.
  if (kind === 'likely-retry') return table.primaryKey.columns.map((i) => table.definitions[i]!.name);
  const other = kind === 'changed-on-restored' ? before : after;
  if (!other || !restored) return [];
  return table.definitions.filter((_, i) => other[i] !== restored[i]).map((column) => column.name);
}

/** Why children are there of a row that the failed primary could delete. */
function untouched(all: number, old: number): string {
  if (old === 0) return '';
  const whom =
    old === all ? (all === 1 ? 'It' : 'They') : `The last ${old === 1 ? '' : `${old} of them `}`.trim();
  const verb = old === 1 ? 'is' : 'are';
  return `. ${whom} ${verb} as at the failover: the failed primary’s own foreign key, of which its log shows nothing, has most likely deleted or changed ${old === 1 ? 'it' : 'them'} there`;
}

function reason(
  { kind, slot, children, oldChildren = 0, sentAgain }: Finding,
  { after }: RowChange,
  slots: WindowSlots,
): string {
  const { definition, key } = slots.keyOf(slot!);
  const name = `${definition.schema}.${definition.table}`;
  switch (kind) {
    case 'changed-on-restored':
      return 'the restored primary has other values in this row than the failed primary found or left';
    case 'deleted-on-restored':
      return 'the row is not on the restored primary any more';
    case 'key-taken':
      return 'the restored primary has another row under this primary key';
    case 'unique-taken':
      return `another row of the restored primary has this value of unique key ${key}${sentAgain ? ', and is otherwise the same: the application may have sent it again' : ''}`;
    case 'parent-missing':
      return `the row refers to a row of ${name} that the restored primary does not have`;
    case 'children-exist':
      return `${children?.length ?? 0} row${children?.length === 1 ? '' : 's'} of the restored primary ${children?.length === 1 ? 'refers' : 'refer'} to this row: ${after ? 'changing its key' : 'deleting it'} would be refused, or spread to them${untouched(children?.length ?? 0, oldChildren)}`;
    case 'partly-present':
      if (key === WHOLE_ROW)
        return 'the table has no key, and of the rows that this transaction takes away and brings the restored primary has some and lacks others';
      return 'the restored primary has some of this transaction’s rows and lacks others';
    case 'likely-retry':
      if (key === WHOLE_ROW)
        return 'the table has no key, and the restored primary wrote the same since the failover by itself: the application may have sent it again';
      return 'the restored primary has no row under this id, but wrote the same under another one since the failover: the application may have sent it again';
    case 'schema-differs':
      return 'the table is not the same on both servers';
    case 'too-large':
      return 'a row of it is larger than max_allowed_packet of the restored primary';
    case 'refused-by-restored':
      return 'the restored primary refused it';
  }
}

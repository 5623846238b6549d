// Names, for each conflict over a row, the restored primary's own transactions that wrote it since the failover.
// Changes no decision.
import type { DecidedTransaction, Finding } from './decision.ts';
import type { OwnChange, RestoredChanges } from './restored-changes.ts';
import type { LookedUp } from './restored-facts.ts';
import { momentsAgree, retryColumns } from './retry-evidence.ts';
import { unpackRow } from './row-text.ts';
import { watchWholeRows } from './whole-rows.ts';
import type { WindowRows, WindowTransaction } from './window-rows.ts';
import { pick, type WindowSlots } from './window-slots.ts';
import type { WindowTable } from './window-table.ts';

/** A conflict that was found: in a diff's window or, one by one, in a replay. */
export interface FoundConflict {
  finding: Finding;
  one: WindowTransaction;
  /** What the restored primary held when it was found; null where its server refused the transaction. */
  facts: LookedUp | null;
}

export function* foundConflicts(
  window: WindowRows,
  decided: readonly DecidedTransaction[],
  facts: LookedUp,
): Generator<FoundConflict> {
  for (const [i, { decision }] of decided.entries()) {
    if (decision.kind !== 'conflict') continue;
    for (const finding of decision.findings) yield { finding, one: window.at(i), facts };
  }
}

/** Puts `changedBy` on the findings; returns what could not be told, and why, as full sentences. */
export async function noteWhoChanged(
  found: Iterable<FoundConflict>,
  slots: WindowSlots,
  changes: RestoredChanges,
): Promise<string[]> {
  const asked: (FoundConflict & { table: WindowTable; key: string[] })[] = [];
  const whole: { finding: Finding; table: WindowTable; row: readonly (string | null)[] }[] = [];
  for (const { finding, one, facts } of found) {
    const table = one.rows[finding.change]?.table;
    if (!table) continue;
    const row = finding.slot === null ? undefined : slots.wholeRow(finding.slot)?.row;
    if (row) {
      if (finding.changedBy) continue;
      watchWholeRows(changes, table).want(row);
      whole.push({ finding, table, row });
      continue;
    }
    const key = conflictKey(finding, table, slots, facts);
    if (!key) continue;
    changes.wantRow(table, key);
    asked.push({ finding, one, facts, table, key });
  }
  await changes.settle();
  for (const { finding, table, row } of whole) {
    const { last } = watchWholeRows(changes, table).of(row);
    if (last.length > 0) finding.changedBy = last;
  }
  const unknown = new Map<string, string>();
  for (const { finding, one, facts, table, key } of asked) {
    const changedBy: readonly OwnChange[] = changes.touched(table, key);
    if (changedBy.length > 0) finding.changedBy = changedBy;
    if (isSentAgain(finding, one, facts)) finding.sentAgain = true;
    const blind = changes.blind(table);
    if (blind !== null) unknown.set(table.name, blind);
  }
  return untold(unknown, (tables) => `who changed rows of ${tables} on the restored primary`);
}

/** A full sentence for each reason: `unknown` is the reason by table. */
export function untold(unknown: ReadonlyMap<string, string>, what: (tables: string) => string): string[] {
  return [...Map.groupBy(unknown, ([, why]) => why)].map(([why, tables]) => {
    const text = what(tables.map(([name]) => name).join(', '));
    return `${text[0]!.toUpperCase()}${text.slice(1)} can’t be told for certain: ${why}.`;
  });
}

/** The restored primary wrote the other row of a unique value since the failover, and it says the same. */
function isSentAgain(
  { kind, slot, change, changedBy }: Finding,
  { transaction, rows }: WindowTransaction,
  facts: LookedUp | null,
): boolean {
  const written = changedBy?.find(({ op }) => op === 'insert');
  const one = rows[change];
  const holder = kind === 'unique-taken' && facts?.row(slot!);
  if (!written || !holder || !one?.after || one.before) return false;
  const other = unpackRow(holder);
  const columns = retryColumns(one.table);
  if (!columns?.content.every((i) => one.after![i] === other[i])) return false;
  const { committedAt } = transaction;
  return momentsAgree(
    columns,
    { row: one.after, committedAt },
    { row: other, committedAt: written.committedAt },
  );
}

/** The primary key of the row on the restored primary that is in the way. */
function conflictKey(
  { kind, slot }: Finding,
  table: WindowTable,
  slots: WindowSlots,
  facts: LookedUp | null,
): string[] | null {
  if (slot === null) return null;
  switch (kind) {
    case 'changed-on-restored':
    case 'deleted-on-restored':
    case 'key-taken':
    case 'partly-present':
      return slots.values(slot);
    case 'unique-taken': {
      const holder = facts?.row(slot) ?? null;
      return holder === null ? null : pick(table.primaryKey.columns, unpackRow(holder));
    }
    default:
      return null;
  }
}

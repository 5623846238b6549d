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

interface Context {
  slots: WindowSlots;
  facts: LookedUp;
  changes: RestoredChanges;
}

/** Puts `changedBy` on the findings; returns what could not be told, and why, as full sentences. */
export async function noteWhoChanged(
  window: WindowRows,
  decided: readonly DecidedTransaction[],
  { slots, facts, changes }: Context,
): Promise<string[]> {
  const asked: { finding: Finding; one: WindowTransaction; table: WindowTable; key: string[] }[] = [];
  decided.forEach(({ decision }, i) => {
    if (decision.kind !== 'conflict') return;
    for (const finding of decision.findings) {
      const one = window.at(i);
      const table = one.rows[finding.change]?.table;
      const whole = finding.slot === null ? undefined : slots.wholeRow(finding.slot);
      if (table && whole && !finding.changedBy) {
        const { last } = watchWholeRows(changes, table).of(whole.row);
        if (last.length > 0) finding.changedBy = last;
      }
      const key = table && !whole && conflictKey(finding, table, slots, facts);
      if (!key) continue;
      changes.wantRow(table, key);
      asked.push({ finding, one, table, key });
    }
  });
  await changes.settle();
  const unknown = new Map<string, string>();
  for (const { finding, one, table, key } of asked) {
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
  facts: LookedUp,
): boolean {
  const written = changedBy?.find(({ op }) => op === 'insert');
  const one = rows[change];
  const holder = kind === 'unique-taken' && facts.row(slot!);
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
  facts: LookedUp,
): string[] | null {
  if (slot === null) return null;
  switch (kind) {
    case 'changed-on-restored':
    case 'deleted-on-restored':
    case 'key-taken':
    case 'partly-present':
      return slots.values(slot);
    case 'unique-taken': {
      const holder = facts.row(slot);
      return holder === null ? null : pick(table.primaryKey.columns, unpackRow(holder));
    }
    default:
      return null;
  }
}

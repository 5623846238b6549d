// Names, for each conflict over a row, the restored primary's own transactions that wrote it since the failover.
// Changes no decision.
import type { DecidedTransaction, Finding } from './decide.ts';
import type { OwnChange, RestoredChanges } from './restored-changes.ts';
import type { LookedUp } from './restored-facts.ts';
import { unpackRow } from './row-text.ts';
import type { WindowTransaction } from './window-rows.ts';
import { pick, type WindowSlots } from './window-slots.ts';
import type { WindowTable } from './window-table.ts';

interface Context {
  slots: WindowSlots;
  facts: LookedUp;
  changes: RestoredChanges;
}

/** Puts `changedBy` on the findings; returns what could not be told, and why, as full sentences. */
export async function noteWhoChanged(
  window: readonly WindowTransaction[],
  decided: readonly DecidedTransaction[],
  { slots, facts, changes }: Context,
): Promise<string[]> {
  const asked: { finding: Finding; table: WindowTable; key: string[] }[] = [];
  decided.forEach(({ decision }, i) => {
    if (decision.kind !== 'conflict') return;
    for (const finding of decision.findings) {
      const table = window[i]!.rows[finding.change]?.table;
      const key = table && conflictKey(finding, table, slots, facts);
      if (!key) continue;
      changes.wantRow(table, key);
      asked.push({ finding, table, key });
    }
  });
  await changes.settle();
  const unknown = new Map<string, string>();
  for (const { finding, table, key } of asked) {
    const changedBy: readonly OwnChange[] = changes.touched(table, key);
    if (changedBy.length > 0) finding.changedBy = changedBy;
    const blind = changes.blind(table);
    if (blind !== null) unknown.set(table.name, blind);
  }
  return [...Map.groupBy(unknown, ([, why]) => why)].map(
    ([why, tables]) =>
      `Who changed rows of ${tables.map(([name]) => name).join(', ')} on the restored primary can’t be told for certain: ${why}.`,
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

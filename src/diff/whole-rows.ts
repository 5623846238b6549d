// The rows of tables without any key in the diff: how many there are, what the restored primary did to them by itself,
// and which transactions look like the application's second try. See occurrences.ts for how such rows are numbered.
import type { TableDefinition } from '../server/catalogue.ts';
import type { DecidedTransaction } from './decision.ts';
import type { Slot, TransactionFootprint } from './footprint.ts';
import type { LikelyRetry } from './likely-retries.ts';
import { type NetTransition, netTransitions } from './net-transitions.ts';
import { WHOLE_ROW } from './occurrences.ts';
import type { RestoredChanges } from './restored-changes.ts';
import type { LookedUp } from './restored-facts.ts';
import type { WindowTransaction } from './window-rows.ts';
import type { WindowSlots } from './window-slots.ts';
import type { WindowTable } from './window-table.ts';

/** The restored primary's own log is asked for every whole row that the window writes. */
export async function readWholeRows(
  window: Iterable<WindowTransaction>,
  definitions: ReadonlyMap<string, TableDefinition>,
  changes: RestoredChanges,
): Promise<ReadonlyMap<string, string>> {
  const untold = new Map<string, string>();
  // Else the window's rows need not even be made.
  if (![...definitions.values()].some(({ wholeRows }) => wholeRows !== null)) return untold;
  const tables = new Set<WindowTable>();
  for (const { rows } of window) {
    for (const one of rows) {
      if (!one || one.table.primaryKey.name !== WHOLE_ROW) continue;
      tables.add(one.table);
      const watch = watchWholeRows(changes, one.table);
      const { before, after } = one;
      if (before) watch.want(before);
      if (after) watch.want(after);
    }
  }
  await changes.settle();
  for (const table of tables) {
    const [statement] = changes.statements(table);
    const why = statement ? `a statement of ${statement.transaction} changed it there` : changes.blind(table);
    if (why === null) continue;
    untold.set(
      table.name,
      `${table.name} has no key: which of its rows the restored primary wrote by itself since the failover can't be told (${why})`,
    );
  }
  return untold;
}

export function watchWholeRows(changes: RestoredChanges, table: WindowTable) {
  return changes.watch(
    table,
    table.definitions.map((_, i) => i),
    'exact',
  );
}

/** Of a slot's rows: how many more the restored primary has than at the failover, by its own writes and by replays. */
export type NetOf = (slot: Slot, row: readonly (string | null)[]) => number;

export function netOnRestored(
  tables: Iterable<WindowTable>,
  slots: WindowSlots,
  changes: RestoredChanges,
): NetOf {
  const byDefinition = new Map([...tables].map((table) => [table.definition, table]));
  return (slot, row) => {
    const { net, replayed } = watchWholeRows(changes, byDefinition.get(slots.keyOf(slot).definition)!).of(
      row,
    );
    return net + replayed;
  };
}

/** What stands in whole rows' slots, counted from the failover on; `facts` knows whether there are enough to take away. */
export function withNets(facts: LookedUp, slots: WindowSlots, net: NetOf): LookedUp {
  if (!slots.hasWholeRows) return facts;
  return {
    ...facts,
    value(slot) {
      const whole = slots.wholeRow(slot);
      if (!whole) return facts.value(slot);
      if (whole.number > net(slot, whole.row)) return null;
      return facts.isCounted(slot) ? facts.value(slot) : slots.contentOf(whole.row);
    },
  };
}

/**
 * Transactions that seem to be present, by nothing but rows without a key that the restored primary wrote by itself: the
 * same click twice, or sent again. By the transaction's index.
 */
export function wholeRowRetries(
  window: { at(index: number): WindowTransaction | undefined },
  prints: readonly TransactionFootprint[],
  decided: readonly DecidedTransaction[],
  slots: WindowSlots,
  changes: RestoredChanges,
): Map<number, LikelyRetry[]> {
  const found = new Map<number, LikelyRetry[]>();
  if (!slots.hasWholeRows) return found;
  decided.forEach(({ decision }, i) => {
    const print = prints[i]!;
    if (decision.kind !== 'present' || print.applied) return;
    const net = netTransitions(print).filter(({ from, to }) => from !== to);
    if (net.length === 0 || net.some(({ slot }) => !slots.wholeRow(slot))) return;
    const { rows } = window.at(i)!;
    const marks = net.flatMap((step) => {
      const change = print.changes.findIndex((one) => one.rows.some(({ slot }) => slot === step.slot));
      return markOf(step, change, rows[change]!.table, slots, changes);
    });
    if (marks.length > 0) found.set(i, marks);
  });
  return found;
}

function markOf(
  { slot, to }: NetTransition,
  change: number,
  table: WindowTable,
  slots: WindowSlots,
  changes: RestoredChanges,
): LikelyRetry[] {
  const { row } = slots.wholeRow(slot)!;
  const { last } = watchWholeRows(changes, table).of(row);
  if (last.length === 0) return [];
  return [{ change, restored: to === null ? null : row, changedBy: [...last] }];
}

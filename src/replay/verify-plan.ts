// Proves a replay: reads back every row that the replayed transactions touched, and says of each whether it is as they
// left it, was changed since by live traffic (the restored primary's own log shows by which transaction), or is wrong.
// Never repairs anything.
import type { Transaction } from '../binlog/transaction.ts';
import type { Held, Slot } from '../diff/footprint.ts';
import { NO_PASSAGES, walkChanges } from '../diff/packed-footprints.ts';
import { lookUpFacts } from '../diff/restored-facts.ts';
import { unpackRow } from '../diff/row-text.ts';
import { SlotTable } from '../diff/slot-table.ts';
import type { WindowSlots } from '../diff/window-slots.ts';
import { unfindable, type WindowTable } from '../diff/window-table.ts';
import { displayRow } from '../plan/display-value.ts';
import type { DisplayedRow } from '../plan/plan.ts';
import type { RowReader } from '../server/row-reader.ts';
import { changedByOthers } from './changed-by-others.ts';
import { isReplay } from './is-replay.ts';
import type { PreparedReplay, PreparedTransaction } from './prepare-replay.ts';
import { type ExpectedRows, rowLooks } from './row-looks.ts';

export interface WrongRow {
  table: string;
  key: DisplayedRow;
  transaction: string;
  expected: DisplayedRow | null;
  restored: DisplayedRow | null;
  why: string;
}

export interface VerifyResult {
  rows: number;
  replayed: number;
  changedSince: number;
  wrong: number;
  wrongRows: WrongRow[];
  /** Transactions of the plan that are replayed, and those that are still to be. */
  transactions: { replayed: number; notReplayed: number };
}

interface Differing {
  table: WindowTable;
  transaction: string;
  expected: Held | null;
  restored: Held | null;
}

/** `liveLog` reads the restored primary's log since the diff; asked only where rows differ. */
export async function verifyReplay(
  prepared: PreparedReplay,
  reader: RowReader,
  liveLog: () => AsyncIterable<Transaction>,
  journal: string,
): Promise<VerifyResult> {
  const done = prepared.transactions.filter(({ standing }) => standing.kind === 'done');
  const { slots } = prepared;
  const expected = leftRows(done, slots);
  const differing = await differingRows(expected, done, prepared, reader);
  const result: VerifyResult = {
    rows: expected.slots.length,
    replayed: expected.slots.length - differing.size,
    changedSince: 0,
    wrong: 0,
    wrongRows: [],
    transactions: {
      replayed: done.length,
      notReplayed: prepared.transactions.filter(
        ({ standing, state }) => standing.kind !== 'done' && state === 'missing',
      ).length,
    },
  };
  if (differing.size === 0) return result;

  const replayed = new Set(done.map(({ footprint }) => footprint.id));
  let changed: ReadonlySet<Slot> = new Set();
  let blind = '';
  try {
    const others = await changedByOthers(liveLog(), slots, reader, differing, (one) =>
      isReplay(one, replayed, journal),
    );
    changed = others.changed;
    if (others.unclear !== null)
      blind = `, but what the statement of ${others.unclear} changed can't be told`;
  } catch (cause) {
    blind = `; the restored primary's log could not be read to see who changed it: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
  for (const [slot, row] of differing) {
    const { table, transaction } = row;
    if (changed.has(slot)) {
      result.changedSince += 1;
      continue;
    }
    result.wrong += 1;
    const show = (content: Held | null): DisplayedRow | null =>
      content === null ? null : displayRow(table.definitions, unpackRow(slots.contents.text(content)));
    const place = slots.place(slot);
    result.wrongRows.push({
      table: table.name,
      key: displayRow(
        place.columns.map((i) => table.definitions[i]!),
        place.values,
      ),
      transaction,
      expected: show(row.expected),
      restored: show(row.restored),
      why: `not as ${transaction} left it, and no transaction since changed it${blind}`,
    });
  }
  return result;
}

/**
 * What the transactions left in the rows that they touched, in the order in which these were touched first. Of a row without
 * a key it can only be told that there are enough like it, and of a large table without an index not even that.
 */
function leftRows(done: readonly PreparedTransaction[], slots: WindowSlots): ExpectedRows {
  const left = new SlotTable();
  const touched: Slot[] = [];
  const unfindables = new Set<Slot>();
  for (const { footprint, window } of done) {
    let change = -1;
    walkChanges(footprint, {
      ...NO_PASSAGES,
      change() {
        change += 1;
      },
      row(slot, _from, to) {
        if (!left.has(slot)) touched.push(slot);
        left.set(slot, to);
        if (slots.isWholeRow(slot) && unfindable(window.rows[change]!.table) !== null) unfindables.add(slot);
      },
    });
  }
  const kept = touched.filter(
    (slot) => !slots.isWholeRow(slot) || (left.get(slot) !== null && !unfindables.has(slot)),
  );
  return { slots: kept, held: kept.map((slot) => left.get(slot)!) };
}

/** Read back by key and compared as they come; what is not plainly as it should be is looked up as the diff does it. */
async function differingRows(
  expected: ExpectedRows,
  done: readonly PreparedTransaction[],
  { slots, foreignKeys, normaliser }: PreparedReplay,
  reader: RowReader,
): Promise<Map<Slot, Differing>> {
  const keyed = expected.slots.keys().filter((i) => !slots.isWholeRow(expected.slots[i]!));
  const doubtful = new Set(expected.slots.filter((slot) => slots.isWholeRow(slot)));
  const places = [...keyed];
  const looks = rowLooks(
    { slots: places.map((i) => expected.slots[i]!), held: places.map((i) => expected.held[i]!) },
    slots,
  );
  await reader.answers(looks, (look, found) => {
    for (const slot of look.differing(found)) doubtful.add(slot);
  });
  const differing = new Map<Slot, Differing>();
  if (doubtful.size === 0) return differing;
  const facts = await lookUpFacts([], foreignKeys, slots, reader, normaliser, doubtful);
  const last = lastToTouch(done, doubtful);
  for (const [i, slot] of expected.slots.entries()) {
    if (!doubtful.has(slot)) continue;
    const value = expected.held[i]!;
    const restored = facts.value(slot);
    if (restored !== value) differing.set(slot, { ...last.get(slot)!, expected: value, restored });
  }
  return differing;
}

function lastToTouch(
  done: readonly PreparedTransaction[],
  slots: ReadonlySet<Slot>,
): Map<Slot, { table: WindowTable; transaction: string }> {
  const last = new Map<Slot, { table: WindowTable; transaction: string }>();
  for (const { footprint, window } of done) {
    footprint.changes.forEach(({ rows }, i) => {
      for (const { slot } of rows) {
        if (slots.has(slot)) last.set(slot, { table: window.rows[i]!.table, transaction: footprint.id });
      }
    });
  }
  return last;
}

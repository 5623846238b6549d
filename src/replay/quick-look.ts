// The look at a transaction that most of them need: the rows it changes are, under lock, what they were on the failed
// primary before it, and nothing else can be in its way that the server would not refuse by itself. Says yes, or that
// the whole decision has to be made; never says no. Asks and judges; never sends.
import { changeCount, hasFlags } from '../binlog/kept-transactions.ts';
import type { Held, Slot, TransactionFootprint } from '../diff/footprint.ts';
import { NO_PASSAGES, walkChanges } from '../diff/packed-footprints.ts';
import { SlotTable } from '../diff/slot-table.ts';
import type { WindowTransaction } from '../diff/window-rows.ts';
import type { SlotKey, WindowSlots } from '../diff/window-slots.ts';
import { keysALookUp, keysToLock, selectByKeys } from '../server/key-look-up.ts';
import type { RowSet } from '../server/row-set.ts';
import { type ExpectedRows, rowLooks } from './row-looks.ts';

/** A SELECT that locks, and whether its answer shows what the transaction needs. */
export interface Look {
  sql: string;
  fits: (rows: RowSet) => boolean;
  /** It must be sent before the change of this number is written. */
  before: number;
}

/** Rows events that ask the server to leave checks out on which this look relies: NO_FOREIGN_KEY_CHECKS, RELAXED_UNIQUE_CHECKS. */
const UNCHECKED = 2 | 4;

/**
 * All of them have to fit. They are made while they are taken: of a large transaction they are many.
 *
 * null where the transaction needs the whole decision: it takes parents away, needs one of several with the same value,
 * leaves checks out, or changes nothing in the end. Duplicate keys and missing parents are not asked for: writing fails there.
 *
 * `owned`: an expression that the first SELECT answers beside what it is there for, in front; it fits only where the
 * server has a value for it. A SELECT of its own would cost as much as one of rows.
 */
export function quickLook(
  { transaction }: WindowTransaction,
  footprint: TransactionFootprint,
  slots: WindowSlots,
  owned: string | null,
): Iterable<Look> | null {
  const { unsupported, differs, applied, retries = [] } = footprint;
  if (unsupported.length > 0 || differs.length > 0 || applied || retries.length > 0) return null;
  if (hasFlags(transaction, UNCHECKED)) return null;
  const found = foundRows(footprint, slots, changeCount(transaction));
  if (found === null) return null;
  const looks = lockingLooks(found, slots, (row) => found.changes[row]!);
  return owned === null ? looks : withOwned(owned, looks);
}

/** Whether the transaction's rows are by now what it left; for engines that can't be sure of it. */
export function readBack(footprint: TransactionFootprint, slots: WindowSlots): Iterable<Look> {
  const left = new Map<Slot, Held>();
  for (const { rows } of footprint.changes) {
    for (const { slot, to } of rows) {
      // Rows without a key are counted instead.
      if (slots.isWholeRow(slot)) continue;
      if (to === null) left.delete(slot);
      else left.set(slot, to);
    }
  }
  return lockingLooks({ slots: [...left.keys()], held: [...left.values()] }, slots, () => 0);
}

interface FoundRows extends ExpectedRows {
  /** Which change is the first that touches it. */
  changes: readonly number[];
}

/** So many changes touch so many slots that a table of them is smaller than a map. */
const MANY = 1000;

/**
 * The rows that must be there before it. null where they are not all that has to be looked at, or it has no effect; where it
 * takes a parent away, or a parent is not one row: the server refuses by itself where one is missing.
 */
function foundRows(footprint: TransactionFootprint, slots: WindowSlots, count: number): FoundRows | null {
  const places: { get(slot: Slot): number | null | undefined; set(slot: Slot, place: number): void } =
    count < MANY ? new Map<Slot, number>() : new SlotTable();
  const touched: Slot[] = [];
  const first: (Held | null)[] = [];
  const last: (Held | null)[] = [];
  const changes: number[] = [];
  const parents = new Set<Slot>();
  let number = -1;
  let isEnough = true;
  walkChanges(footprint, {
    ...NO_PASSAGES,
    change(rows) {
      number += 1;
      if (rows === 0) isEnough = false;
    },
    row(slot, from, to) {
      const place = places.get(slot);
      if (place != null) {
        last[place] = to;
        return;
      }
      places.set(slot, touched.length);
      touched.push(slot);
      first.push(from);
      last.push(to);
      changes.push(number);
      // How many there are takes a count.
      if (slots.isWholeRow(slot)) isEnough = false;
    },
    reference(parent) {
      if (parent !== null) parents.add(parent);
    },
    vanishing() {
      isEnough = false;
    },
  });
  // A transaction without an effect could be there already: nothing in the rows would tell.
  if (!isEnough || first.every((held, i) => held === last[i])) return null;
  if (parents.size > 0 && !parentsStay(footprint, parents, slots)) return null;
  const found = { slots: [] as Slot[], held: [] as Held[], changes: [] as number[] };
  for (const [i, held] of first.entries()) {
    if (held === null) continue;
    found.slots.push(touched[i]!);
    found.held.push(held);
    found.changes.push(changes[i]!);
  }
  return found;
}

function parentsStay(
  footprint: TransactionFootprint,
  parents: ReadonlySet<Slot>,
  slots: WindowSlots,
): boolean {
  for (const slot of parents) if (slots.isCounted(slot)) return false;
  let stay = true;
  const look = (slot: Slot, _from: Held | null, to: Held | null): void => {
    if (to === null && parents.has(slot)) stay = false;
  };
  walkChanges(footprint, { ...NO_PASSAGES, row: look, unique: look });
  return stay;
}

/** `changeOf`: the first change that touches a row of this number. */
function* lockingLooks(
  expected: ExpectedRows,
  slots: WindowSlots,
  changeOf: (row: number) => number,
): Generator<Look> {
  const most = ({ definition, columns }: SlotKey): number =>
    Math.min(keysALookUp(definition, columns), keysToLock(definition, columns));
  for (const look of rowLooks(expected, slots, most)) {
    yield {
      sql: `${selectByKeys(look)} FOR UPDATE`,
      fits: (found) => look.differing(found).length === 0,
      before: changeOf(look.first),
    };
  }
}

function* withOwned(owned: string, looks: Iterable<Look>): Generator<Look> {
  let isFirst = true;
  for (const look of looks) {
    yield isFirst ? lookBeside(owned, look) : look;
    isFirst = false;
  }
  if (isFirst) yield { sql: `SELECT ${owned} AS owned`, fits: hasValue, before: 0 };
}

/** Rows must be found for it: a look that finds none would not tell. */
function lookBeside(owned: string, { sql, fits, before }: Look): Look {
  return {
    before,
    sql: sql.replace(/^SELECT /, () => `SELECT ${owned} AS owned, `),
    fits: (found) => hasValue(found) && fits(found.rest),
  };
}

/** Whether the first row has some value in its first column. */
export function hasValue(found: RowSet): boolean {
  for (const row of found) return row.ends[0]! > row.starts[0]! && !row.isNull(0);
  return false;
}

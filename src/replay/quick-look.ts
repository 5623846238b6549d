// The look at a transaction that most of them need: the rows it changes are, under lock, what they were on the failed
// primary before it, and nothing else can be in its way that the server would not refuse by itself. Says yes, or that
// the whole decision has to be made; never says no. Asks and judges; never sends.
import type { ChangeFootprint, Held, Slot, TransactionFootprint } from '../diff/footprint.ts';
import { KEYS_A_LOOK_UP } from '../diff/restored-reader.ts';
import { packRow } from '../diff/row-text.ts';
import type { WindowTransaction } from '../diff/window-rows.ts';
import type { WindowSlots } from '../diff/window-slots.ts';
import { bytesOfKey, inBatches } from '../server/key-batches.ts';
import type { RawRow } from '../server/raw-rows.ts';
import { canonicalRow, keysToLock, selectByKeys } from '../server/row-reader.ts';
import type { Answer } from '../server/statement-batch.ts';

export interface QuickLook {
  looks: readonly Look[];
  /** SELECTs that lock, in the order of their answers: the looks' own. */
  selects: string[];
  /** Whether the answers show what the transaction needs. */
  fits(answers: readonly Answer[]): boolean;
}

export interface Look {
  sql: string;
  fits: (rows: readonly RawRow[]) => boolean;
}

/** Rows events that ask the server to leave checks out on which this look relies: NO_FOREIGN_KEY_CHECKS, RELAXED_UNIQUE_CHECKS. */
const UNCHECKED = 2 | 4;

/**
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
): QuickLook | null {
  const { unsupported, differs, applied, retries = [], changes } = footprint;
  if (unsupported.length > 0 || differs.length > 0 || applied || retries.length > 0) return null;
  if (transaction.changes.some(({ flags }) => (flags & UNCHECKED) !== 0)) return null;
  if (!leavesParents(changes, slots)) return null;
  const rows = new Map<Slot, { first: Held | null; last: Held | null }>();
  for (const change of changes) {
    if (change.rows.length === 0) return null;
    for (const { slot, from, to } of change.rows) {
      // How many there are takes a count.
      if (slots.wholeRow(slot)) return null;
      const known = rows.get(slot);
      if (known) known.last = to;
      else rows.set(slot, { first: from, last: to });
    }
  }
  let changesAnything = false;
  const expected = new Map<Slot, Held>();
  for (const [slot, { first, last }] of rows) {
    if (first !== last) changesAnything = true;
    if (first !== null) expected.set(slot, first);
  }
  // A transaction without an effect could be there already: nothing in the rows would tell.
  if (!changesAnything) return null;
  const looks = [...rowLooks(expected, slots)];
  if (owned !== null) looks.splice(0, 1, lookBeside(owned, looks[0]));
  return {
    looks,
    selects: looks.map(({ sql }) => sql),
    fits: (answers) => looks.every(({ fits }, i) => Array.isArray(answers[i]) && fits(answers[i])),
  };
}

/** Rows must be found for it: a look that finds none would not tell. */
function lookBeside(owned: string, look: Look | undefined): Look {
  const has = (row: RawRow | undefined): boolean => (row?.[0]?.length ?? 0) > 0;
  if (look === undefined) return { sql: `SELECT ${owned} AS owned`, fits: ([row]) => has(row) };
  return {
    sql: look.sql.replace(/^SELECT /, () => `SELECT ${owned} AS owned, `),
    fits: (rows) => has(rows[0]) && look.fits(rows.map((row) => row.slice(1))),
  };
}

/** Whether the transaction's rows are by now what it left; for engines that can't be sure of it. */
export function readBack({ changes }: TransactionFootprint, slots: WindowSlots): Look[] {
  const left = new Map<Slot, Held>();
  for (const { rows } of changes) {
    for (const { slot, to } of rows) {
      // Rows without a key are counted instead.
      if (slots.wholeRow(slot)) continue;
      if (to === null) left.delete(slot);
      else left.set(slot, to);
    }
  }
  return [...rowLooks(left, slots)];
}

/** Whether no parent is taken away and each is one row: the server refuses by itself where one is missing. */
function leavesParents(changes: readonly ChangeFootprint[], slots: WindowSlots): boolean {
  const parents = new Set<Slot>();
  for (const { references, vanishing } of changes) {
    if (vanishing.length > 0) return false;
    for (const { parent } of references) if (parent !== null) parents.add(parent);
  }
  if (parents.size === 0) return true;
  for (const slot of parents) if (slots.isCounted(slot)) return false;
  return changes.every(({ rows, unique }) =>
    [...rows, ...unique].every(({ slot, to }) => to !== null || !parents.has(slot)),
  );
}

/** Rows that must be there with these contents. */
function* rowLooks(expected: ReadonlyMap<Slot, Held>, slots: WindowSlots): Generator<Look> {
  for (const group of Map.groupBy(expected.keys(), (slot) => slots.keyOf(slot).number).values()) {
    const { definition, columns, key } = slots.keyOf(group[0]!);
    const canonical = canonicalRow(definition);
    const bytesOf = (slot: Slot): number => bytesOfKey(slots.values(slot));
    const most = Math.min(KEYS_A_LOOK_UP, keysToLock(definition, columns));
    for (const batch of inBatches(group, most, bytesOf)) {
      const keys = batch.map((slot) => slots.values(slot));
      yield {
        sql: `${selectByKeys({ definition, columns, keys, index: key })} FOR UPDATE`,
        fits: (found) => {
          if (found.length !== batch.length) return false;
          const texts = new Set(batch.map((slot) => slots.contents.text(expected.get(slot)!)));
          // Rows with different keys never have one content: as many, and each of them known, is all of them.
          return found.every((row) => texts.has(packRow(canonical(row))));
        },
      };
    }
  }
}

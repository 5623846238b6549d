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
import { canonicalRow, selectByKeys } from '../server/row-reader.ts';
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
 * leaves checks out, or changes nothing in the end. Duplicate keys are not asked for: inserting fails where there is one.
 */
export function quickLook(
  { transaction }: WindowTransaction,
  footprint: TransactionFootprint,
  slots: WindowSlots,
): QuickLook | null {
  const { unsupported, differs, applied, retries = [], changes } = footprint;
  if (unsupported.length > 0 || differs.length > 0 || applied || retries.length > 0) return null;
  if (transaction.changes.some(({ flags }) => (flags & UNCHECKED) !== 0)) return null;
  const parents = parentSlots(changes, slots);
  if (parents === null) return null;
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
  const looks = [...rowLooks(expected, slots), ...parentLooks(parents, slots)];
  return {
    looks,
    selects: looks.map(({ sql }) => sql),
    fits: (answers) => looks.every(({ fits }, i) => Array.isArray(answers[i]) && fits(answers[i])),
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

/** Parents that must be there and are not the transaction's own; null where it takes some away, or many may be meant. */
function parentSlots(changes: readonly ChangeFootprint[], slots: WindowSlots): Set<Slot> | null {
  const parents = new Set<Slot>();
  for (const { references, vanishing } of changes) {
    if (vanishing.length > 0) return null;
    for (const { parent } of references) if (parent !== null) parents.add(parent);
  }
  for (const slot of parents) if (slots.isCounted(slot)) return null;
  if (parents.size === 0) return parents;
  for (const { rows, unique } of changes) {
    for (const { slot, to } of [...rows, ...unique]) {
      if (!parents.has(slot)) continue;
      if (to === null) return null;
      parents.delete(slot);
    }
  }
  return parents;
}

/** Rows that must be there with these contents. */
function* rowLooks(expected: ReadonlyMap<Slot, Held>, slots: WindowSlots): Generator<Look> {
  for (const group of Map.groupBy(expected.keys(), (slot) => slots.keyOf(slot).number).values()) {
    const { definition, columns, key } = slots.keyOf(group[0]!);
    const canonical = canonicalRow(definition);
    const bytesOf = (slot: Slot): number => bytesOfKey(slots.values(slot));
    for (const batch of inBatches(group, KEYS_A_LOOK_UP, bytesOf)) {
      const keys = batch.map((slot) => slots.values(slot));
      const contents = new Set(batch.map((slot) => expected.get(slot)!));
      yield {
        sql: `${selectByKeys({ definition, columns, keys, index: key })} FOR UPDATE`,
        fits: (found) =>
          found.length === batch.length &&
          // Rows with different keys never have one content: as many, and each of them known, is all of them.
          found.every((row) => contents.has(slots.contents.find(packRow(canonical(row))) ?? NOWHERE)),
      };
    }
  }
}

const NOWHERE = -1;

/** How many of the parents' keys there are: all. */
function* parentLooks(parents: ReadonlySet<Slot>, slots: WindowSlots): Generator<Look> {
  for (const group of Map.groupBy(parents, (slot) => slots.keyOf(slot).number).values()) {
    const { definition, columns, key } = slots.keyOf(group[0]!);
    const bytesOf = (slot: Slot): number => bytesOfKey(slots.values(slot));
    for (const batch of inBatches(group, KEYS_A_LOOK_UP, bytesOf)) {
      const keys = batch.map((slot) => slots.values(slot));
      yield {
        sql: `${selectByKeys({ definition, columns, keys, index: key }, '1 AS found')} LOCK IN SHARE MODE`,
        // The key is unique and each slot another value of it: as many rows as slots is one for each.
        fits: (found) => found.length === batch.length,
      };
    }
  }
}

// Whether the restored primary's unique and foreign keys would let a transaction in whose rows fit. Pure: by the picture alone.
import type { Decision, Finding } from './decision.ts';
import type { Slot, TransactionFootprint, Vanishing } from './footprint.ts';
import type { Picture } from './picture.ts';

/** Each unique value the transaction takes must be free when it takes it. */
export function uniqueValues(transaction: TransactionFootprint, picture: Picture): Decision | null {
  const findings: Finding[] = [];
  const touched = new Set<Slot>();
  let held: Decision | null = null;
  transaction.changes.forEach((change, index) => {
    for (const { slot, from, to } of change.unique) {
      if (touched.has(slot)) continue;
      touched.add(slot);
      const holder = picture.blocked.holder(slot);
      if (holder !== undefined) {
        held ??= { kind: 'held', by: holder, because: 'same-unique-value', slot };
        continue;
      }
      const restored = picture.value(slot);
      if (from === null && to !== null && restored !== null && restored !== to) {
        findings.push({ kind: 'unique-taken', change: index, slot, restored });
      }
    }
  });
  if (findings.length > 0) return { kind: 'conflict', findings };
  return held;
}

/**
 * Children at the moment when their parent goes, as the server does it: a parent that comes back in the same transaction
 * (REPLACE) has lost them by then. Parents at the transaction's end: from MySQL 9.6 a cascade logs child rows first.
 */
export function foreignKeys(transaction: TransactionFootprint, picture: Picture): Decision | null {
  const { changes } = transaction;
  if (changes.every(({ references, vanishing }) => references.length + vanishing.length === 0)) return null;
  const after = picture.branch();
  const found: Found = { findings: [], held: null };
  changes.forEach((change, index) => {
    after.step(change);
    for (const one of change.vanishing) if (!one.unchecked) leftAlone(one, index, after, picture, found);
  });
  changes.forEach((change, index) => {
    for (const { foreignKey, child, parent } of change.references) {
      if (parent === null || after.reference(foreignKey, child) !== parent) continue;
      const isThere = after.value(parent) !== null;
      const filler = picture.blocked.filler(parent) ?? (isThere ? undefined : picture.blocked.adder(parent));
      if (filler !== undefined) {
        found.held ??= { kind: 'held', by: filler, because: 'parent-row', slot: parent };
      } else if (!isThere || (picture.blocked.isLeftOut(parent) && !fills(transaction, parent))) {
        found.findings.push({
          kind: 'parent-missing',
          change: index,
          slot: parent,
          restored: null,
          foreignKey,
        });
      }
    }
    for (const one of change.vanishing) {
      if (one.unchecked && after.value(one.slot) === null) leftAlone(one, index, after, picture, found);
    }
  });
  const { findings, held } = found;
  // In the window's order, as everywhere.
  findings.sort((a, b) => a.change - b.change);
  return findings.length > 0 ? { kind: 'conflict', findings } : held;
}

interface Found {
  findings: Finding[];
  held: Decision | null;
}

/** Children that a parent's going would leave alone in `now`. */
function leftAlone(
  { slot, foreignKeys }: Vanishing,
  change: number,
  now: Picture,
  picture: Picture,
  found: Found,
): void {
  const left = foreignKeys.flatMap((foreignKey) => now.childrenLeft(foreignKey, slot));
  if (left.length === 0) return;
  const holder = left.map((child) => (child.slot === null ? undefined : picture.blocked.holder(child.slot)));
  const by = holder.find((id) => id !== undefined);
  if (by !== undefined && holder.every((id) => id !== undefined)) {
    found.held ??= { kind: 'held', by, because: 'child-row', slot };
    return;
  }
  const restored = picture.value(slot);
  found.findings.push({ kind: 'children-exist', change, slot, restored, children: left });
}

/** Whether the transaction itself fills the slot: that a row was left out there before does not matter then. */
function fills({ changes }: TransactionFootprint, wanted: Slot): boolean {
  return changes.some(({ rows, unique }) =>
    [...rows, ...unique].some(({ slot, to }) => slot === wanted && to !== null),
  );
}

// Decides one transaction by the picture of the restored primary as it would find it. Pure.
import type { ConflictKind } from '../plan/plan.ts';
import { foreignKeys, uniqueValues } from './constraints.ts';
import type { Decision, Finding } from './decision.ts';
import type { Held, Slot, TransactionFootprint } from './footprint.ts';
import type { NetTransition } from './net-transitions.ts';
import type { Picture } from './picture.ts';
import type { StepState } from './slot-positions.ts';

/** One of each for all transactions. */
const MISSING: Decision = { kind: 'missing' };
const PRESENT: Decision = { kind: 'present' };

/** `waiting`: transactions before it that are held until this one is settled. */
export function decideOne(
  transaction: TransactionFootprint,
  net: NetTransition[],
  state: StepState[],
  picture: Picture,
  waiting: readonly string[] = [],
): Decision {
  if (transaction.unsupported.length > 0) return { kind: 'unsupported', reasons: transaction.unsupported };
  if (transaction.differs.length > 0) {
    const findings = transaction.differs.map(
      ({ kind, change, why, shown, changedBy }): Finding => ({
        kind: kind ?? 'schema-differs',
        change,
        slot: null,
        restored: null,
        why,
        ...(shown ? { shown } : {}),
        ...(changedBy ? { changedBy } : {}),
      }),
    );
    return { kind: 'conflict', findings };
  }
  const present = state.includes('present');
  const missing = state.includes('missing');
  const foreign = state.includes('foreign');
  if (transaction.applied) return PRESENT;
  if (!missing && !foreign) return likelyRetry(transaction) ?? PRESENT;

  const findings: Finding[] = [];
  let held: Decision | null = null;
  net.forEach(({ slot, from }, i) => {
    if (state[i] === 'present') return;
    const holder = picture.blocked.holder(slot);
    const unsettled = holder !== undefined && waiting.includes(holder);
    if (holder !== undefined && !unsettled) {
      held ??= { kind: 'held', by: holder, because: 'same-row', slot };
      return;
    }
    const restored = picture.value(slot);
    if (restored === from || (unsettled && state[i] === 'missing')) return;
    // A row that comes and goes inside one transaction leaves nothing behind, but it needs its key to be free.
    findings.push({
      kind: rowConflict(from, restored),
      change: changeTouching(transaction, slot),
      slot,
      restored,
    });
  });
  if (findings.length > 0) return { kind: 'conflict', findings };
  if (held) return held;
  if (present) {
    return { kind: 'conflict', findings: partlyPresent(transaction, net, picture) };
  }
  return (
    uniqueValues(transaction, picture) ??
    foreignKeys(transaction, picture) ??
    likelyRetry(transaction) ??
    MISSING
  );
}

function rowConflict(from: Held | null, restored: Held | null): ConflictKind {
  if (from === null) return 'key-taken';
  return restored === null ? 'deleted-on-restored' : 'changed-on-restored';
}

/** Each row of a transaction of which something is there. */
export function partlyPresent(
  transaction: TransactionFootprint,
  net: readonly NetTransition[],
  picture: Picture,
): Finding[] {
  return net
    .filter(({ from, to }) => from !== to)
    .map(({ slot }) => ({
      kind: 'partly-present' as const,
      change: changeTouching(transaction, slot),
      slot,
      restored: picture.value(slot),
    }));
}

/** Asked last: what would not be replayed anyway needs no such question. */
function likelyRetry({ changes, retries = [] }: TransactionFootprint): Decision | null {
  if (retries.length === 0) return null;
  const findings = retries.map(({ change, kind, slot, restored, changedBy }): Finding => {
    const at = slot ?? changes[change]!.rows[0]!.slot;
    return { kind: kind ?? 'likely-retry', change, slot: at, restored, ...(changedBy ? { changedBy } : {}) };
  });
  return { kind: 'conflict', findings };
}

function changeTouching(transaction: TransactionFootprint, slot: Slot): number {
  return transaction.changes.findIndex((change) => change.rows.some((row) => row.slot === slot));
}

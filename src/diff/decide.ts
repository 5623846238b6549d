// Decides every transaction of the window: missing, present, conflict, held or unsupported. Pure: it is given what the
// restored primary holds and never asks anything itself.
//
// It walks the window in commit order and keeps a picture of the restored primary as the replay would leave it. A
// transaction that does not fit the picture is a conflict; one that touches what an unapplied transaction touched is held.
import type { ConflictKind } from '../plan/plan.ts';
import type { ChangeState, DecidedTransaction, Decision, Finding } from './decision.ts';
import type { Held, RestoredFacts, Slot, TransactionFootprint, Vanishing } from './footprint.ts';
import { type NetTransition, netTransitions } from './net-transitions.ts';
import { Picture } from './picture.ts';
import { findPositions, type Positions, type StepState } from './slot-positions.ts';
import {
  positionsOf,
  referredByPresent,
  type Settled,
  type TransactionResolver,
} from './transaction-resolver.ts';

/** One of each for all transactions. */
const MISSING: Decision = { kind: 'missing' };
const PRESENT: Decision = { kind: 'present' };

export function decide(
  transactions: readonly TransactionFootprint[],
  facts: RestoredFacts,
  resolver: TransactionResolver | null = null,
): DecidedTransaction[] {
  const judged = transactions.map((transaction) =>
    transaction.unsupported.length > 0 || transaction.differs.length > 0
      ? { ...transaction, changes: [] }
      : transaction,
  );
  const positions = findPositions(judged, facts);
  const referred = referredByPresent(judged, positions);
  const first = walk(transactions, facts, positions, referred, resolver, new Map());
  const waits = waitingFor(positions, first);
  return waits.size === 0 ? first : walk(transactions, facts, positions, referred, resolver, waits);
}

/** By transaction that can't be told where it stands: the one behind it in the window, in conflict, that could have told it. */
function waitingFor(positions: Positions, decided: readonly DecidedTransaction[]): Map<number, number> {
  const waits = new Map<number, number>();
  for (const [transaction, witness] of positions.unclear) {
    const { kind } = decided[witness]!.decision;
    // Behind its witness, it is held by that one's rows, or goes with it.
    if (witness > transaction && kind !== 'missing' && kind !== 'present') waits.set(transaction, witness);
  }
  return waits;
}

function walk(
  transactions: readonly TransactionFootprint[],
  facts: RestoredFacts,
  positions: Positions,
  referred: ReadonlySet<Slot>,
  resolver: TransactionResolver | null,
  waits: ReadonlyMap<number, number>,
): DecidedTransaction[] {
  resolver?.begin(referred);
  const picture = new Picture(facts);
  const states = new SharedStates();
  const waiting = Map.groupBy(waits.keys(), (transaction) => waits.get(transaction)!);
  const judge = (footprint: TransactionFootprint): Decision => {
    const net = netTransitions(footprint);
    const state = net.map(({ from, to }): StepState => (from === to ? 'neutral' : 'missing'));
    return decideOne(footprint, net, state, picture);
  };
  return transactions.map((packed, i) => {
    const translated = resolver?.translate(i, packed) ?? null;
    // Its changes are made at each look: looked at once.
    const transaction = { ...packed, changes: (translated ?? packed).changes };
    const [net, state] = translated
      ? positionsOf(translated, positions.net(i), positions.state(i))
      : [positions.net(i), positions.state(i)];
    const company = waiting.get(i)?.map((other) => transactions[other]!.id);
    const fits = decideOne(transaction, net, state, picture, company);
    const witness = waits.get(i);
    const first = witness === undefined ? fits : unclear(fits, transactions[witness]!.id, net);
    // No rule can decide what hangs on an unclear one.
    const { decision, footprint, resolved }: Settled =
      resolver && !company
        ? resolver.settle({ index: i, footprint: transaction, net, state, decision: first }, picture, judge)
        : { decision: first, footprint: transaction };
    if (decision.kind === 'missing') picture.apply(footprint);
    else if (decision.kind !== 'present') picture.blocked.block(transaction);
    const changes = changeStates(transaction, decision, net, state, states);
    if (!resolved) return { decision, changes };
    const written = new Set(resolved.writes.map(({ source }) => source));
    return {
      decision,
      changes: changes.map((change, at) => (written.has(at) ? change : 'present')),
      resolved,
    };
  });
}

/** What fits, but nobody can tell whether it is there already. */
function unclear(decision: Decision, by: string, net: readonly NetTransition[]): Decision {
  if (decision.kind !== 'missing' && decision.kind !== 'present') return decision;
  return {
    kind: 'held',
    by,
    because: 'unclear',
    slot: net.find(({ from, to }) => from !== to)?.slot ?? null,
  };
}

/** `waiting`: transactions before it that are held until this one is settled. */
function decideOne(
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

/** Each unique value the transaction takes must be free when it takes it. */
function uniqueValues(transaction: TransactionFootprint, picture: Picture): Decision | null {
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
function foreignKeys(transaction: TransactionFootprint, picture: Picture): Decision | null {
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

/** Asked last: what would not be replayed anyway needs no such question. */
function likelyRetry({ changes, retries = [] }: TransactionFootprint): Decision | null {
  if (retries.length === 0) return null;
  const findings = retries.map(({ change, kind, slot, restored, changedBy }): Finding => {
    const at = slot ?? changes[change]!.rows[0]!.slot;
    return { kind: kind ?? 'likely-retry', change, slot: at, restored, ...(changedBy ? { changedBy } : {}) };
  });
  return { kind: 'conflict', findings };
}

/** Whether the transaction itself fills the slot: that a row was left out there before does not matter then. */
function fills({ changes }: TransactionFootprint, wanted: Slot): boolean {
  return changes.some(({ rows, unique }) =>
    [...rows, ...unique].some(({ slot, to }) => slot === wanted && to !== null),
  );
}

function changeTouching(transaction: TransactionFootprint, slot: Slot): number {
  return transaction.changes.findIndex((change) => change.rows.some((row) => row.slot === slot));
}

function changeStates(
  transaction: TransactionFootprint,
  decision: Decision,
  net: NetTransition[],
  state: StepState[],
  shared: SharedStates,
): readonly ChangeState[] {
  if (decision.kind !== 'conflict' && decision.kind !== 'held')
    return shared.all(decision.kind, transaction.changes.length);
  const stateOf = new Map(net.map(({ slot }, i) => [slot, state[i]!]));
  const inConflict = new Set(decision.kind === 'conflict' ? decision.findings.map((f) => f.slot) : []);
  const changes = new Set(decision.kind === 'conflict' ? decision.findings.map((f) => f.change) : []);
  return transaction.changes.map((change, i): ChangeState => {
    if (changes.has(i) || change.rows.some((row) => inConflict.has(row.slot))) return 'conflict';
    return change.rows.length > 0 && change.rows.every((row) => stateOf.get(row.slot) === 'present')
      ? 'present'
      : 'held';
  });
}

/** "All of them missing" is one list for all transactions of so many changes. */
class SharedStates {
  readonly #known = new Map<string, readonly ChangeState[]>();

  all(state: ChangeState, length: number): readonly ChangeState[] {
    const name = `${state} ${length}`;
    let list = this.#known.get(name);
    if (!list) {
      list = new Array<ChangeState>(length).fill(state);
      this.#known.set(name, list);
    }
    return list;
  }
}

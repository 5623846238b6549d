// Decides every transaction of the window: missing, present, conflict, held or unsupported. Pure: it is given what the
// restored primary holds and never asks anything itself.
//
// It walks the window in commit order and keeps a picture of the restored primary as the replay would leave it. A
// transaction that does not fit the picture is a conflict; one that touches what an unapplied transaction touched is held.
import { changeStates, SharedStates } from './change-states.ts';
import { decideOne } from './decide-one.ts';
import type { DecidedTransaction, Decision } from './decision.ts';
import type { RestoredFacts, Slot, TransactionFootprint } from './footprint.ts';
import { type NetTransition, netTransitions } from './net-transitions.ts';
import { Picture } from './picture.ts';
import { findPositions, type Positions, type StepState } from './slot-positions.ts';
import {
  positionsOf,
  referredByPresent,
  type Settled,
  type TransactionResolver,
} from './transaction-resolver.ts';

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

// What the decision asks of a policy, transaction by transaction, and what it tells it of where the restored primary stands.
// Makes nothing of conflicts itself: see policy-resolver.ts.
import type { Decision } from './decision.ts';
import type { Slot, TransactionFootprint } from './footprint.ts';
import { type NetTransition, netTransitions } from './net-transitions.ts';
import type { Picture } from './picture.ts';
import type { ResolvedTransaction } from './resolution.ts';
import type { Positions, StepState } from './slot-positions.ts';

/** What the policy has to say, transaction by transaction, in the window's order. */
export interface TransactionResolver {
  /** Said first. `referred`: slots that rows refer to which the restored primary has as the failed one left them. */
  begin(referred: ReadonlySet<Slot>): void;
  /** The transaction, where rows that it refers to were given other keys; null: as it was logged. */
  translate(index: number, footprint: TransactionFootprint): TransactionFootprint | null;
  /** `judge` says of a footprint what the picture makes of it. */
  settle(
    judged: JudgedFootprint,
    picture: Picture,
    judge: (footprint: TransactionFootprint) => Decision,
  ): Settled;
}

export interface JudgedFootprint {
  index: number;
  footprint: TransactionFootprint;
  net: readonly NetTransition[];
  state: readonly StepState[];
  decision: Decision;
}

export interface Settled {
  decision: Decision;
  /** What will be written, where `decision` is missing. */
  footprint: TransactionFootprint;
  resolved?: ResolvedTransaction;
}

/** Slots that rows of the window refer to which the restored primary has already. */
export function referredByPresent(judged: readonly TransactionFootprint[], positions: Positions): Set<Slot> {
  const referred = new Set<Slot>();
  judged.forEach(({ changes }, i) => {
    if (changes.every(({ references }) => references.length === 0)) return;
    const state = positions.state(i);
    const present = new Set(
      positions.net(i).flatMap(({ slot }, at) => (state[at] === 'present' ? [slot] : [])),
    );
    for (const { references } of changes) {
      for (const { child, parent } of references)
        if (parent !== null && present.has(child)) referred.add(parent);
    }
  });
  return referred;
}

/** A row under another key than the log's can't be there already. */
export function positionsOf(
  translated: TransactionFootprint,
  net: readonly NetTransition[],
  state: readonly StepState[],
): [NetTransition[], StepState[]] {
  const known = new Map(net.map(({ slot }, i) => [slot, state[i]!]));
  const now = netTransitions(translated);
  return [now, now.map(({ slot, from, to }) => known.get(slot) ?? (from === to ? 'neutral' : 'missing'))];
}

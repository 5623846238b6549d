// Finds, for every row slot, how far along its chain the restored primary is. Pure: no I/O, no order of its own.
//
// A slot's chain is the values that passed through it, one step a transaction: v0 (before), v1, v2, … The restored
// primary's value may stand at several positions (a counter that went up and came down again). Which one is meant is
// settled by the other rows of the same transactions, because a transaction is there whole or not at all.
import type { Held, RestoredFacts, Slot, TransactionFootprint } from './footprint.ts';

/** What one transaction did to one slot, from its first touch to its last. */
export interface NetTransition {
  slot: Slot;
  from: Held | null;
  to: Held | null;
}

export type StepState = 'present' | 'missing' | 'neutral' | 'foreign';

/** For each transaction, for each of its net row transitions, where the restored primary stands. */
export interface Positions {
  net: NetTransition[][];
  state: StepState[][];
}

interface Step {
  transaction: number;
  /** Index into net[transaction]. */
  index: number;
}

interface Chain {
  slot: Slot;
  steps: Step[];
  /** Positions 0..steps.length at which the restored value stands; empty: found nowhere. */
  candidates: number[];
}

export function netTransitions(transaction: TransactionFootprint): NetTransition[] {
  const bySlot = new Map<Slot, NetTransition>();
  for (const change of transaction.changes) {
    for (const { slot, from, to } of change.rows) {
      const known = bySlot.get(slot);
      if (known) known.to = to;
      else bySlot.set(slot, { slot, from, to });
    }
  }
  return [...bySlot.values()];
}

/**
 * Where two positions are possible and nothing tells them apart, the later one is taken: the restored primary then
 * already has the outcome, and replaying would write rows for nothing, again and again. But a row that came and went
 * again is taken as missing where a missing transaction lived beside it: it may have been its parent, or have passed
 * its unique value on.
 */
export function findPositions(
  transactions: readonly TransactionFootprint[],
  facts: RestoredFacts,
): Positions {
  const net = transactions.map(netTransitions);
  const chains = new Map<Slot, Chain>();
  const chainsOf: Chain[][] = transactions.map(() => []);
  net.forEach((transitions, transaction) => {
    transitions.forEach(({ slot, from, to }, index) => {
      if (from === to) return;
      let chain = chains.get(slot);
      if (!chain) {
        chain = { slot, steps: [], candidates: [] };
        chains.set(slot, chain);
      }
      chain.steps.push({ transaction, index });
      chainsOf[transaction]!.push(chain);
    });
  });
  for (const chain of chains.values())
    chain.candidates = candidatePositions(chain, net, facts.value(chain.slot));
  settle([...chains.values()], chainsOf, transactions);

  const state: StepState[][] = net.map((transitions) => transitions.map(() => 'neutral'));
  for (const chain of chains.values()) {
    const position = chain.candidates.at(-1);
    chain.steps.forEach((step, i) => {
      state[step.transaction]![step.index] =
        position === undefined ? 'foreign' : i < position ? 'present' : 'missing';
    });
  }
  return { net, state };
}

function candidatePositions(chain: Chain, net: NetTransition[][], restored: Held | null): number[] {
  const positions: number[] = [];
  for (let k = 0; k <= chain.steps.length; k++) {
    // A chain can have a seam (an unlogged cascade between two steps): either side of it counts as position k.
    const left = k > 0 ? net[chain.steps[k - 1]!.transaction]![chain.steps[k - 1]!.index]!.to : undefined;
    const right =
      k < chain.steps.length ? net[chain.steps[k]!.transaction]![chain.steps[k]!.index]!.from : undefined;
    if (restored === left || restored === right) positions.push(k);
  }
  return positions;
}

/** Slots through which one transaction can be the condition of another. */
function linkSlots({ changes }: TransactionFootprint): Set<Slot> {
  const slots = new Set<Slot>();
  for (const { rows, unique, references } of changes) {
    for (const { slot } of rows) slots.add(slot);
    for (const { slot } of unique) slots.add(slot);
    for (const { parent } of references) if (parent !== null) slots.add(parent);
  }
  return slots;
}

/** Narrows each chain's candidates to one: by unit propagation, along links, then by choice, chain by chain. */
function settle(chains: Chain[], chainsOf: Chain[][], transactions: readonly TransactionFootprint[]): void {
  const links = transactions.map(linkSlots);
  const queue: number[] = chainsOf.map((_, transaction) => transaction);
  const queued = new Uint8Array(chainsOf.length).fill(1);
  const place = new Map<Chain, Map<number, number>>();
  for (const chain of chains) place.set(chain, new Map(chain.steps.map((step, i) => [step.transaction, i])));

  const verdict = (chain: Chain, transaction: number): 'present' | 'missing' | 'open' | 'none' => {
    if (chain.candidates.length === 0) return 'none';
    const at = place.get(chain)!.get(transaction)!;
    const first = chain.candidates[0]!;
    const last = chain.candidates.at(-1)!;
    if (first > at) return 'present';
    if (last <= at) return 'missing';
    return 'open';
  };
  const narrow = (chain: Chain, keep: (k: number) => boolean): void => {
    const kept = chain.candidates.filter(keep);
    if (kept.length === 0 || kept.length === chain.candidates.length) return;
    chain.candidates = kept;
    for (const step of chain.steps) {
      if (queued[step.transaction]) continue;
      queued[step.transaction] = 1;
      queue.push(step.transaction);
    }
  };
  const sharers = new Map<Slot, number[]>();
  links.forEach((slots, transaction) => {
    for (const slot of slots) {
      const list = sharers.get(slot);
      if (list) list.push(transaction);
      else sharers.set(slot, [transaction]);
    }
  });
  const pulled = new Uint8Array(chainsOf.length);
  const closed = new Uint8Array(chainsOf.length);
  /** Open chains of transactions that share a slot with a missing one become missing with it. */
  const pullLinked = (transaction: number): void => {
    if (pulled[transaction]) return;
    pulled[transaction] = 1;
    for (const slot of links[transaction]!) {
      for (const other of sharers.get(slot)!) {
        // Once pulled, a transaction has no open chain left: looking again at each of its slots would be quadratic.
        if (closed[other]) continue;
        closed[other] = 1;
        for (const chain of chainsOf[other]!) {
          if (verdict(chain, other) !== 'open') continue;
          const at = place.get(chain)!.get(other)!;
          narrow(chain, (k) => k <= at);
        }
      }
      // Everybody at this slot has been asked.
      sharers.set(slot, []);
    }
  };
  const missingOnes = new Set<number>();
  const propagate = (): void => {
    for (let head = 0; head < queue.length; head++) {
      const transaction = queue[head]!;
      queued[transaction] = 0;
      let present = false;
      let missing = false;
      for (const chain of chainsOf[transaction]!) {
        const says = verdict(chain, transaction);
        if (says === 'present') present = true;
        if (says === 'missing') missing = true;
      }
      if (present === missing) continue;
      if (missing) missingOnes.add(transaction);
      for (const chain of chainsOf[transaction]!) {
        if (verdict(chain, transaction) !== 'open') continue;
        const at = place.get(chain)!.get(transaction)!;
        narrow(chain, (k) => k > at === present);
      }
    }
    queue.length = 0;
  };

  // What the restored primary's own log shows as applied is evidence for the rows beside it.
  transactions.forEach(({ applied }, transaction) => {
    if (!applied) return;
    for (const chain of chainsOf[transaction]!) {
      const at = place.get(chain)!.get(transaction)!;
      narrow(chain, (k) => k > at);
    }
  });
  propagate();
  while (missingOnes.size > 0) {
    const batch = [...missingOnes];
    missingOnes.clear();
    for (const transaction of batch) pullLinked(transaction);
    propagate();
  }
  for (const chain of chains) {
    if (chain.candidates.length < 2) continue;
    const last = chain.candidates.at(-1)!;
    narrow(chain, (k) => k === last);
    propagate();
  }
}

// Finds, for every row slot, how far along its chain the restored primary is. Pure: no I/O, no order of its own.
//
// A slot's chain is the values that passed through it, one step a transaction: v0 (before), v1, v2, … The restored
// primary's value may stand at several positions (a counter that went up and came down again). Which one is meant is
// settled by the other rows of the same transactions, because a transaction is there whole or not at all.
import type { RestoredFacts, TransactionFootprint } from './footprint.ts';
import { NetList, type NetTransition } from './net-transitions.ts';
import { RowChains, type Verdict } from './row-chains.ts';
import { TransactionLinks } from './transaction-links.ts';

export type { NetTransition } from './net-transitions.ts';

export type StepState = 'present' | 'missing' | 'neutral' | 'foreign';

/** For each transaction, for each of its net row transitions, where the restored primary stands. */
export interface Positions {
  net(transaction: number): NetTransition[];
  state(transaction: number): StepState[];
  /** By transaction: the one by which alone it could be told where it stands, and which is there in part, or overwritten. */
  unclear: ReadonlyMap<number, number>;
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
  const net = new NetList(transactions);
  const chains = new RowChains(net, facts);
  const settling = new Settling(net, chains, transactions);
  settling.run();
  return {
    unclear: settling.unclear,
    net: (transaction) => net.of(transaction),
    state(transaction) {
      const states: StepState[] = [];
      for (let entry = net.first(transaction); entry < net.first(transaction + 1); entry++)
        states.push(stepState(chains, entry));
      return states;
    },
  };
}

function stepState(chains: RowChains, entry: number): StepState {
  const chain = chains.chain(entry);
  if (chain < 0) return 'neutral';
  const position = chains.last(chain);
  if (position === undefined) return 'foreign';
  return chains.place(entry) < position ? 'present' : 'missing';
}

/** Narrows each chain's positions to one: by unit propagation, along links, then by choice, chain by chain. */
class Settling {
  readonly #net: NetList;
  readonly #chains: RowChains;
  readonly #transactions: readonly TransactionFootprint[];
  readonly #queue: number[] = [];
  readonly #queued: Uint8Array;
  #missing = new Set<number>();
  readonly unclear = new Map<number, number>();

  constructor(net: NetList, chains: RowChains, transactions: readonly TransactionFootprint[]) {
    this.#net = net;
    this.#chains = chains;
    this.#transactions = transactions;
    this.#queued = new Uint8Array(transactions.length);
  }

  run(): void {
    // Most windows: every chain has one position, and nothing is to be settled.
    if (!this.#someOpen()) return;
    for (let transaction = 0; transaction < this.#transactions.length; transaction++) {
      this.#enqueue(transaction);
    }
    this.#useEvidence();
    this.#propagate();
    this.#leaveUnclear();
    this.#followLinks();
    this.#leaveUnclear();
    for (let chain = 0; chain < this.#chains.count; chain++) {
      if (!this.#chains.isOpen(chain)) continue;
      const last = this.#chains.last(chain)!;
      this.#narrow(chain, last, last);
      this.#propagate();
    }
  }

  #someOpen(): boolean {
    for (let chain = 0; chain < this.#chains.count; chain++) if (this.#chains.isOpen(chain)) return true;
    return false;
  }

  /** What the restored primary's own log shows as applied is evidence for the rows beside it. */
  #useEvidence(): void {
    this.#transactions.forEach(({ applied }, transaction) => {
      if (!applied) return;
      for (const entry of this.#steps(transaction)) this.#take(entry, true);
    });
  }

  #propagate(): void {
    const queue = this.#queue;
    for (let head = 0; head < queue.length; head++) {
      const transaction = queue[head]!;
      this.#queued[transaction] = 0;
      let present = false;
      let missing = false;
      for (const entry of this.#steps(transaction)) {
        const verdict = this.#chains.verdict(entry);
        if (verdict === 'present') present = true;
        if (verdict === 'missing') missing = true;
      }
      // With both it is no witness: see leaveUnclear().
      if (present === missing) continue;
      if (missing) this.#missing.add(transaction);
      for (const entry of this.#openSteps(transaction)) this.#take(entry, present);
    }
    queue.length = 0;
  }

  /**
   * A row that came and went again, and one of the transactions of that is there in part, or was overwritten: it can't be a witness.
   * Taken for there, an earlier insert would be lost without a word; taken for missing, a row would come back that the
   * application had sent again and deleted. So it is left to a person, with all that could be told by it only.
   */
  #leaveUnclear(): void {
    if (!this.#someOpen()) return;
    const queue: [transaction: number, witness: number][] = [];
    for (let transaction = 0; transaction < this.#transactions.length; transaction++)
      if (this.#isNoWitness(transaction)) queue.push([transaction, transaction]);
    const told = new Set(queue.map(([transaction]) => transaction));
    const seen = new Set<number>();
    for (let head = 0; head < queue.length; head++) {
      const [transaction, witness] = queue[head]!;
      for (const step of this.#openSteps(transaction)) {
        const chain = this.#chains.chain(step);
        if (seen.has(chain)) continue;
        seen.add(chain);
        for (const entry of this.#chains.steps(chain)) {
          const other = this.#chains.transaction(entry);
          if (told.has(other) || this.#chains.verdict(entry) !== 'open') continue;
          told.add(other);
          this.unclear.set(other, witness);
          queue.push([other, witness]);
        }
      }
    }
    for (const [transaction] of queue)
      for (const entry of this.#openSteps(transaction)) this.#take(entry, false);
    this.#propagate();
  }

  *#openSteps(transaction: number): Generator<number> {
    for (const entry of this.#steps(transaction)) if (this.#chains.verdict(entry) === 'open') yield entry;
  }

  /** There in part, or one of its rows is nowhere in its chain. */
  #isNoWitness(transaction: number): boolean {
    const verdicts = new Set<Verdict>();
    for (const entry of this.#steps(transaction)) verdicts.add(this.#chains.verdict(entry));
    return verdicts.has('none') || (verdicts.has('present') && verdicts.has('missing'));
  }

  /** Open chains of transactions that share a slot with a missing one become missing with it. */
  #followLinks(): void {
    if (!this.#someOpen()) return;
    const links = new TransactionLinks(this.#transactions);
    const closed = new Uint8Array(this.#transactions.length);
    while (this.#missing.size > 0) {
      const batch = this.#missing;
      this.#missing = new Set();
      for (const transaction of batch) {
        for (const other of links.company(transaction)) {
          // Once asked, a transaction has no open chain left.
          if (closed[other] === 1) continue;
          closed[other] = 1;
          for (const entry of this.#steps(other)) {
            if (this.#chains.verdict(entry) === 'open') this.#take(entry, false);
          }
        }
      }
      this.#propagate();
    }
  }

  /** The transaction's entries that are steps of a chain. */
  *#steps(transaction: number): Generator<number> {
    for (let entry = this.#net.first(transaction); entry < this.#net.first(transaction + 1); entry++) {
      if (this.#chains.chain(entry) >= 0) yield entry;
    }
  }

  /** Takes the step for present, or for missing. */
  #take(entry: number, present: boolean): void {
    const chain = this.#chains.chain(entry);
    const place = this.#chains.place(entry);
    if (present) this.#narrow(chain, place + 1, Number.POSITIVE_INFINITY);
    else this.#narrow(chain, 0, place);
  }

  #narrow(chain: number, least: number, most: number): void {
    if (!this.#chains.narrow(chain, least, most)) return;
    for (const entry of this.#chains.steps(chain)) this.#enqueue(this.#chains.transaction(entry));
  }

  #enqueue(transaction: number): void {
    if (this.#queued[transaction] === 1) return;
    this.#queued[transaction] = 1;
    this.#queue.push(transaction);
  }
}

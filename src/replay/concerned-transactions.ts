// The transactions of a plan that a replay, an undo or a verification is about, in the order in which it goes through them.
// Made one at a time, while somebody looks at them.
import { type Transactions, tablesOf } from '../binlog/kept-transactions.ts';
import type { TableMap } from '../binlog/table-map.ts';
import type { Transaction } from '../binlog/transaction.ts';
import type { PlannedTransaction } from '../plan/planned-transactions.ts';
import { invertTransaction } from './invert-transaction.ts';

export type Direction = 'replay' | 'undo' | 'verify';

export class ConcernedTransactions implements Transactions {
  readonly planned: readonly PlannedTransaction[];
  readonly #inverted: boolean;

  constructor(all: readonly PlannedTransaction[], direction: Direction) {
    const planned = all.filter((one) => isConcerned(one, direction));
    this.#inverted = direction === 'undo';
    this.planned = this.#inverted ? planned.reverse() : planned;
  }

  get length(): number {
    return this.planned.length;
  }

  at(index: number): Transaction | undefined {
    const transaction = this.planned[index]?.transaction;
    return transaction && this.#inverted ? invertTransaction(transaction) : (transaction ?? undefined);
  }

  *[Symbol.iterator](): Generator<Transaction> {
    for (let i = 0; i < this.length; i++) yield this.at(i)!;
  }

  /** Descriptions of the tables that they change, each once. */
  tables(): Set<TableMap> {
    const found = new Set<TableMap>();
    for (const transaction of this) for (const table of tablesOf(transaction)) found.add(table);
    return found;
  }
}

/** Present ones are verified where a replay brought them as they were logged. */
export function isConcerned(one: PlannedTransaction, direction: Direction): boolean {
  const { state } = one;
  if (state !== 'missing' && (direction !== 'verify' || state !== 'present')) return false;
  if (!one.transaction || !one.source) return false;
  if (state === 'missing') return true;
  const { resolutions, resolvedEarlier } = one.planned;
  return !resolutions && !resolvedEarlier;
}

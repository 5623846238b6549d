// A transaction turned around: what it inserted is deleted, what it deleted inserted, last change first. Pure.
import { invertedChange } from '../binlog/kept-change.ts';
import type { Change, Transaction } from '../binlog/transaction.ts';

export function invertTransaction(transaction: Transaction): Transaction {
  let changes: Change[] | null = null;
  return {
    ...transaction,
    // Made when they are asked for: of most of a window's transactions somebody holds no more than the head.
    get changes() {
      changes ??= transaction.changes.map(invertedChange).reverse();
      return changes;
    },
  };
}

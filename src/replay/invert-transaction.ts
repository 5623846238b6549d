// A transaction turned around: what it inserted is deleted, what it deleted inserted, last change first. Pure.
import type { Change, Transaction } from '../binlog/transaction.ts';

const INVERSE = { insert: 'delete', delete: 'insert', update: 'update' } as const;

export function invertTransaction(transaction: Transaction): Transaction {
  return { ...transaction, changes: transaction.changes.map(invertChange).reverse() };
}

// `before` and `after` are getters on a change: a spread would lose them.
function invertChange(change: Change): Change {
  return {
    kind: INVERSE[change.kind],
    table: change.table,
    before: change.after,
    after: change.before,
    flags: change.flags,
    place: change.place,
  };
}

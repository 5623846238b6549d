// A transaction turned around: what it inserted is deleted, what it deleted inserted, last change first. Pure.
import { invertedChange } from '../binlog/kept-change.ts';
import type { Change, Transaction } from '../binlog/transaction.ts';
import { tableName } from '../plan/window-counts.ts';

export function invertTransaction(transaction: Transaction): Transaction {
  let changes: Change[] | null = null;
  return {
    ...transaction,
    // Made when they are asked for: of most of a window's transactions somebody holds no more than the head.
    get changes() {
      changes ??= [...lastFirst(transaction.changes)].map(invertedChange);
      return changes;
    },
  };
}

/**
 * A parent's new key stays behind the children that followed it, as MySQL logs them from 9.6 on: taken back before they
 * are, it would meet them as rows that refer to it.
 */
function* lastFirst(changes: readonly Change[]): Generator<Change> {
  for (let i = changes.length - 1; i >= 0; i--) {
    const change = changes[i]!;
    if (isFollower(change, changes[i - 1])) {
      let follower = i - 1;
      while (isFollower(change, changes[follower])) yield changes[follower--]!;
      yield change;
      i = follower + 1;
    } else yield change;
  }
}

/** Flags of a rows event: NO_FOREIGN_KEY_CHECKS, and that the server's SQL layer, not InnoDB, took care of foreign keys. */
const UNCHECKED = 2;
const SQL_FOREIGN_KEYS = 0x10;

/** Whether `child`, logged before `parent`, is an update that a new key of `parent` could have caused. No cascade comes back to its own table. */
function isFollower(parent: Change, child: Change | undefined): boolean {
  return (
    child?.kind === 'update' &&
    parent.kind === 'update' &&
    (parent.flags & (UNCHECKED | SQL_FOREIGN_KEYS)) === SQL_FOREIGN_KEYS &&
    (child.flags & (UNCHECKED | SQL_FOREIGN_KEYS)) === (UNCHECKED | SQL_FOREIGN_KEYS) &&
    tableName(child.table) !== tableName(parent.table)
  );
}

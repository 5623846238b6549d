// What a MariaDB whose slave_exec_mode is IDEMPOTENT must not be given as row events: it overwrites the row that has a unique
// value, and leaves a row without its parent out in silence. Where both can be looked up the replay does; here is where not.
import type { WindowForeignKey } from '../diff/window-foreign-keys.ts';
import type { WindowTransaction } from '../diff/window-rows.ts';
import type { WindowTable } from '../diff/window-table.ts';

/** Why only the server's own refusal would keep a wrong row out; null: look-ups do. */
export function needsStrictApplier(
  { transaction, rows }: WindowTransaction,
  foreignKeys: readonly WindowForeignKey[],
): string | null {
  for (const [i, row] of rows.entries()) {
    if (!row || transaction.changes[i]!.kind === 'delete') continue;
    const risk = unseenKey(row.table) ?? unseenParent(row.table, foreignKeys);
    if (risk === null) continue;
    return `slave_exec_mode is IDEMPOTENT on the restored primary: ${risk}; SET GLOBAL slave_exec_mode='STRICT' there, then run the same command again`;
  }
  return null;
}

function unseenKey({ name, definition, primaryKey, uniqueKeys }: WindowTable): string | null {
  const seen = new Set([primaryKey, ...uniqueKeys].map((key) => key.name));
  const unseen = definition.uniqueKeys.find((key) => !seen.has(key.name));
  return unseen
    ? `a row that has its value in unique key ${unseen.name} of ${name}, which can’t be looked up, would be overwritten`
    : null;
}

function unseenParent({ name, definition }: WindowTable, keys: readonly WindowForeignKey[]): string | null {
  const unseen = keys.find(({ child, parentsHidden }) => child === definition && parentsHidden !== null);
  return unseen
    ? `a row without a parent (foreign key ${unseen.name} of ${name}), which can’t be looked up, would be left out in silence`
    : null;
}

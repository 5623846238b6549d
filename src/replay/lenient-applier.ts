// What a MariaDB whose slave_exec_mode is IDEMPOTENT must not be given as row events: it overwrites the row that has a unique
// value, and leaves a row without its parent out in silence. Where both can be looked up the replay does; here is where not.
import type { WindowForeignKey } from '../diff/window-foreign-keys.ts';
import type { WindowTransaction } from '../diff/window-rows.ts';
import { unseenKey, unseenParent } from './unseen-keys.ts';

/** Why only the server's own refusal would keep a wrong row out; null: look-ups do. */
export function needsStrictApplier(
  { transaction, rows }: WindowTransaction,
  foreignKeys: readonly WindowForeignKey[],
): string | null {
  for (const [i, row] of rows.entries()) {
    if (!row || transaction.changes[i]!.kind === 'delete') continue;
    const { table } = row;
    const key = unseenKey(table);
    const parent = unseenParent(table.definition, foreignKeys);
    if (!key && !parent) continue;
    const risk = key
      ? `a row that has its value in unique key ${key.name} of ${table.name}, which can’t be looked up, would be overwritten`
      : `a row without a parent (foreign key ${parent!.name} of ${table.name}), which can’t be looked up, would be left out in silence`;
    return `slave_exec_mode is IDEMPOTENT on the restored primary: ${risk}; SET GLOBAL slave_exec_mode='STRICT' there, then run the same command again`;
  }
  return null;
}

// What a person should know of the window's tables on the restored primary that no state of a transaction says: keys that
// can't be looked up beforehand, and triggers. Full sentences; judges nothing.
import type { TableDefinition, UniqueKey } from '../server/catalogue.ts';
import { hasExactKeys } from '../server/column-sql.ts';
import { isSearchablePrefix } from './prefix-keys.ts';
import { expressionKeyName } from './taken-expressions.ts';
import type { WindowForeignKey } from './window-foreign-keys.ts';
import type { WindowTable } from './window-table.ts';

export function tableWarnings(
  tables: Iterable<WindowTable>,
  foreignKeys: readonly WindowForeignKey[],
  /** Keys over expressions that could not be asked for (expressionKeyName), and why. */
  unasked: ReadonlyMap<string, string>,
): string[] {
  const definitions = new Map([...tables].map(({ name, definition }) => [name, definition]));
  const list: string[] = [];
  for (const [name, definition] of definitions) {
    for (const key of definition.uniqueKeys) {
      const what = unsearchable(key, definition, unasked.get(expressionKeyName({ name }, key)));
      if (what === null) continue;
      list.push(
        `Unique key ${key.name} of ${name} is ${what}: it can’t be looked up beforehand. Where another row of the restored primary has its value, the replay finds that out, and leaves the transaction out as a conflict.`,
      );
    }
    const triggers = definition.triggers.map((trigger) => trigger.name);
    if (triggers.length > 0) {
      list.push(
        `${name} has triggers on the restored primary (${triggers.join(', ')}): a replay of row events does not fire them, for what they wrote on the failed primary is in the window as rows of its own.`,
      );
    }
  }
  for (const { name, child, parent, parentColumns, parentsHidden } of foreignKeys) {
    if (parentsHidden === null) continue;
    const columns = parentColumns.map((i) => parent.columns[i]?.name ?? '?').join(', ');
    list.push(
      `Foreign key ${name} of ${child.schema}.${child.table} refers to ${parent.schema}.${parent.table} (${columns}), where ${parentsHidden}: whether parents are there is not looked up beforehand. Where they are not, the restored primary refuses, and the transaction is left out as a conflict.`,
    );
  }
  return list.sort();
}

function unsearchable(
  key: UniqueKey,
  { columns }: TableDefinition,
  unasked: string | undefined,
): string | null {
  if (key.functional) return unasked === undefined ? null : `over an expression (${unasked})`;
  if (!key.searchable) return 'one that no statement finds rows by (IGNORED, or a hash of long values)';
  if (isSearchablePrefix(key, columns)) return null;
  if (key.columns.some((part) => part.prefixLength !== null))
    return 'over the beginning of a column of a rare character set';
  const inexact = columns.find(
    (column) => key.columns.some((part) => part.name === column.name) && !hasExactKeys(column),
  );
  return inexact ? `over ${inexact.columnType} values, which the server rounds` : null;
}

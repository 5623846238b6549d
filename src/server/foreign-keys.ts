// Foreign keys from information_schema, seen from the child and from the parent. Never looks at rows.
import type { Server, TextRow } from './connection.ts';
import { quoteName } from './sql-text.ts';
import type { ForeignKey, ReferentialAction } from './table-definition.ts';

/** One foreign key, whole. */
export interface ForeignKeyLink extends ForeignKey {
  schema: string;
  table: string;
}

/** `asChild`, `asParent`: conditions on the tables asked for, in the names of the columns they stand in. */
export async function readForeignKeys(
  server: Server,
  condition: (schemaColumn: string, tableColumn: string) => string,
): Promise<ForeignKeyLink[]> {
  const asChild = condition('TABLE_SCHEMA', 'TABLE_NAME');
  const asParent = condition('REFERENCED_TABLE_SCHEMA', 'REFERENCED_TABLE_NAME');
  const parts = await server.query(
    `SELECT CONSTRAINT_NAME AS name, TABLE_SCHEMA AS child_schema, TABLE_NAME AS child_table,
       COLUMN_NAME AS child_column, ORDINAL_POSITION AS position, REFERENCED_TABLE_SCHEMA AS parent_schema,
       REFERENCED_TABLE_NAME AS parent_table, REFERENCED_COLUMN_NAME AS parent_column
     FROM information_schema.KEY_COLUMN_USAGE
     WHERE REFERENCED_TABLE_NAME IS NOT NULL AND (${asChild} OR ${asParent})`,
  );
  const links = new Map<string, ForeignKeyLink>();
  for (const row of parts.sort((a, b) => Number(a.position) - Number(b.position))) {
    const key = keyOf(row);
    let link = links.get(key);
    if (!link) {
      link = {
        name: row.name!,
        schema: row.child_schema!,
        table: row.child_table!,
        columns: [],
        parentSchema: row.parent_schema!,
        parentTable: row.parent_table!,
        parentColumns: [],
        onDelete: 'UNKNOWN',
        onUpdate: 'UNKNOWN',
      };
      links.set(key, link);
    }
    link.columns.push(row.child_column!);
    link.parentColumns.push(row.parent_column!);
  }
  if (links.size > 0) await addRules(server, links, condition);
  return [...links.values()];
}

async function addRules(
  server: Server,
  links: ReadonlyMap<string, ForeignKeyLink>,
  condition: (schemaColumn: string, tableColumn: string) => string,
): Promise<void> {
  const rules = await server.query(
    `SELECT CONSTRAINT_NAME AS name, CONSTRAINT_SCHEMA AS child_schema, TABLE_NAME AS child_table,
       DELETE_RULE AS on_delete, UPDATE_RULE AS on_update
     FROM information_schema.REFERENTIAL_CONSTRAINTS
     WHERE ${condition('CONSTRAINT_SCHEMA', 'TABLE_NAME')}
        OR ${condition('UNIQUE_CONSTRAINT_SCHEMA', 'REFERENCED_TABLE_NAME')}`,
  );
  for (const row of rules) {
    const link = links.get(keyOf(row));
    if (!link) continue;
    link.onDelete = actionOf(row.on_delete);
    link.onUpdate = actionOf(row.on_update);
  }
  // MariaDB hides the rules, but not the keys, from an account that can only SELECT. SHOW CREATE TABLE tells them.
  for (const link of links.values())
    if (link.onDelete === 'UNKNOWN') await addRuleFromCreateTable(server, link);
}

async function addRuleFromCreateTable(server: Server, link: ForeignKeyLink): Promise<void> {
  let text: string;
  try {
    const [row] = await server.query(`SHOW CREATE TABLE ${quoteName(link.schema)}.${quoteName(link.table)}`);
    text = row?.['Create Table'] ?? '';
  } catch {
    return;
  }
  const start = `  CONSTRAINT ${quoteName(link.name)} FOREIGN KEY (`;
  const line = text.split('\n').find((candidate) => candidate.startsWith(start));
  if (line === undefined) return;
  const action = '(CASCADE|SET NULL|SET DEFAULT|RESTRICT|NO ACTION)';
  const rules = new RegExp(`\\)(?: ON DELETE ${action})?(?: ON UPDATE ${action})?,?$`).exec(line);
  if (!rules) return;
  link.onDelete = actionOf(rules[1] ?? 'RESTRICT');
  link.onUpdate = actionOf(rules[2] ?? 'RESTRICT');
}

function keyOf(row: TextRow): string {
  return JSON.stringify([row.child_schema, row.child_table, row.name]);
}

function actionOf(text: string | null | undefined): ReferentialAction {
  const known: ReferentialAction[] = ['CASCADE', 'SET NULL', 'SET DEFAULT', 'RESTRICT', 'NO ACTION'];
  return known.find((action) => action === text) ?? 'UNKNOWN';
}

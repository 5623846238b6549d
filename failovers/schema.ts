// A random schema: several tables with keys, unique keys, foreign keys, generated columns and triggers of all kinds. Only
// InnoDB. The same seed gives the same schema.
import { pick, type Random, whole } from '../chaos/random.ts';
import type { Flavor } from '../test/sandbox/index.ts';
import { AMOUNT, type ColumnType, INTEGER, keyTypes, payloadTypes } from './columns.ts';

export interface Column {
  name: string;
  type: ColumnType;
  generated: boolean;
  auto: boolean;
}

export interface Reference {
  column: string;
  table: string;
  parentColumn: string;
  action: 'RESTRICT' | 'CASCADE' | 'SET NULL';
}

export interface Table {
  name: string;
  columns: Column[];
  /** Columns of the primary key, or of what serves as one; empty where there is none. */
  key: string[];
  references: Reference[];
  triggers: boolean;
  ddl: string[];
}

export function randomTables(random: Random, flavor: Flavor, schema: string): Table[] {
  const tables: Table[] = [];
  const count = whole(random, 2, 4);
  for (let i = 0; i < count; i++) tables.push(randomTable(random, flavor, schema, `t${i}`, tables));
  if (random() < 0.3) addTriggers(random, schema, tables);
  return tables;
}

function randomTable(
  random: Random,
  flavor: Flavor,
  schema: string,
  name: string,
  others: readonly Table[],
): Table {
  const columns: Column[] = [];
  const definitions: string[] = [];
  const indexes: string[] = [];
  const references: Reference[] = [];
  const column = (label: string, type: ColumnType, more = ''): void => {
    columns.push({ name: label, type, generated: /\bAS \(/.test(more), auto: /AUTO_INCREMENT/.test(more) });
    definitions.push(`${label} ${type.sql} ${more}`.trimEnd());
  };
  const key = addKey(random, flavor, column, indexes);
  const payload = whole(random, 1, 4);
  for (let i = 0; i < payload; i++) {
    const type = pick(random, payloadTypes(flavor));
    column(`c${i}`, type, type.sql.includes('NULL') || random() < 0.7 ? '' : 'NOT NULL');
  }
  column('n', AMOUNT);
  column(
    's',
    pick(
      random,
      keyTypes(flavor).filter(({ sql }) => sql.startsWith('VARCHAR')),
    ),
  );
  const generated = random();
  // Of MariaDB's, no index and no foreign key wants more than this.
  if (generated < 0.2) column('g', AMOUNT, 'AS (n + 1) STORED');
  else if (generated < 0.4) column('g', AMOUNT, 'AS (n * 2) VIRTUAL');
  addUnique(random, flavor, columns, indexes);
  if (random() < 0.3) indexes.push('KEY by_n (n)');
  const parents = others.filter((table) => table.key.length === 1);
  if (parents.length > 0 && random() < 0.6) {
    const parent = pick(random, parents);
    const type = parent.columns.find(({ name: label }) => label === parent.key[0])!.type;
    reference('parent', parent.name, parent.key[0]!, type);
  }
  if (key.length === 1 && columns[0]!.type === INTEGER && random() < 0.25)
    reference('boss', name, key[0]!, INTEGER);
  const charset = pick(random, ['latin1', 'utf8mb4']);
  const body = [...definitions, ...indexes].join(',\n  ');
  const ddl = [`CREATE TABLE ${schema}.${name} (\n  ${body}\n) ENGINE=InnoDB DEFAULT CHARSET=${charset}`];
  return { name, columns, key, references, triggers: false, ddl };

  function reference(label: string, table: string, parentColumn: string, type: ColumnType): void {
    // A cascade within one table, without a trace, could not be told from what a statement did.
    const silent = table === name && flavor === 'mariadb';
    const action = silent ? 'RESTRICT' : pick(random, ['RESTRICT', 'CASCADE', 'SET NULL'] as const);
    column(label, type);
    const update = random() < 0.5 ? ` ON UPDATE ${action}` : '';
    indexes.push(
      `FOREIGN KEY (${label}) REFERENCES ${schema}.${table} (${parentColumn}) ON DELETE ${action}${update}`,
    );
    references.push({ column: label, table, parentColumn, action });
  }
}

/** The columns that make the primary key, after adding them. */
function addKey(
  random: Random,
  flavor: Flavor,
  column: (label: string, type: ColumnType, more?: string) => void,
  indexes: string[],
): string[] {
  const kind = random();
  const type = pick(random, keyTypes(flavor));
  if (kind < 0.3) {
    column('id', INTEGER, 'NOT NULL AUTO_INCREMENT');
    indexes.push('PRIMARY KEY (id)');
    return ['id'];
  }
  if (kind < 0.4) {
    column('id', INTEGER, 'NOT NULL');
    indexes.push('PRIMARY KEY (id)');
    return ['id'];
  }
  if (kind < 0.65) {
    column('id', type, 'NOT NULL');
    indexes.push('PRIMARY KEY (id)');
    return ['id'];
  }
  column('id', { ...INTEGER, value: (r) => String(whole(r, 1, 4)) }, kind < 0.9 ? 'NOT NULL' : '');
  column('id2', type, kind < 0.9 ? 'NOT NULL' : '');
  if (kind < 0.8) {
    indexes.push('PRIMARY KEY (id2, id)');
    return ['id2', 'id'];
  }
  // A unique key without NULLs serves as the primary key; one with NULLs does not, and then there is none.
  if (kind < 0.95) indexes.push('UNIQUE KEY instead (id, id2)');
  return kind < 0.9 ? ['id', 'id2'] : [];
}

function addUnique(random: Random, flavor: Flavor, columns: readonly Column[], indexes: string[]): void {
  const kind = random();
  if (kind < 0.2) indexes.push('UNIQUE KEY one (s)');
  else if (kind < 0.3) indexes.push('UNIQUE KEY beginning (s(2))');
  else if (kind < 0.45) indexes.push('UNIQUE KEY two (n, s)');
  else if (kind < 0.5) indexes.push('UNIQUE KEY number (n)');
  else if (kind < 0.57 && flavor === 'mysql') indexes.push('UNIQUE KEY counted ((n % 20), s)');
  else if (kind < 0.64 && columns.some(({ name }) => name === 'g')) indexes.push('UNIQUE KEY made (g, s)');
}

/** What a trigger writes stands in the log as rows of its own. */
function addTriggers(random: Random, schema: string, tables: Table[]): void {
  const table = pick(random, tables);
  const audit: Table = {
    name: 'audit',
    columns: [
      { name: 'id', type: INTEGER, generated: false, auto: true },
      { name: 'n', type: AMOUNT, generated: false, auto: false },
    ],
    key: ['id'],
    references: [],
    triggers: false,
    ddl: [`CREATE TABLE ${schema}.audit (id INT AUTO_INCREMENT PRIMARY KEY, n INT) ENGINE=InnoDB`],
  };
  for (const [event, row] of [
    ['INSERT', 'NEW'],
    ['UPDATE', 'NEW'],
    ['DELETE', 'OLD'],
  ]) {
    if (random() < 0.3) continue;
    table.triggers = true;
    audit.ddl.push(
      `CREATE TRIGGER ${schema}.on_${event!.toLowerCase()} AFTER ${event} ON ${schema}.${table.name} FOR EACH ROW INSERT INTO ${schema}.audit (n) VALUES (${row}.n)`,
    );
  }
  tables.push(audit);
}

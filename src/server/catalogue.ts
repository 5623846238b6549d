// Reads the definitions of named tables from information_schema, in batches. Never reads a row of them.
import { ReconcileError } from '../reconcile-error.ts';
import { columnLabels } from './column-labels.ts';
import type { Server, TextRow } from './connection.ts';
import { type ForeignKeyLink, readForeignKeys } from './foreign-keys.ts';
import { type Grants, readGrants } from './grants.ts';
import { readIdentity, type ServerIdentity, versionNumber } from './identity.ts';
import { quoteName, quoteText } from './sql-text.ts';
import {
  type ColumnDefinition,
  definitionDigest,
  rowKey,
  type TableDefinition,
  type UniqueKey,
} from './table-definition.ts';
import { globalVariables } from './variables.ts';
import { readWholeRows } from './whole-rows.ts';

export type {
  ColumnDefinition,
  ForeignKey,
  Reference,
  ReferentialAction,
  TableDefinition,
  Trigger,
  UniqueKey,
} from './table-definition.ts';
export { columnNames, hasIndexOver, rowKey } from './table-definition.ts';

export interface TableName {
  schema: string;
  table: string;
}

const BATCH = 100;

/** The key of a catalogue. */
export function tableKey(name: TableName): string {
  return `${name.schema}.${name.table}`;
}

/**
 * By tableKey of the name that was asked for; tables that don't exist, or that the account can't see, are not in it,
 * and views neither. Where the server folds names (lower_case_table_names), `schema` and `table` are the server's.
 */
export async function readCatalogue(
  server: Server,
  tables: readonly TableName[],
): Promise<Map<string, TableDefinition>> {
  const catalogue = new Map<string, TableDefinition>();
  if (tables.length === 0) return catalogue;
  const identity = await readIdentity(server);
  const grants = await readGrants(server);
  const variables = await globalVariables(server, ['lower_case_table_names']);
  const fold = (variables.get('lower_case_table_names') ?? '0') !== '0' ? foldName : tableKey;
  const engines = await transactionalEngines(server);
  const asked = new Map(tables.map((name) => [fold(name), name]));
  const distinct = [...asked.values()];
  for (let start = 0; start < distinct.length; start += BATCH) {
    const batch = await readBatch(server, identity, distinct.slice(start, start + BATCH), engines, grants);
    for (const definition of batch) {
      // information_schema compares names without case on some servers: `t` brings `T` with it.
      if (asked.has(fold(definition))) catalogue.set(fold(definition), definition);
    }
  }
  refuseUnseen(
    server,
    grants,
    [...asked].filter(([key]) => !catalogue.has(key)).map(([, name]) => name),
  );
  if (fold === tableKey) return catalogue;
  const found = tables.filter((name) => catalogue.has(fold(name)));
  return new Map(found.map((name) => [tableKey(name), catalogue.get(fold(name))!]));
}

/** What the account may not read looks as if it were not there: nothing about it would be true. */
function refuseUnseen(server: Server, grants: Grants, absent: readonly TableName[]): void {
  const unseen = absent.filter(({ schema, table }) => !grants.has('SELECT', schema, table));
  if (unseen.length === 0) return;
  const names = unseen.map(({ schema, table }) => `${schema}.${table}`);
  throw new ReconcileError(
    'privilege',
    `${server.name}: ${server.user} lacks SELECT ON ${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more tables` : ''}: without it nobody knows whether it is there, and what it holds`,
    {
      hint: `Grant it: ${[...new Set(unseen.map(({ schema }) => schema))].map((schema) => `GRANT SELECT ON ${quoteName(schema)}.* TO …;`).join(' ')} Or leave such tables out: diff --ignore-tables.`,
    },
  );
}

async function readBatch(
  server: Server,
  identity: ServerIdentity,
  names: readonly TableName[],
  engines: ReadonlySet<string>,
  grants: Grants,
): Promise<TableDefinition[]> {
  const where = (schemaColumn: string, tableColumn: string): string =>
    conditionOn(names, schemaColumn, tableColumn);
  const tables = await server.query(
    `SELECT TABLE_SCHEMA AS s, TABLE_NAME AS t, TABLE_TYPE AS type, ENGINE AS engine FROM information_schema.TABLES
     WHERE TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED', 'SEQUENCE') AND ${where('TABLE_SCHEMA', 'TABLE_NAME')}`,
  );
  if (tables.length === 0) return [];
  const columns = byTable(
    await server.query(
      `SELECT TABLE_SCHEMA AS s, TABLE_NAME AS t, COLUMN_NAME AS name, ORDINAL_POSITION AS ordinal,
         DATA_TYPE AS data_type, COLUMN_TYPE AS column_type, IS_NULLABLE AS nullable, CHARACTER_SET_NAME AS charset,
         COLLATION_NAME AS collation, EXTRA AS extra, COLUMN_DEFAULT AS value
       FROM information_schema.COLUMNS WHERE ${where('TABLE_SCHEMA', 'TABLE_NAME')}`,
    ),
  );
  const expression = identity.flavor === 'mysql' && versionNumber(identity) >= 80013 ? 'EXPRESSION' : 'NULL';
  // MySQL's invisible indexes are none of these: our sessions see them (session-settings.ts).
  const ignored = identity.flavor === 'mariadb' && versionNumber(identity) >= 100600 ? 'IGNORED' : `'NO'`;
  const indexParts = byTable(
    await server.query(
      `SELECT TABLE_SCHEMA AS s, TABLE_NAME AS t, INDEX_NAME AS name, NON_UNIQUE AS many,
         COLUMN_NAME AS col, SUB_PART AS prefix, NULLABLE AS nullable, ${expression} AS expression,
         INDEX_TYPE AS type, ${ignored} AS ignored
       FROM information_schema.STATISTICS WHERE ${where('TABLE_SCHEMA', 'TABLE_NAME')}
       ORDER BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX`,
    ),
  );
  const triggers = byTable(
    await server.query(
      `SELECT EVENT_OBJECT_SCHEMA AS s, EVENT_OBJECT_TABLE AS t, TRIGGER_NAME AS name, ACTION_TIMING AS timing,
         EVENT_MANIPULATION AS event
       FROM information_schema.TRIGGERS WHERE ${where('EVENT_OBJECT_SCHEMA', 'EVENT_OBJECT_TABLE')}
       ORDER BY EVENT_OBJECT_SCHEMA, EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION, ACTION_ORDER`,
    ),
  );
  const links = await readForeignKeys(server, where);
  const definitions = tables.map((row) => {
    const name = { schema: row.s!, table: row.t! };
    const key = tableKey(name);
    const parts = indexParts.get(key) ?? [];
    const indexes = toKeys(parts.filter(({ many }) => many === '0'));
    const primary = indexes.find((index) => index.name === 'PRIMARY');
    const definition: Omit<TableDefinition, 'definitionDigest'> = {
      ...name,
      kind:
        row.type === 'SEQUENCE' ? 'sequence' : row.type === 'SYSTEM VERSIONED' ? 'system-versioned' : 'table',
      engine: row.engine ?? '',
      transactional: engines.has(row.engine ?? ''),
      columns: (columns.get(key) ?? []).map(toColumn).sort((a, b) => a.ordinal - b.ordinal),
      primaryKey: primary ? primary.columns.map((part) => part.name) : null,
      primaryKeyHasPrefix: primary?.columns.some((part) => part.prefixLength !== null) ?? false,
      uniqueKeys: indexes.filter((index) => index !== primary),
      indexes: usableIndexes(parts),
      wholeRows: null,
      ...relationsOf(key, links),
      referencesKnown:
        identity.flavor === 'mysql' ? grants.has('SELECT') || grants.has('INSERT') : grants.has('SELECT'),
      triggers: (triggers.get(key) ?? []).map((trigger) => ({
        name: trigger.name!,
        timing: trigger.timing === 'BEFORE' ? 'BEFORE' : 'AFTER',
        event: trigger.event!,
      })),
      triggersKnown: grants.has('TRIGGER', name.schema, name.table),
    };
    return { ...definition, definitionDigest: definitionDigest(definition) };
  });
  for (const definition of definitions) {
    if (rowKey(definition) === null)
      definition.wholeRows = await readWholeRows(server, identity.flavor, ignored, definition);
  }
  return definitions;
}

function toColumn(row: TextRow): ColumnDefinition {
  const dataType = row.data_type!.toLowerCase();
  const extra = (row.extra ?? '').toUpperCase();
  const labels = columnLabels(row.column_type!);
  return {
    name: row.name!,
    ordinal: Number(row.ordinal),
    dataType,
    columnType: row.column_type!,
    unsigned: labels === null && /\bunsigned\b/i.test(row.column_type!),
    nullable: row.nullable === 'YES',
    charset: row.charset === 'utf8' ? 'utf8mb3' : (row.charset ?? null),
    collation: row.collation?.replace(/^utf8_/, 'utf8mb3_') ?? null,
    generated: /\bSTORED GENERATED|PERSISTENT/.test(extra)
      ? 'stored'
      : /\bVIRTUAL/.test(extra)
        ? 'virtual'
        : null,
    invisible: /\bINVISIBLE\b/.test(extra),
    autoIncrement: /\bAUTO_INCREMENT\b/.test(extra),
    labels,
    default: row.value ?? null,
  };
}

function toKeys(rows: TextRow[]): UniqueKey[] {
  const keys = new Map<string, UniqueKey>();
  for (const row of rows) {
    const name = row.name!;
    const searchable = isSearchable(row);
    const key = keys.get(name) ?? {
      ...{ name, columns: [], nullable: false, functional: false },
      ...{ expressions: [], searchable },
    };
    keys.set(key.name, key);
    if (row.nullable === 'YES') key.nullable = true;
    // information_schema escapes quotes in it, and only those.
    if (row.expression != null) key.expressions.push(row.expression.replaceAll("\\'", "'"));
    if (row.col == null) key.functional = true;
    else key.columns.push({ name: row.col, prefixLength: row.prefix == null ? null : Number(row.prefix) });
  }
  return [...keys.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function isSearchable({ type, ignored }: TextRow): boolean {
  return type === 'BTREE' && ignored !== 'YES';
}

/** Each index's columns, up to the first part that is none. */
function usableIndexes(rows: TextRow[]): string[][] {
  return [...Map.groupBy(rows, (row) => row.name!).values()]
    .filter(([first]) => isSearchable(first!))
    .map((parts) => {
      const end = parts.findIndex(({ col }) => col == null);
      return (end < 0 ? parts : parts.slice(0, end)).map(({ col }) => col!);
    });
}

function relationsOf(
  key: string,
  links: readonly ForeignKeyLink[],
): Pick<TableDefinition, 'foreignKeys' | 'referencedBy'> {
  const foreignKeys = links
    .filter((link) => tableKey(link) === key)
    .map(({ schema: _schema, table: _table, ...own }) => own);
  const referencedBy = links
    .filter((link) => tableKey({ schema: link.parentSchema, table: link.parentTable }) === key)
    .map(({ parentSchema: _schema, parentTable: _table, ...child }) => child);
  return { foreignKeys, referencedBy };
}

async function transactionalEngines(server: Server): Promise<Set<string>> {
  const rows = await server.query(
    `SELECT ENGINE AS engine FROM information_schema.ENGINES WHERE TRANSACTIONS = 'YES'`,
  );
  return new Set(rows.map((row) => row.engine!));
}

function conditionOn(names: readonly TableName[], schemaColumn: string, tableColumn: string): string {
  const bySchema = Map.groupBy(names, (name) => name.schema);
  const parts = [...bySchema].map(
    ([schema, tables]) =>
      `(${schemaColumn} = ${quoteText(schema)} AND ${tableColumn} IN (${tables.map((name) => quoteText(name.table)).join(', ')}))`,
  );
  return `(${parts.join(' OR ')})`;
}

function byTable(rows: TextRow[]): Map<string, TextRow[]> {
  return Map.groupBy(rows, (row) => tableKey({ schema: row.s!, table: row.t! }));
}

function foldName(name: TableName): string {
  return tableKey(name).toLowerCase();
}

// Whether our account may carry a replay out, asked before the first write: BINLOG says "Unknown error" where the
// server's applier lacks a privilege. Tries nothing out.
import type { TableMap } from '../binlog/table-map.ts';
import type { Transaction } from '../binlog/transaction.ts';
import { tableName } from '../plan/window-counts.ts';
import { ReconcileError } from '../reconcile-error.ts';
import type { Server } from '../server/connection.ts';
import type { Grants } from '../server/grants.ts';
import { quoteName } from '../server/sql-text.ts';
import { type EngineChoice, REPLICATION_PRIVILEGE } from './choose-engine.ts';
import type { Journal } from './journal.ts';
import type { EngineName } from './write-engine.ts';

const PRIVILEGE = { insert: 'INSERT', update: 'UPDATE', delete: 'DELETE' } as const;

/** What is to be written. `tables`: all that it can touch. */
export interface Replayed {
  transactions: Iterable<Transaction>;
  tables: readonly TableMap[];
}

/** `journal`: where the run writes to it. Throws ReconcileError('privilege') that names all that is missing. */
export function checkReplayPrivileges(
  server: Server,
  flavor: 'mysql' | 'mariadb',
  grants: Grants,
  { engine, why }: EngineChoice,
  replayed: Replayed,
  { triggersMatter, journal }: { triggersMatter: boolean; journal: Journal | null },
): void {
  const lacking = [
    ...lackingPrivileges(grants, flavor, engine, replayed, triggersMatter),
    ...(journal === null ? [] : lackingForJournal(grants, journal)),
  ];
  if (lacking.length === 0) return;
  const other = why === null ? '' : ` (or ${REPLICATION_PRIVILEGE[flavor]} ON *.*, to write as row events)`;
  throw new ReconcileError(
    'privilege',
    `${server.name}: ${server.user} lacks what the replay${engine === 'sql' ? ' by SQL' : ''} needs: ${lacking.join('; ')}${other}`,
    { hint: `Grant it: ${lacking.map((one) => `GRANT ${one} TO …;`).join(' ')} Nothing was written.` },
  );
}

function lackingForJournal(grants: Grants, { schema, exists }: Journal): string[] {
  const needed = exists ? ['INSERT'] : ['CREATE', 'INSERT'];
  const missing = needed.filter((privilege) => !grants.has(privilege, schema, 'journal'));
  return missing.length === 0 ? [] : [`${missing.join(', ')} ON ${quoteName(schema)}.*`];
}

/** Pure. As GRANT writes them: `INSERT, UPDATE ON `shop`.`orders``. */
function lackingPrivileges(
  grants: Grants,
  flavor: 'mysql' | 'mariadb',
  engine: EngineName,
  { transactions, tables }: Replayed,
  triggersMatter: boolean,
): string[] {
  const lacking: string[] = [];
  if (engine === 'row-events') {
    const privilege = REPLICATION_PRIVILEGE[flavor];
    if (!grants.has(privilege) && !grants.has('SUPER')) lacking.push(`${privilege} ON *.*`);
    // MariaDB applies a session's row events without asking for the tables' privileges.
    if (flavor === 'mariadb') return lacking;
  }
  // TRIGGER: to see the triggers that would fire.
  const always = ['SELECT', 'UPDATE', ...(engine === 'sql' && triggersMatter ? ['TRIGGER'] : [])];
  const mayAll = ({ schema, table }: TableMap): boolean =>
    [...always, ...Object.values(PRIVILEGE)].every((privilege) => grants.has(privilege, schema, table));
  // Most accounts may: then nothing has to be known of each change.
  if (tables.every(mayAll)) return lacking;
  const needed = new Map<string, { schema: string; table: string; privileges: Set<string> }>();
  const byMap = new Map<TableMap, Set<string>>();
  const privilegesOn = (map: TableMap): Set<string> => {
    const { schema, table } = map;
    const known = needed.get(tableName(map)) ?? { schema, table, privileges: new Set<string>(always) };
    needed.set(tableName(map), known);
    byMap.set(map, known.privileges);
    return known.privileges;
  };
  for (const { changes } of transactions) {
    // SELECT and UPDATE: for locking its rows first.
    for (const { kind, table } of changes) (byMap.get(table) ?? privilegesOn(table)).add(PRIVILEGE[kind]);
  }
  for (const { schema, table, privileges } of needed.values()) {
    const missing = [...privileges].filter((privilege) => !grants.has(privilege, schema, table)).sort();
    if (missing.length > 0) lacking.push(`${missing.join(', ')} ON ${quoteName(schema)}.${quoteName(table)}`);
  }
  return lacking;
}

// Whether our account may carry a replay out, asked before the first write: BINLOG says "Unknown error" where the
// server's applier lacks a privilege. Tries nothing out.
import type { Transaction } from '../binlog/transaction.ts';
import { tableName } from '../plan/window-counts.ts';
import { ReconcileError } from '../reconcile-error.ts';
import type { Server } from '../server/connection.ts';
import { type Grants, readGrants } from '../server/grants.ts';
import { quoteName } from '../server/sql-text.ts';

const PRIVILEGE = { insert: 'INSERT', update: 'UPDATE', delete: 'DELETE' } as const;

/** Throws ReconcileError('privilege') that names all that is missing. */
export async function checkReplayPrivileges(
  server: Server,
  flavor: 'mysql' | 'mariadb',
  transactions: readonly Transaction[],
): Promise<void> {
  const lacking = lackingPrivileges(await readGrants(server), flavor, transactions);
  if (lacking.length === 0) return;
  throw new ReconcileError(
    'privilege',
    `${server.name}: ${server.user} lacks what the replay needs: ${lacking.join('; ')}`,
    { hint: `Grant it: ${lacking.map((one) => `GRANT ${one} TO …;`).join(' ')} Nothing was written.` },
  );
}

/** Pure. As GRANT writes them: `INSERT, UPDATE ON `shop`.`orders``. */
export function lackingPrivileges(
  grants: Grants,
  flavor: 'mysql' | 'mariadb',
  transactions: readonly Transaction[],
): string[] {
  const lacking: string[] = [];
  const replication = flavor === 'mysql' ? 'REPLICATION_APPLIER' : 'BINLOG REPLAY';
  if (!grants.has(replication) && !grants.has('SUPER')) lacking.push(`${replication} ON *.*`);
  // MariaDB applies a session's row events without asking for the tables' privileges.
  if (flavor === 'mariadb') return lacking;
  const needed = new Map<string, { schema: string; table: string; privileges: Set<string> }>();
  for (const { changes } of transactions) {
    for (const { kind, table } of changes) {
      const name = tableName(table);
      const one = needed.get(name) ?? {
        schema: table.schema,
        table: table.table,
        privileges: new Set(['UPDATE']),
      };
      // UPDATE: for locking its rows first.
      one.privileges.add(PRIVILEGE[kind]);
      needed.set(name, one);
    }
  }
  for (const { schema, table, privileges } of needed.values()) {
    const missing = [...privileges].filter((privilege) => !grants.has(privilege, schema, table)).sort();
    if (missing.length > 0) lacking.push(`${missing.join(', ')} ON ${quoteName(schema)}.${quoteName(table)}`);
  }
  return lacking;
}

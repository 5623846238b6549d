// What our account may do, from SHOW GRANTS. Never tries a privilege out.
import type { Server } from './connection.ts';
import { readIdentity } from './identity.ts';

interface Grant {
  privileges: Set<string>;
  /** '*' for all. A schema is a pattern with % and _, a table is exact. */
  schema: string;
  table: string;
  revoked: boolean;
}

export interface Grants {
  /** `TRIGGER`, `SUPER`, `REPLICATION CLIENT` …; without a schema: globally. */
  has(privilege: string, schema?: string, table?: string): boolean;
}

/** With the roles that are active in our session. */
export async function readGrants(server: Server): Promise<Grants> {
  const rows = await server.query(await grantsStatement(server));
  return parseGrants(rows.map((row) => Object.values(row)[0] ?? ''));
}

async function grantsStatement(server: Server): Promise<string> {
  const { flavor } = await readIdentity(server);
  // MariaDB lists the current role's grants by itself, MySQL only on demand.
  if (flavor === 'mariadb') return 'SHOW GRANTS';
  try {
    const [row] = await server.query('SELECT CURRENT_ROLE() AS roles');
    if (row?.roles && row.roles !== 'NONE') return `SHOW GRANTS FOR CURRENT_USER() USING ${row.roles}`;
  } catch {
    // MySQL 5.7 knows no roles.
  }
  return 'SHOW GRANTS';
}

/** Pure. Lines that grant roles, proxies or routines are passed over. */
export function parseGrants(lines: readonly string[]): Grants {
  const grants: Grant[] = [];
  for (const line of lines) {
    const name = '(\\*|`(?:[^`]|``)*`|[^\\s.`]+)';
    const parts = new RegExp(`^(GRANT|REVOKE) (.+?) ON (?:TABLE )?${name}\\.${name} (?:TO|FROM) `).exec(line);
    if (!parts) continue;
    // Columns in brackets: a privilege on some columns is none on the table.
    const list = parts[2]!.replace(/[A-Z ]+\([^)]*\)/g, '');
    grants.push({
      privileges: new Set(
        list.split(',').map((privilege) => privilege.trim().replace(/^ALL$/, 'ALL PRIVILEGES')),
      ),
      schema: unquote(parts[3]!),
      table: unquote(parts[4]!),
      revoked: parts[1] === 'REVOKE',
    });
  }
  return {
    has(privilege, schema, table) {
      const matching = grants.filter(
        (grant) =>
          (grant.privileges.has(privilege) || grant.privileges.has('ALL PRIVILEGES')) &&
          (grant.schema === '*' || (schema !== undefined && matchesPattern(schema, grant.schema))) &&
          (grant.table === '*' || grant.table === table),
      );
      const revoked = matching.some((grant) => grant.revoked);
      return matching.some((grant) => !grant.revoked && !(revoked && grant.schema === '*'));
    },
  };
}

function unquote(name: string): string {
  return name.startsWith('`') ? name.slice(1, -1).replaceAll('``', '`') : name;
}

function matchesPattern(schema: string, pattern: string): boolean {
  const source = pattern.replace(
    /\\([%_])|[%_]|[.*+?^${}()|[\]\\]/g,
    (found, literal: string | undefined) => {
      if (literal !== undefined) return literal;
      return found === '%' ? '.*' : found === '_' ? '.' : `\\${found}`;
    },
  );
  return new RegExp(`^${source}$`, 's').test(schema);
}

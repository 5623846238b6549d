// Has a server that is already installed on this machine, on the PATH. Never installs one, and never uses its data.
import { createHash } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Installation, toolNames } from './installation.ts';
import { onPath, runProgram } from './run-program.ts';
import type { Flavor } from './sandbox-server.ts';

const CACHE = join(import.meta.dirname, '../../.cache/sandbox');

/** undefined if there is no server of this flavour. `mysqld` is often a link to MariaDB's server, so it is asked. */
export async function serverOnPath(flavor: Flavor): Promise<Installation | undefined> {
  for (const name of flavor === 'mariadb' ? ['mariadbd', 'mysqld'] : ['mysqld']) {
    const path = onPath(name);
    if (!path) continue;
    const says = (await runProgram([path, '--no-defaults', '--version']).catch(() => '')).trim();
    if (says === '' || /mariadb/i.test(says) !== (flavor === 'mariadb')) continue;
    const hash = createHash('sha256').update(says).digest('hex').slice(0, 12);
    return {
      kind: 'local',
      flavor,
      title: says,
      server: [path, '--no-defaults'],
      tool(tool) {
        const program = toolNames(flavor, tool).map(onPath).find(Boolean);
        return program ? [program] : undefined;
      },
      systemTables: systemTablesBeside(path),
      cache: join(CACHE, `${flavor}-local-${hash}`),
    };
  }
  return undefined;
}

function systemTablesBeside(server: string): string | undefined {
  const prefix = dirname(dirname(realpathSync(server)));
  const folders = [prefix, '/usr'].flatMap((base) => [
    `${base}/share/mariadb`,
    `${base}/share/mysql`,
    `${base}/share`,
  ]);
  return folders.find((folder) => SYSTEM_TABLES.some((file) => existsSync(join(folder, file))));
}

const SYSTEM_TABLES = ['mariadb_system_tables.sql', 'mysql_system_tables.sql'];

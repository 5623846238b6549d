// Has a server that is already installed on this machine, on the PATH. Never installs one, and never uses its data.
import { createHash } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Installation, toolNames } from './installation.ts';
import { onPath, runProgram } from './run-program.ts';
import type { Flavor } from './sandbox-server.ts';

const CACHE = join(import.meta.dirname, '../../.cache/sandbox');

/** undefined if there is no server of this flavour. `mysqld` can be a link to MariaDB's. */
export async function serverOnPath(flavor: Flavor): Promise<Installation | undefined> {
  for (const name of flavor === 'mariadb' ? ['mariadbd', 'mysqld'] : ['mysqld']) {
    const path = onPath(name);
    const says = path && (await versionLine(path, flavor));
    if (!says) continue;
    const hash = createHash('sha256').update(says).digest('hex').slice(0, 12);
    return {
      kind: 'local',
      flavor,
      title: says,
      server: [path, '--no-defaults'],
      tool: (name) => clientOnPath(flavor, name),
      systemTables: systemTablesBeside(path),
      cache: join(CACHE, `${flavor}-local-${hash}`),
    };
  }
  return undefined;
}

/** A client program that is installed on this machine. */
export async function clientOnPath(flavor: Flavor, name: string): Promise<string[] | undefined> {
  for (const path of toolNames(flavor, name).map(onPath)) {
    if (path && (await versionLine(path, flavor))) return [path];
  }
  return undefined;
}

/** What a program says of itself; nothing if it doesn't run or is of the other flavour. */
async function versionLine(path: string, flavor: Flavor): Promise<string | undefined> {
  const says = (await runProgram([path, '--no-defaults', '--version']).catch(() => '')).trim();
  return says && /mariadb/i.test(says) === (flavor === 'mariadb') ? says : undefined;
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

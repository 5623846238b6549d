// Initialises a data directory once per installation, and copies it for each server: initialising takes seconds,
// copying does not. The accounts of the sandbox are in it, so that no server has them in its binlog.
// Never touches a data directory in use.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildOnce } from './build-once.ts';
import type { Installation } from './installation.ts';
import { runProgram } from './run-program.ts';

export interface DataTemplate {
  data: string;
  password: string;
}

export async function dataTemplate(installation: Installation): Promise<DataTemplate> {
  const folder = await buildOnce(join(installation.cache, 'template'), (unfinished) =>
    initialise(installation, unfinished),
  );
  return { data: join(folder, 'data'), password: await readFile(join(folder, 'password'), 'utf8') };
}

async function initialise(installation: Installation, folder: string): Promise<void> {
  const data = join(folder, 'data');
  const password = randomBytes(12).toString('hex');
  await mkdir(data, { mode: 0o700 });
  await writeFile(join(folder, 'password'), password, { mode: 0o600 });
  const server = [...installation.server, ...asCurrentUser(), `--datadir=${data}`, ...SMALL_FILES];
  if (installation.flavor === 'mysql') {
    const accounts = join(folder, 'accounts.sql');
    await writeFile(accounts, accountsSql(password), { mode: 0o600 });
    await runProgram([...server, '--initialize-insecure', `--init-file=${accounts}`]);
    await rm(accounts);
    await rm(join(data, 'auto.cnf'), { force: true }); // Two servers of one UUID would not replicate.
  } else {
    const input = `${await mariadbSystemTables(installation)}\nFLUSH PRIVILEGES;\n${accountsSql(password)}`;
    await runProgram([...server, '--bootstrap', '--log-warnings=0', '--max-allowed-packet=8M'], { input });
  }
}

/** What mariadb-install-db does, which itself can't run on another libc than the system's. */
async function mariadbSystemTables({ systemTables, title }: Installation): Promise<string> {
  if (!systemTables) throw new Error(`The SQL of the system tables of ${title} is not found beside it.`);
  const wanted = ['system_tables', 'performance_tables', 'system_tables_data', 'sys_schema'];
  const scripts = wanted.map((name) => {
    const paths = ['mariadb', 'mysql'].map((prefix) => join(systemTables, `${prefix}_${name}.sql`));
    return paths.find((path) => existsSync(path));
  });
  scripts.splice(3, 0, join(systemTables, 'maria_add_gis_sp_bootstrap.sql'));
  const texts = await Promise.all(
    scripts.filter((path) => path !== undefined).map((path) => readFile(path, 'utf8')),
  );
  const head =
    'CREATE DATABASE IF NOT EXISTS mysql;\nUSE mysql;\nSET @auth_root_socket=NULL, @skip_auth_anonymous=1;\n';
  return head + texts.join('\n');
}

export function accountsSql(password: string): string {
  return [
    `CREATE USER 'sandbox'@'%' IDENTIFIED BY '${password}';`,
    "GRANT ALL PRIVILEGES ON *.* TO 'sandbox'@'%' WITH GRANT OPTION;",
    `CREATE USER 'replication'@'%' IDENTIFIED BY '${password}';`,
    "GRANT REPLICATION SLAVE ON *.* TO 'replication'@'%';",
    '',
  ].join('\n');
}

/** A server refuses to run as root unless it is told to. */
export function asCurrentUser(): string[] {
  return process.getuid?.() === 0 ? ['--user=root'] : [];
}

/** Options that each server version knows or, by the prefix, leaves alone. */
export const SMALL_FILES = [
  '--innodb-buffer-pool-size=64M',
  '--loose-innodb-redo-log-capacity=64M',
  '--loose-innodb-log-file-size=32M',
];

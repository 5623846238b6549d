// Debian's sysbench, unpacked beside the sandbox's servers: customers of a restored primary. Never installs it.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { debianObstacle, unpackedProgram } from '../test/sandbox/debian-packages.ts';
import type { SandboxServer } from '../test/sandbox/index.ts';

const SCHEMA = 'sbtest';

/** oltp_write_only on so many connections, until it is ended; null where Debian's packages can't be had. `folder` is the caller's own. */
export async function startSysbench(
  server: SandboxServer,
  { connections, rows, folder }: { connections: number; rows: number; folder: string },
): Promise<ChildProcess | null> {
  if (debianObstacle() !== undefined) return null;
  const { root, triplet, words } = await unpackedProgram(
    'sysbench',
    'bookworm',
    ['sysbench'],
    'usr/bin/sysbench',
  );
  const config = join(folder, 'sysbench.cnf');
  const { host, port, user, password } = server;
  // The password stands in no argument list.
  const lines = [
    `mysql-host=${host}`,
    `mysql-port=${port}`,
    `mysql-user=${user}`,
    `mysql-password=${password}`,
  ];
  writeFileSync(config, [...lines, `mysql-db=${SCHEMA}`, 'tables=1', `table-size=${rows}`, ''].join('\n'), {
    mode: 0o600,
  });
  const [program, ...before] = words;
  const all = [...before, join(root, 'usr/share/sysbench/oltp_write_only.lua'), `--config-file=${config}`];
  const env = {
    ...process.env,
    LUA_PATH: join(root, 'usr/share/sysbench/?.lua'),
    MARIADB_PLUGIN_DIR: join(root, 'usr/lib', triplet, 'libmariadb3/plugin'),
  };
  await server.query(`CREATE DATABASE ${SCHEMA}`);
  execFileSync(program!, [...all, 'prepare'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const run = [`--threads=${connections}`, '--time=0', '--report-interval=1', 'run'];
  return spawn(program!, [...all, ...run], { env, stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Transactions of the second before, where the line is a report. */
export function reportedCommits(line: string): number | null {
  const [, tps] = /^\[ \d+s \] .*?\btps: ([\d.]+)/.exec(line) ?? [];
  return tps === undefined ? null : Number(tps);
}

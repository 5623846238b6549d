// `npm run bench -- replay`: reconcile replay --apply beside `mysqlbinlog | mysql` and native replication, into one and the
// same server, turn by turn in one run. Both servers are as durable as a primary should be.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FailoverPair } from '../test/failover-pair.ts';
import { caughtUp, clientTool, replicate, stopReplication } from '../test/sandbox/index.ts';
import { cpuSeconds, residentPeak, watchCpu } from './measure.ts';
import { type ReplayWindow, replayWindows } from './replay-windows.ts';

/** Transactions a second, ours over theirs, at least. */
const TARGETS = { overPipe: 3, overNative: 1.2, bigOverPipe: 1 };
const WORKERS = [1, 4, 8, 16, 32];
const NATIVE_WORKERS = [1, 4];
/** The kernel keeps the most that a process had: asked often enough to ask near its end. */
const POLL_MILLISECONDS = 20;
const RECONCILE = join(import.meta.dirname, '..', 'bin', 'reconcile.js');

interface Measured {
  /** Of the whole command, process start and end included. */
  seconds: number;
  /** Of the replay alone, as the command reports it; null where there is no such part. */
  stage: number | null;
  /** Most resident memory of ours, in bytes; null: of others, or not told. */
  peak: number | null;
  /** Seconds of CPU of the programs that we ran for it; null where there were none, or /proc does not say. */
  cpu: number | null;
}

export async function benchReplay(print: (line: string) => void): Promise<boolean> {
  const small = await compare(replayWindows.small, WORKERS, NATIVE_WORKERS, print);
  await compare(replayWindows.keys, [1, 4, 16, 32], [4], print);
  const big = await compare(replayWindows.big, [4], [], print);
  const best = Math.min(...WORKERS.map((n) => small.get(`ours ${n}`)!));
  const targets = [
    ['1 worker over the pipe', small.get('pipe')! / small.get('ours 1')!, TARGETS.overPipe],
    ['best workers over native with 4', small.get('native 4')! / best, TARGETS.overNative],
    ['big transactions over the pipe', big.get('pipe')! / big.get('ours 4')!, TARGETS.bigOverPipe],
  ] as const;
  for (const [name, ratio, target] of targets) {
    print(
      `${name.padEnd(34)} ${ratio.toFixed(2)}x (target ${target}x: ${ratio >= target ? 'held' : 'MISSED'})`,
    );
  }
  return targets.every(([, ratio, target]) => ratio >= target);
}

/** Seconds by name, of the whole command. */
export async function compare(
  window: ReplayWindow,
  workers: readonly number[],
  nativeWorkers: readonly number[],
  print: (line: string) => void,
): Promise<Map<string, number>> {
  const pair = await FailoverPair.start({ flavor: 'mysql', args: ['--innodb-buffer-pool-size=256M'] });
  const results = new Map<string, number>();
  try {
    await pair.begin(`CREATE DATABASE bench; ${window.seed}`);
    // What the failed primary's crash would have cost does not matter here.
    await pair.failed.query(
      'SET GLOBAL sync_binlog=0; SET GLOBAL innodb_flush_log_at_trx_commit=0; FLUSH BINARY LOGS',
    );
    await pair.failed.query(window.fill);
    await keepSeed(pair, window);
    await pair.diff();
    print(`${window.about} (load ${loadAverage()}):`);
    const rows: [string, () => Promise<Measured>][] = [
      ['pipe', () => pipe(pair)],
      ...nativeWorkers.map((n): [string, () => Promise<Measured>] => [`native ${n}`, () => native(pair, n)]),
      ...workers.map((n): [string, () => Promise<Measured>] => [`ours ${n}`, () => ours(pair, n)]),
    ];
    const pid = await serverPid(pair);
    for (const [name, measure] of rows) {
      await reset(pair, window);
      const before = cpuSeconds(pid);
      const { seconds, stage, peak, cpu } = await measure();
      const after = cpuSeconds(pid);
      await check(pair, window);
      results.set(name, seconds);
      const speed = (time: number): string => `${(window.transactions / time).toFixed(0).padStart(6)}/s`;
      print(
        `  ${name.padEnd(10)} ${seconds.toFixed(2).padStart(7)} s ${speed(seconds)}${stage === null ? '' : `   replay stage ${stage.toFixed(2).padStart(6)} s ${speed(stage)}`}${peak === null ? '' : `   peak ${Math.round(peak / 1e6)} MB`}${cpuEach(window, cpu, after === null ? null : after - before!)}`,
      );
    }
  } finally {
    await pair.remove();
  }
  return results;
}

/** Microseconds of CPU a transaction: on a busy machine these say more than the time. */
function cpuEach({ transactions }: ReplayWindow, client: number | null, server: number | null): string {
  const each = (seconds: number): string => `${((seconds / transactions) * 1e6).toFixed(0)} us`;
  const parts = [
    ...(client === null ? [] : [`client ${each(client)}`]),
    ...(server === null ? [] : [`server ${each(server)}`]),
  ];
  return parts.length === 0 ? '' : `   CPU a transaction: ${parts.join(', ')}`;
}

/** Of a server that is a process of this machine. */
async function serverPid({ restored }: FailoverPair): Promise<number | undefined> {
  const [row] = await restored.query('SELECT @@pid_file AS file, @@datadir AS folder');
  try {
    return Number(readFileSync(resolve(String(row!.folder), String(row!.file)), 'latin1'));
  } catch {
    return undefined;
  }
}

async function keepSeed({ restored }: FailoverPair, { tables }: ReplayWindow): Promise<void> {
  const copies = tables.map(
    (table) => `CREATE TABLE bench.\`seed_${table}\` AS SELECT * FROM bench.\`${table}\``,
  );
  await restored.query(`SET sql_log_bin=0; ${copies.join('; ')}; SET sql_log_bin=1`);
}

/** The restored primary as it was at the failover, its log empty. */
async function reset({ restored }: FailoverPair, { tables }: ReplayWindow): Promise<void> {
  const fill = await Promise.all(
    tables.map(async (table) => {
      const columns = await restored.query(
        `SELECT COLUMN_NAME AS name FROM information_schema.COLUMNS WHERE TABLE_SCHEMA='bench' AND TABLE_NAME=? AND EXTRA NOT LIKE '%GENERATED%'`,
        [table],
      );
      const names = columns.map(({ name }) => `\`${name}\``).join(', ');
      return `TRUNCATE bench.\`${table}\`; INSERT INTO bench.\`${table}\` (${names}) SELECT ${names} FROM bench.\`seed_${table}\``;
    }),
  );
  await restored.query(
    `SET sql_log_bin=0; SET foreign_key_checks=0; DROP DATABASE IF EXISTS reconcile; ${fill.join('; ')};
     SET foreign_key_checks=1; SET sql_log_bin=1; RESET BINARY LOGS AND GTIDS`,
  );
}

/** A way that is fast because it lost something is no way. */
async function check({ failed, restored }: FailoverPair, { tables }: ReplayWindow): Promise<void> {
  for (const table of tables) {
    const sql = `CHECKSUM TABLE bench.\`${table}\``;
    const [[there], [here]] = await Promise.all([failed.query(sql), restored.query(sql)]);
    if (there!.Checksum !== here!.Checksum) throw new Error(`bench.${table} differs after the replay`);
  }
}

async function ours(pair: FailoverPair, workers: number): Promise<Measured> {
  const { host, port, user, password } = pair.restored;
  const words = [
    RECONCILE,
    ...['replay', pair.plan, '--apply', '--yes', '--json', '--restored', `mysql://${user}@${host}:${port}`],
    ...['--record', pair.record, '--workers', String(workers)],
    ...['--max-lag', 'off', '--max-load', 'off', '--max-share', 'off', '--quiet'],
  ];
  const started = performance.now();
  const child = spawn(process.execPath, [...(process.env.BENCH_NODE_OPTIONS?.split(' ') ?? []), ...words], {
    // Of both servers: the failed primary is asked whether it is fenced.
    env: { ...process.env, RECONCILE_PASSWORD: password },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const cpu = watchCpu([child.pid]);
  let peak: number | null = null;
  const watch = setInterval(() => {
    peak = residentPeak(child.pid) ?? peak;
  }, POLL_MILLISECONDS);
  await ended([child]).finally(() => clearInterval(watch));
  const seconds = (performance.now() - started) / 1000;
  const { verified, seconds: stage } = JSON.parse(text);
  if (verified.wrong > 0 || verified.changedSince > 0) throw new Error(`not as replayed: ${text}`);
  return { seconds, stage, peak, cpu: cpu() };
}

async function pipe(pair: FailoverPair): Promise<Measured> {
  const mysqlbinlog = await clientTool({ flavor: 'mysql' }, 'mysqlbinlog');
  const mysql = await clientTool({ flavor: 'mysql' }, 'mysql');
  if (!mysqlbinlog || !mysql) throw new Error('there is no mysqlbinlog or mysql to compare with');
  const { host, port, user, password } = pair.restored;
  const file = join(await pair.failed.binlogDirectory(), 'binlog.000002');
  const started = performance.now();
  const [reader, ...readerWords] = [...mysqlbinlog, file];
  const from = spawn(reader!, readerWords, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [client, ...clientWords] = [
    ...mysql,
    ...['--no-defaults', '-h', host, '-P', String(port), '-u', user, '--max-allowed-packet=1G'],
  ];
  const to = spawn(client!, clientWords, {
    env: { ...process.env, MYSQL_PWD: password },
    stdio: [from.stdout, 'ignore', 'inherit'],
  });
  const cpu = watchCpu([from.pid, to.pid]);
  await ended([from, to]);
  return { seconds: (performance.now() - started) / 1000, stage: null, peak: null, cpu: cpu() };
}

async function native(pair: FailoverPair, workers: number): Promise<Measured> {
  const { failed, restored } = pair;
  await restored.query(`SET GLOBAL replica_parallel_workers=${workers}`);
  const started = performance.now();
  await replicate({ from: failed, to: restored, gtid: true });
  await caughtUp({ from: failed, to: restored, timeoutMs: 600_000 });
  const seconds = (performance.now() - started) / 1000;
  await stopReplication(restored);
  return { seconds, stage: null, peak: null, cpu: null };
}

async function ended(children: readonly ChildProcess[]): Promise<void> {
  await Promise.all(
    children.map(
      (child) =>
        new Promise<void>((resolve, reject) => {
          child.on('error', reject);
          child.on('exit', (code) =>
            code === 0 ? resolve() : reject(new Error(`${child.spawnargs[0]} ended with ${code}`)),
          );
        }),
    ),
  );
}

function loadAverage(): string {
  return readFileSync('/proc/loadavg', 'latin1').split(' ')[0]!;
}

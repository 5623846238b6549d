// `npm run bench -- replay`: reconcile replay --apply beside `mysqlbinlog | mysql` and native replication, into one and the
// same server, turn by turn in one run. Both servers are as durable as a primary should be.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FailoverPair } from '../test/failover-pair.ts';
import { caughtUp, clientTool, replicate, stopReplication } from '../test/sandbox/index.ts';
import { cpuSeconds, median, residentPeak, watchCpu } from './measure.ts';
import { type ReplayWindow, replayWindows } from './replay-windows.ts';

/** Transactions a second, ours over theirs, at least. */
const TARGETS = { overPipe: 3, overNative: 1.2, bigOverPipe: 1 };
/** As many as serve best, and fewer. */
const BEST_WORKERS = 64;
/** What is compared is measured as often, turn by turn: the machine's mood changes from one minute to the next. */
const ROUNDS = 3;
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

interface Way {
  name: string;
  rounds: number;
  measure: (pair: FailoverPair) => Promise<Measured>;
}

/** Medians, in seconds. */
interface Result {
  seconds: number;
  /** Of the replay alone; of others, as `seconds`. */
  stage: number;
}

/** Both sides on the restored primary's own machine, as the runbook has it: through its socket, where it has one. */
const ours = (workers: number, rounds = 1): Way => ({
  name: `ours ${workers}`,
  rounds,
  measure: (pair) => replay(pair, workers, 'socket'),
});
const oursOverTls: Way = {
  name: `ours ${BEST_WORKERS}, TLS`,
  rounds: 1,
  measure: (pair) => replay(pair, BEST_WORKERS, 'tcp'),
};
const thePipe = (rounds = 1): Way => ({ name: 'pipe', rounds, measure: pipe });
const nativeWith = (workers: number, rounds = 1): Way => ({
  name: `native ${workers}`,
  rounds,
  measure: (pair) => native(pair, workers),
});

export async function benchReplay(print: (line: string) => void): Promise<boolean> {
  const small = await compare(
    replayWindows.small,
    [
      ...[thePipe(), nativeWith(1), ours(1), ours(4), ours(16), ours(32), oursOverTls],
      ...[nativeWith(4, ROUNDS), ours(BEST_WORKERS, ROUNDS)],
    ],
    print,
  );
  await compare(
    replayWindows.keys,
    [thePipe(), nativeWith(4, ROUNDS), ours(1), ours(BEST_WORKERS, ROUNDS)],
    print,
  );
  const big = await compare(replayWindows.big, [thePipe(ROUNDS), ours(4, ROUNDS)], print);
  const [best, nativeFour] = [small.get(`ours ${BEST_WORKERS}`)!, small.get('native 4')!];
  const lines: [string, number, number | null][] = [
    ['1 worker over the pipe', small.get('pipe')!.seconds / small.get('ours 1')!.seconds, TARGETS.overPipe],
    ['best workers over native with 4', nativeFour.seconds / best.seconds, TARGETS.overNative],
    ['  the replay alone', nativeFour.seconds / best.stage, null],
    [
      'big transactions, the replay alone, over the pipe',
      big.get('pipe')!.seconds / big.get('ours 4')!.stage,
      TARGETS.bigOverPipe,
    ],
    ['  the whole command', big.get('pipe')!.seconds / big.get('ours 4')!.seconds, null],
  ];
  for (const [name, ratio, target] of lines) {
    const verdict = target === null ? '' : ` (target ${target}x: ${ratio >= target ? 'held' : 'MISSED'})`;
    print(`${name.padEnd(52)} ${ratio.toFixed(2)}x${verdict}`);
  }
  return lines.every(([, ratio, target]) => target === null || ratio >= target);
}

/** By the ways' names. Those with more rounds take turns behind those with one. */
export async function compare(
  window: ReplayWindow,
  ways: readonly Way[],
  print: (line: string) => void,
): Promise<Map<string, Result>> {
  const pair = await FailoverPair.start({ flavor: 'mysql', args: ['--innodb-buffer-pool-size=256M'] });
  const results = new Map<string, Measured[]>();
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
    const pid = await serverPid(pair);
    const most = Math.max(...ways.map(({ rounds }) => rounds));
    const turns = Array.from({ length: most }, (_, round) => ways.filter(({ rounds }) => rounds > round));
    for (const { name, measure } of turns.flat()) {
      await reset(pair, window);
      const before = cpuSeconds(pid);
      const measured = await measure(pair);
      const after = cpuSeconds(pid);
      await check(pair, window);
      results.set(name, [...(results.get(name) ?? []), measured]);
      const { seconds, stage, peak, cpu } = measured;
      const speed = (time: number): string => `${(window.transactions / time).toFixed(0).padStart(6)}/s`;
      print(
        `  ${name.padEnd(12)} ${seconds.toFixed(2).padStart(7)} s ${speed(seconds)}${stage === null ? '' : `   replay stage ${stage.toFixed(2).padStart(6)} s ${speed(stage)}`}${peak === null ? '' : `   peak ${Math.round(peak / 1e6)} MB`}${cpuEach(window, cpu, after === null ? null : after - before!)}`,
      );
    }
  } finally {
    await pair.remove();
  }
  return new Map(
    [...results].map(([name, list]) => [
      name,
      {
        seconds: median(list.map(({ seconds }) => seconds)),
        stage: median(list.map(({ seconds, stage }) => stage ?? seconds)),
      },
    ]),
  );
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
async function serverPid({ restored }: Pick<FailoverPair, 'restored'>): Promise<number | undefined> {
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

async function socketOf({ restored }: FailoverPair): Promise<string | null> {
  const [row] = await restored.query('SELECT @@socket AS socket');
  // A container's is not on this machine.
  const path = String(row!.socket);
  return (await serverPid({ restored })) !== undefined && existsSync(path) ? path : null;
}

async function replay(pair: FailoverPair, workers: number, way: 'socket' | 'tcp'): Promise<Measured> {
  const { host, port, user, password } = pair.restored;
  const socket = way === 'socket' ? await socketOf(pair) : null;
  const address = socket === null ? `${host}:${port}` : `localhost?socket=${socket}`;
  const words = [
    RECONCILE,
    ...['replay', pair.plan, '--apply', '--yes', '--json', '--restored', `mysql://${user}@${address}`],
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
  const socket = await socketOf(pair);
  const file = join(await pair.failed.binlogDirectory(), 'binlog.000002');
  const started = performance.now();
  const [reader, ...readerWords] = [...mysqlbinlog, file];
  const from = spawn(reader!, readerWords, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [client, ...clientWords] = [
    ...mysql,
    ...['--no-defaults', '-u', user, '--max-allowed-packet=1G'],
    ...(socket === null ? ['-h', host, '-P', String(port)] : ['-S', socket]),
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

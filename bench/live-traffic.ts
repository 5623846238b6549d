// `npm run bench -- live-traffic`: what is left to customers while a replay with its default throttle runs beside them on
// one server. Their throughput in slices with and without the replay, turn by turn, so that a machine that gets slower or
// faster meanwhile counts for both.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { FailoverPair } from '../test/failover-pair.ts';
import type { SandboxServer } from '../test/sandbox/index.ts';
import { median } from './measure.ts';
import { reportedCommits, startSysbench } from './sysbench.ts';

/** Of the throughput without a replay, at least. */
const TARGET = 0.8;
const CUSTOMER_ROWS = 100_000;
const SLICE_SECONDS = 6;
/** Time for a process to start and for pages to be read. */
const SETTLE_SECONDS = 2;
const ROUNDS = 5;
const TRANSACTIONS = 30_000;
const RECONCILE = join(import.meta.dirname, '..', 'bin', 'reconcile.js');

interface Slice {
  from: number;
  to: number;
}

interface Customers {
  name: string;
  child: ChildProcess;
  commitsPerSecond(slice: Slice): number;
}

export async function benchLiveTraffic(
  print: (line: string) => void,
  { connections = 8, options = [] as string[] } = {},
): Promise<boolean> {
  const pair = await FailoverPair.start({ flavor: 'mysql', args: ['--innodb-buffer-pool-size=256M'] });
  try {
    await seed(pair);
    const customers = await startCustomers(pair, connections);
    await sleep(SETTLE_SECONDS * 1000);
    const alone: Slice[] = [];
    const beside: Slice[] = [];
    let replayed = 0;
    for (let round = 0; round < ROUNDS; round++) {
      alone.push(await slice());
      const replay = startReplay(pair, options);
      // Its preparation is over when it writes.
      const begun = await lostOnRestored(pair);
      while ((await lostOnRestored(pair)) === begun && replay.exitCode === null) await sleep(20);
      await sleep(SETTLE_SECONDS * 1000);
      const before = await lostOnRestored(pair);
      beside.push(await slice());
      if (replay.exitCode !== null) throw new Error('the replay was through before it was measured');
      replayed += (await lostOnRestored(pair)) - before;
      replay.kill('SIGINT');
      await once(replay, 'exit');
      await sleep(1000);
    }
    alone.push(await slice());
    customers.child.kill('SIGTERM');
    const [without, withReplay] = [alone, beside].map((slices) =>
      median(slices.map((one) => customers.commitsPerSecond(one))),
    ) as [number, number];
    const kept = withReplay / without;
    print(
      `${customers.name} on ${connections} connections (load ${loadAverage()}), ${options.join(' ') || 'default throttle'}:`,
    );
    print(`  alone            ${without.toFixed(0).padStart(6)} transactions/s`);
    print(
      `  beside a replay  ${withReplay.toFixed(0).padStart(6)} transactions/s, the replay ${(replayed / ROUNDS / SLICE_SECONDS).toFixed(0)}/s`,
    );
    print(
      `  kept             ${(100 * kept).toFixed(1)} % (target ${100 * TARGET} %: ${kept >= TARGET ? 'held' : 'MISSED'})`,
    );
    return kept >= TARGET;
  } finally {
    await pair.remove();
  }
}

async function slice(): Promise<Slice> {
  const from = Date.now();
  await sleep(SLICE_SECONDS * 1000);
  return { from, to: Date.now() };
}

async function seed(pair: FailoverPair): Promise<void> {
  await pair.begin(`CREATE DATABASE bench; CREATE TABLE bench.digits (n INT PRIMARY KEY);
    INSERT INTO bench.digits VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9);
    CREATE TABLE bench.customer (id INT PRIMARY KEY, k INT NOT NULL, c CHAR(120) NOT NULL, pad CHAR(60) NOT NULL, KEY (k));
    INSERT INTO bench.customer SELECT n, n, 'c', 'pad' FROM (SELECT 1 + a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n AS n
      FROM bench.digits a, bench.digits b, bench.digits c, bench.digits d, bench.digits e) numbers WHERE n <= ${CUSTOMER_ROWS};
    CREATE TABLE bench.lost (id INT PRIMARY KEY, n INT NOT NULL, note VARCHAR(100));
    CREATE PROCEDURE bench.lose() BEGIN
      DECLARE i INT DEFAULT 1;
      WHILE i <= ${TRANSACTIONS} DO
        START TRANSACTION;
        INSERT INTO bench.lost VALUES (i, 1, 'lost'), (-i, 1, 'lost');
        UPDATE bench.lost SET n = 2 WHERE id IN (i, -i);
        COMMIT;
        SET i = i + 1;
      END WHILE; END`);
  // What the failed primary's crash would have cost does not matter here.
  await pair.failed.query('SET GLOBAL sync_binlog=0; SET GLOBAL innodb_flush_log_at_trx_commit=0');
  await pair.failed.query('CALL bench.lose()');
  await pair.diff();
}

function startReplay(pair: FailoverPair, options: readonly string[]): ChildProcess {
  const { host, port, user, password } = pair.restored;
  return spawn(
    process.execPath,
    [
      ...[
        RECONCILE,
        'replay',
        pair.plan,
        '--apply',
        '--yes',
        '--restored',
        `mysql://${user}@${host}:${port}`,
      ],
      ...['--record', pair.record, ...options],
    ],
    { env: { ...process.env, RECONCILE_PASSWORD: password }, stdio: ['ignore', 'ignore', 'ignore'] },
  );
}

/** sysbench where it can be had, else a writer of our own that does the same. */
async function startCustomers({ restored, plan }: FailoverPair, connections: number): Promise<Customers> {
  const child =
    (await startSysbench(restored, { connections, rows: CUSTOMER_ROWS, folder: dirname(plan) })) ??
    startOwnWriter(restored, connections);
  const isSysbench = !child.spawnargs.some((word) => word.endsWith('live-writer.ts'));
  /** Commits, and milliseconds that they were counted for. */
  const reports: { at: number; commits: number; span: number }[] = [];
  createInterface({ input: child.stdout! }).on('line', (line) => {
    if (!isSysbench) {
      const [at, commits] = line.split(' ').map(Number) as [number, number];
      reports.push({ at, commits, span: 100 });
      return;
    }
    const commits = reportedCommits(line);
    if (commits !== null) reports.push({ at: Date.now(), commits, span: 1000 });
  });
  return {
    name: isSysbench ? 'sysbench oltp_write_only' : 'a writer of ours',
    child,
    commitsPerSecond({ from, to }) {
      const within = reports.filter(({ at, span }) => at - span >= from && at <= to);
      const commits = within.reduce((sum, one) => sum + one.commits, 0);
      return (1000 * commits) / within.reduce((sum, { span }) => sum + span, 0);
    },
  };
}

function startOwnWriter({ host, port, user, password }: SandboxServer, connections: number): ChildProcess {
  const words = [join(import.meta.dirname, 'live-writer.ts'), host, port, user, connections, CUSTOMER_ROWS];
  return spawn(process.execPath, words.map(String), {
    env: { ...process.env, LIVE_PASSWORD: password },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function lostOnRestored({ restored }: FailoverPair): Promise<number> {
  const [row] = await restored.query('SELECT COUNT(*) AS n FROM bench.lost WHERE id > 0');
  return Number(row!.n);
}

function loadAverage(): string {
  return readFileSync('/proc/loadavg', 'latin1').split(' ')[0]!;
}

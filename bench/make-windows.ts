// Makes the windows that are measured: binlogs of a real MySQL server, once, kept in .cache/bench. Never measures.
import { copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type SandboxServer, startServer } from '../test/sandbox/index.ts';

const CACHE = join(import.meta.dirname, '..', '.cache', 'bench');

export interface BenchWindow {
  name: string;
  about: string;
  /** Rewritten when its recipe changes: part of the file's name. */
  version: number;
  /** Runs what the window holds; the log starts empty and is all that it wrote. */
  fill(server: SandboxServer): Promise<void>;
  /** Server options beside the usual ones. */
  args?: string[];
}

const ORDERS = `CREATE TABLE orders (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, customer INT NOT NULL, status ENUM('new','paid','sent','done') NOT NULL,
  amount DECIMAL(12,2) NOT NULL, note VARCHAR(200), created DATETIME(6) NOT NULL, updated TIMESTAMP(3) NULL, weight DOUBLE)`;

/** So many rows from id `from` on, computed by the server. */
function insertOrders(from: number, count: number): string {
  return `INSERT INTO orders
    SELECT n, n * 7919 % 100003, 1 + n % 4, n % 99991 / 7, CONCAT('order ', n, REPEAT('x', n % 60)),
      TIMESTAMP'2026-11-20 10:00:00' + INTERVAL n MICROSECOND, IF(n % 3, FROM_UNIXTIME(1700000000 + n % 86400), NULL), n / 3
    FROM (SELECT a.n + 1000 * b.n + ${from} AS n FROM digits a JOIN digits b
      WHERE a.n < 1000 AND b.n < ${Math.ceil(count / 1000)}) numbers WHERE n < ${from + count}`;
}

const DIGITS = `CREATE TABLE digits (n INT PRIMARY KEY); SET SESSION cte_max_recursion_depth=2000;
  INSERT INTO digits WITH RECURSIVE d(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM d WHERE n < 1999) SELECT n FROM d`;

export const windows = {
  big: {
    name: 'few-big',
    about: 'few big transactions',
    version: 1,
    async fill(server) {
      await server.query(insertOrders(1, 500_000));
      await server.query(
        "UPDATE orders SET status = 'paid', updated = '2026-11-20 11:00:00.5', amount = amount + 1 WHERE id % 5 < 3",
      );
      await server.query('DELETE FROM orders WHERE id % 4 = 0');
    },
  },
  small: {
    name: 'many-small',
    about: 'many small transactions',
    version: 2,
    async fill(server) {
      await server.query(`SET sql_log_bin=0; CREATE PROCEDURE traffic(IN first INT, IN amount INT) BEGIN
        DECLARE i INT DEFAULT first;
        WHILE i < first + amount DO
          START TRANSACTION;
          INSERT INTO orders VALUES (i, i % 1000, 'new', i % 977 / 7, CONCAT('order ', i), NOW(6), NULL, i / 3);
          UPDATE orders SET status = 'paid', updated = NOW(3) WHERE id = i;
          COMMIT;
          IF i % 10 = 0 THEN DELETE FROM orders WHERE id = i; END IF;
          SET i = i + 1;
        END WHILE; END; SET sql_log_bin=1`);
      await Promise.all(
        [0, 1, 2, 3].map((worker) => server.query(`CALL traffic(${worker * 1_000_000 + 1}, 45000)`)),
      );
    },
  },
  memory: {
    name: 'million-keys',
    about: '1 GB in four transactions, a million distinct rows',
    version: 2,
    async fill(server) {
      await server.query(insertOrders(1, 1_000_000));
      for (let i = 0; i < 2; i++) {
        await server.query(
          "UPDATE orders SET note = CONCAT(LEFT(note, 20), REPEAT('y', 120)), weight = weight + 1",
        );
      }
      await server.query('UPDATE orders SET weight = weight + 1 WHERE id % 10 < 9');
    },
  },
  one: {
    name: 'one-transaction',
    about: 'one transaction of a million updates',
    version: 1,
    fill: (server) => updateDigests(server, 'OFF'),
  },
  packed: {
    name: 'one-compressed',
    about: 'the same transaction, compressed by the server (TRANSACTION_PAYLOAD)',
    version: 1,
    fill: (server) => updateDigests(server, 'ON'),
  },
} satisfies Record<string, BenchWindow>;

/** Digests, so that what is compressed stays long too. */
async function updateDigests(server: SandboxServer, compression: 'ON' | 'OFF'): Promise<void> {
  await server.query(`SET sql_log_bin=0;
    CREATE TABLE digests (id INT PRIMARY KEY, a CHAR(128) CHARACTER SET latin1, b CHAR(128) CHARACTER SET latin1);
    INSERT INTO digests SELECT n, SHA2(n, 512), SHA2(-n, 512) FROM
      (SELECT a.n + 1000 * b.n + 1 AS n FROM digits a JOIN digits b WHERE a.n < 1000 AND b.n < 1000) numbers;
    SET sql_log_bin=1`);
  await server.query(
    `SET binlog_transaction_compression=${compression}; UPDATE digests SET b = REVERSE(SHA2(id, 384))`,
  );
}

/** The window's one file; made if it is not there. */
export async function windowFile(window: BenchWindow, tell: (text: string) => void): Promise<string> {
  const file = join(CACHE, `${window.name}-${window.version}`, 'binlog.000002');
  if (await exists(file)) return file;
  tell(`making ${window.about} (once) …`);
  const { server, log } = await filledServer(window);
  try {
    await server.stop();
    const folder = join(CACHE, `${window.name}-${window.version}`);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await copyFile(join(await server.binlogDirectory(), log), `${file}.part`);
    await rename(`${file}.part`, file);
  } finally {
    await server.remove();
  }
  return file;
}

/** A running server whose last log, `log`, holds the window. */
export async function filledServer(window: BenchWindow): Promise<{ server: SandboxServer; log: string }> {
  const server = await startServer({
    name: `bench-${window.name}`,
    serverId: 2,
    args: [
      '--gtid-mode=ON',
      '--enforce-gtid-consistency=ON',
      '--sync-binlog=0',
      '--innodb-flush-log-at-trx-commit=0',
      '--max-binlog-size=1073741824',
      '--innodb-buffer-pool-size=512M',
      ...(window.args ?? []),
    ],
  });
  try {
    await server.query(`CREATE DATABASE IF NOT EXISTS bench`);
    const inBench: SandboxServer = { ...server, query: (sql) => server.query(`USE bench; ${sql}`) };
    await inBench.query(`${DIGITS}; ${ORDERS}`);
    await server.query('FLUSH BINARY LOGS');
    const log = (await logs(server)).at(-1)!;
    await window.fill(inBench);
    if ((await logs(server)).at(-1) !== log) throw new Error(`${window.name} does not fit one file`);
    return { server, log };
  } catch (error) {
    await server.remove();
    throw error;
  }
}

async function logs(server: SandboxServer): Promise<string[]> {
  return (await server.query('SHOW BINARY LOGS')).map((row) => String(row.Log_name));
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

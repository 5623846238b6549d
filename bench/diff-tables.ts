// The tables and the window that the diff is measured on: one MySQL server that first plays the failed primary, then, its
// tables put back as they were and its log emptied, the restored one. Never measures.
import { copyFileSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type SandboxServer, startServer } from '../test/sandbox/index.ts';

export interface DiffTables {
  server: SandboxServer;
  /** Words behind `reconcile diff` that name the log and the server. */
  options: string[];
  env: Record<string, string>;
}

const SCRATCH = join(import.meta.dirname, '..', '.cache', 'bench');

export async function startDiffServer(): Promise<SandboxServer> {
  const server = await startServer({
    name: 'bench-diff',
    serverId: 2,
    args: [
      '--sync-binlog=0',
      '--innodb-flush-log-at-trx-commit=0',
      '--max-binlog-size=1073741824',
      '--innodb-buffer-pool-size=1G',
      '--innodb-redo-log-capacity=1G',
      '--gtid-mode=ON',
      '--enforce-gtid-consistency=ON',
    ],
  });
  await server.query(`SET sql_log_bin=0; SET SESSION cte_max_recursion_depth=4000; CREATE DATABASE numbers;
    CREATE TABLE numbers.digits (n INT PRIMARY KEY);
    INSERT INTO numbers.digits WITH RECURSIVE d(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM d WHERE n < 2999) SELECT n FROM d`);
  return server;
}

/** `SCHEMA.orders`, rows 1 to `rows`, in no log. */
export async function fillOrders(server: SandboxServer, schema: string, rows: number): Promise<void> {
  await server.query(`SET sql_log_bin=0; CREATE DATABASE ${schema}; USE ${schema};
    CREATE TABLE orders (
      id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, customer INT NOT NULL,
      status ENUM('new','paid','sent','done') NOT NULL, amount DECIMAL(12,2) NOT NULL, note VARCHAR(200),
      created DATETIME(6) NOT NULL, updated TIMESTAMP(3) NULL, weight DOUBLE);
    INSERT INTO orders
      SELECT n, n * 7919 % 100003, 1 + n % 4, n % 99991 / 7, CONCAT('order ', n, REPEAT('x', n % 60)),
        TIMESTAMP'2026-11-20 10:00:00' + INTERVAL n MICROSECOND, IF(n % 3, FROM_UNIXTIME(1700000000 + n % 86400), NULL), n / 3
      FROM (SELECT a.n + 1000 * b.n + 1 AS n FROM numbers.digits a JOIN numbers.digits b
        WHERE a.n < 1000 AND b.n < ${rows / 1000}) numbered`);
}

/**
 * Runs `sql` in the log, keeps the log, puts SCHEMA.orders back as it was. The table as `sql` left it stays as
 * SCHEMA_failed.orders, if that is asked for.
 */
export async function windowOf(
  server: SandboxServer,
  schema: string,
  sql: readonly string[],
  keepFailed = false,
): Promise<DiffTables> {
  await server.query(`SET sql_log_bin=0; USE ${schema}; CREATE TABLE before_it LIKE orders;
    INSERT INTO before_it SELECT * FROM orders; SET GLOBAL server_id=2; FLUSH BINARY LOGS`);
  const file = await lastLog(server);
  // Side by side, as customers do.
  await Promise.all(sql.map((one) => server.query(`USE ${schema}; ${one}`)));
  const folder = join(SCRATCH, `diff-${schema}`);
  mkdirSync(folder, { recursive: true });
  await server.query('FLUSH BINARY LOGS');
  const kept = join(folder, file);
  copyFileSync(join(await server.binlogDirectory(), file), kept);
  await server.query(`SET sql_log_bin=0; USE ${schema};
    ${keepFailed ? `CREATE DATABASE ${schema}_failed; RENAME TABLE orders TO ${schema}_failed.orders` : 'DROP TABLE orders'};
    RENAME TABLE before_it TO orders; ANALYZE TABLE orders`);
  await server.query('RESET BINARY LOGS AND GTIDS; SET GLOBAL server_id=1');
  return {
    server,
    options: [
      ...[
        '--binlog',
        kept,
        '--start-position',
        `${file}:4`,
        '--stop-position',
        `${file}:${statSync(kept).size}`,
      ],
      ...['--restored', `mysql://${server.user}@${server.host}:${server.port}`],
      ...['--plan', join(folder, 'reconcile.plan.jsonl'), '--quiet'],
    ],
    env: { RECONCILE_RESTORED_PASSWORD: server.password },
  };
}

async function lastLog(server: SandboxServer): Promise<string> {
  return String((await server.query('SHOW BINARY LOGS')).at(-1)!.Log_name);
}

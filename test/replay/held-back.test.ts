// A replay beside replicas, customers and operators, on real servers: it waits for those that lag, sees the target change
// under it, and customers do not wait for it.

import { setTimeout as sleep } from 'node:timers/promises';
import mysql from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CustomerLoad } from '../../src/replay/customer-load.ts';
import { ReplicaLag } from '../../src/replay/replica-lag.ts';
import { NO_THROTTLE } from '../../src/replay/throttle.ts';
import { connectServer, type Server } from '../../src/server/connection.ts';
import { knownReplicas } from '../../src/server/replicas.ts';
import { sendBatch } from '../../src/server/statement-batch.ts';
import { FailoverPair, type PairOptions } from '../failover-pair.ts';
import { caughtUp, replicate, type SandboxServer, startServer, stopReplication } from '../sandbox/index.ts';

// A container knows itself, and is seen by its source, under an address and a port of the engine's network; those that are published
// on this machine stand in no SHOW REPLICAS. So a replay that runs outside of that network finds no replica in it.
const OWN_NETWORK = 'a container reports an address of its own network, which is not to be reached from here';

const MODES: [string, PairOptions][] = [
  ['MySQL', { flavor: 'mysql' }],
  ['MariaDB', { flavor: 'mariadb' }],
];

describe.each(MODES)('%s', (_, options) => {
  let pair: FailoverPair;
  let replica: SandboxServer;
  let schema = 0;

  beforeAll(async () => {
    pair = await FailoverPair.start(options);
    const gtids = options.flavor === 'mysql' ? ['--gtid-mode=ON', '--enforce-gtid-consistency=ON'] : [];
    replica = await startServer({ name: 'replica', flavor: options.flavor, serverId: 3, args: gtids });
  });
  afterAll(async () => {
    await replica?.remove();
    await pair?.remove();
  });

  /** Rows 1 to `rows` on both; the failed primary then changes each, in a transaction of its own. */
  async function window(rows: number): Promise<string> {
    schema += 1;
    const name = `h${schema}`;
    const values = Array.from({ length: rows }, (_, i) => `(${i + 1},0)`);
    await pair.begin(
      `CREATE DATABASE ${name}; CREATE TABLE ${name}.t (id INT PRIMARY KEY, n INT) ENGINE=InnoDB;
       INSERT INTO ${name}.t VALUES ${values.join(',')}`,
    );
    await replica.query(
      `SET sql_log_bin=0; CREATE DATABASE ${name}; CREATE TABLE ${name}.t (id INT PRIMARY KEY, n INT) ENGINE=InnoDB;
       INSERT INTO ${name}.t VALUES ${values.join(',')}; SET sql_log_bin=1`,
    );
    await pair.onFailed(...values.map((_, i) => `UPDATE ${name}.t SET n=1 WHERE id=${i + 1}`));
    await pair.diff();
    return name;
  }

  async function done(name: string): Promise<number> {
    const [row] = await pair.restored.query(`SELECT COALESCE(SUM(n), 0) AS done FROM ${name}.t`);
    return Number(row!.done);
  }

  async function asServer<T>(work: (server: Server) => Promise<T>): Promise<T> {
    const server = await connectServer(pair.choice('restored'));
    try {
      return await work(server);
    } finally {
      await server.close();
    }
  }

  test('customers at work are counted, our own statements are not', async () => {
    await asServer(async (restored) => {
      const load = new CustomerLoad(restored, options.flavor === 'mysql' ? 1 : 0);
      const look = async () => {
        for (let i = 0; i < 15; i++) await load.measure(0);
        return load.measure(0);
      };
      const ours = await restored.open();
      load.count(ours);
      const own = [ours.query('SELECT SLEEP(0.4)'), sendBatch(ours, ['SELECT SLEEP(0.4)'])];
      expect(await look()).toBeLessThan(0.5);
      const customers = await Promise.all([0, 1, 2].map(() => restored.open()));
      const busy = customers.map((one) => one.query('SELECT SLEEP(3)'));
      await sleep(100);
      expect(await look()).toBeGreaterThan(2.5);
      await Promise.all([...own, ...busy]);
    });
  });

  describe('with a replica', () => {
    beforeAll(() => replicate({ from: pair.restored, to: replica, gtid: true }));
    afterAll(() => stopReplication(replica));

    test('the replica is found and its lag is measured by the log, to the second', async ({ skip }) => {
      if (replica.kind === 'docker') skip(OWN_NETWORK);
      await asServer(async (restored) => {
        const [known] = await knownReplicas(restored);
        expect(known).toMatchObject({ serverId: 3 });
        const warnings: string[] = [];
        const lag = new ReplicaLag(restored, pair.choice('restored'), (text) => warnings.push(text));
        const look = async () => {
          await lag.list(true);
          return (await lag.measure())?.milliseconds;
        };
        await pair.restored.query('CREATE DATABASE behind; CREATE TABLE behind.t (id INT)');
        await caughtUp({ from: pair.restored, to: replica });
        await expect.poll(look).toBe(0);
        expect(warnings).toEqual([]);
        // A new file without a write in it is no lag.
        await pair.restored.query('FLUSH BINARY LOGS');
        await sleep(1500);
        expect(await look()).toBe(0);
        const keeper = await mysql.createConnection(replicaAddress());
        try {
          // The applier waits behind this session's lock.
          await keeper.query('LOCK TABLES behind.t READ');
          await pair.restored.query('INSERT INTO behind.t VALUES (1)');
          await look();
          await sleep(2000);
          const behind = (await look())!;
          expect(behind).toBeGreaterThan(1500);
          expect(behind).toBeLessThan(5000);
          await keeper.query('UNLOCK TABLES');
          await caughtUp({ from: pair.restored, to: replica });
          await expect.poll(look).toBe(0);
        } finally {
          await keeper.end();
          await lag.close();
        }
      });
    });

    test('the replay waits for it, says so, and goes on', async ({ skip }) => {
      if (replica.kind === 'docker') skip(OWN_NETWORK);
      const t = await window(40);
      await caughtUp({ from: pair.restored, to: replica });
      const keeper = await mysql.createConnection(replicaAddress());
      pair.throttle = { ...NO_THROTTLE, maxLag: 1000 };
      try {
        await keeper.query(`LOCK TABLES ${t}.t READ`);
        pair.steps.length = 0;
        // Slow enough that the lag shows before all is done.
        pair.throttle = { ...pair.throttle, maxRate: 5 };
        const replay = pair.replay({ apply: true });
        await expect
          .poll(() => pair.steps.join('\n'), { timeout: 20_000 })
          .toMatch(/waiting \d+ s: replica 127\.0\.0\.1:\d+ is \d+ s behind \(--max-lag 1s\)/);
        const before = await done(t);
        expect(before).toBeLessThan(40);
        await sleep(1000);
        expect(await done(t)).toBe(before);
        pair.throttle = NO_THROTTLE;
        await keeper.query('UNLOCK TABLES');
        const outcome = await replay;
        expect(outcome.applied).toHaveLength(40);
        expect(outcome.secondsHeldBack).toBeGreaterThan(1);
        expect(await done(t)).toBe(40);
        await caughtUp({ from: pair.restored, to: replica });
        expect(await replica.query(`SELECT SUM(n) AS n FROM ${t}.t`)).toMatchObject([
          { n: expect.anything() },
        ]);
      } finally {
        pair.throttle = NO_THROTTLE;
        await keeper.end();
      }
    });

    test('a replica that does not apply is said, and not waited for', async ({ skip }) => {
      if (replica.kind === 'docker') skip(OWN_NETWORK);
      const word = options.flavor === 'mysql' ? 'REPLICA' : 'SLAVE';
      const t = await window(3);
      await replica.query(`STOP ${word} SQL_THREAD`);
      pair.throttle = { ...NO_THROTTLE, maxLag: 100 };
      pair.warnings.length = 0;
      try {
        expect((await pair.replay({ apply: true })).applied).toHaveLength(3);
        expect(pair.warnings.join('\n')).toMatch(/replica 127\.0\.0\.1:\d+ does not apply what it is sent/);
        expect(await done(t)).toBe(3);
      } finally {
        pair.throttle = NO_THROTTLE;
        await replica.query(`START ${word} SQL_THREAD`);
      }
    });

    test('a replica that breaks while the replay runs is said, and waited for no more', async ({ skip }) => {
      if (replica.kind === 'docker') skip(OWN_NETWORK);
      const word = options.flavor === 'mysql' ? 'REPLICA' : 'SLAVE';
      const t = await window(30);
      await caughtUp({ from: pair.restored, to: replica });
      // What it is sent for this row does not fit.
      await replica.query(`SET sql_log_bin=0; DELETE FROM ${t}.t WHERE id=5; SET sql_log_bin=1`);
      pair.throttle = { ...NO_THROTTLE, maxLag: 500, maxRate: 10 };
      pair.warnings.length = 0;
      try {
        expect((await pair.replay({ apply: true })).applied).toHaveLength(30);
        expect(pair.warnings.filter((one) => /does not apply what it is sent/.test(one))).toHaveLength(1);
        expect(await done(t)).toBe(30);
      } finally {
        pair.throttle = NO_THROTTLE;
        await replica.query(
          `STOP ${word}; SET sql_log_bin=0; INSERT INTO ${t}.t VALUES (5,0); SET sql_log_bin=1; START ${word}`,
        );
        await caughtUp({ from: pair.restored, to: replica });
      }
    });

    test('a replica that lets us not in is said, and not waited for', async ({ skip }) => {
      if (replica.kind === 'docker') skip(OWN_NETWORK);
      await pair.restored.query(
        "SET sql_log_bin=0; CREATE USER 'alone'@'%' IDENTIFIED BY 'alone'; GRANT ALL ON *.* TO 'alone'@'%'; SET sql_log_bin=1",
      );
      await window(3);
      pair.accounts = { restored: { user: 'alone', password: 'alone' } };
      pair.throttle = { ...NO_THROTTLE, maxLag: 100 };
      pair.warnings.length = 0;
      try {
        expect((await pair.replay({ apply: true })).applied).toHaveLength(3);
        expect(pair.warnings.join('\n')).toMatch(
          /the lag of replica 3 can't be measured, so --max-lag does not wait for it: .*access denied/,
        );
      } finally {
        pair.accounts = {};
        pair.throttle = NO_THROTTLE;
      }
    });

    test('its dump thread is nobody’s load', async () => {
      await asServer(async (restored) => {
        const load = new CustomerLoad(restored, options.flavor === 'mysql' ? 1 : 0);
        const { length } = await knownReplicas(restored);
        expect(length).toBe(1);
        const looks = [];
        for (let i = 0; i < 10; i++) looks.push(await load.measure(length));
        expect(Math.min(...looks)).toBeLessThan(0.2);
      });
    });
  });

  test.each([
    [
      'read-only',
      'restored-read-only',
      () => (options.flavor === 'mysql' ? 'SET GLOBAL super_read_only=ON' : 'SET GLOBAL read_only=ON'),
    ],
    [
      'a replica',
      'restored-replicates',
      () =>
        options.flavor === 'mysql'
          ? "CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT=1, SOURCE_USER='x'; START REPLICA"
          : "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=1, MASTER_USER='x'; START SLAVE",
    ],
  ])('a target that becomes %s while the replay runs is written to no more', async (_, check, change) => {
    const t = await window(60);
    pair.throttle = { ...NO_THROTTLE, maxRate: 20 };
    const replay = pair.replay({ apply: true }).then(
      () => expect.unreachable(),
      (error: unknown) => error,
    );
    await expect.poll(() => done(t), { timeout: 10_000 }).toBeGreaterThan(3);
    await pair.restored.query(change());
    const error = await replay;
    pair.throttle = NO_THROTTLE;
    await pair.restored.query('SET GLOBAL read_only=OFF');
    await stopReplication(pair.restored);
    const after = await done(t);
    expect(error).toMatchObject({ code: 'refused', check });
    expect(String(error)).toContain(`(${after} transactions of this run are replayed and committed)`);
    expect(after).toBeLessThan(60);
    expect((await pair.replay({ apply: true })).applied).toHaveLength(60 - after);
  });

  test('a session that lost the replay’s lock writes no more', async () => {
    const t = await window(60);
    pair.throttle = { ...NO_THROTTLE, maxRate: 20 };
    const replay = pair.replay({ apply: true }).then(
      () => expect.unreachable(),
      (error: unknown) => error,
    );
    await expect.poll(() => done(t), { timeout: 10_000 }).toBeGreaterThan(3);
    const [lock] = await pair.restored.query("SELECT IS_USED_LOCK('reconcile.replay') AS session");
    await pair.restored.query(`KILL ${lock!.session}`);
    expect(await replay).toMatchObject({ code: 'connection' });
    pair.throttle = NO_THROTTLE;
    const after = await done(t);
    expect(after).toBeLessThan(60);
    expect((await pair.replay({ apply: true })).applied).toHaveLength(60 - after);
  });

  test('where nobody else is at work the share of others is nobody’s: nothing is held back', async () => {
    const t = await window(400);
    pair.throttle = { ...NO_THROTTLE, maxLoad: 50, maxShare: 0.1 };
    const { applied, secondsHeldBack } = await pair.replay({ apply: true });
    pair.throttle = NO_THROTTLE;
    expect(applied).toHaveLength(400);
    expect(await done(t)).toBe(400);
    expect(secondsHeldBack).toBeLessThan(0.3);
  });

  test('Ctrl-C ends its waiting, and says what is done', async () => {
    const t = await window(6);
    pair.throttle = { ...NO_THROTTLE, maxRate: 1 };
    const controller = new AbortController();
    const replay = pair.replay({ apply: true, signal: controller.signal }).then(
      () => expect.unreachable(),
      (error: unknown) => error,
    );
    await expect.poll(() => done(t), { timeout: 10_000 }).toBeGreaterThan(0);
    controller.abort();
    const error = await replay;
    pair.throttle = NO_THROTTLE;
    const after = await done(t);
    expect(error).toMatchObject({ code: 'interrupted' });
    expect(String(error)).toContain(
      `interrupted: ${after} of 6 transactions are replayed and committed by this run`,
    );
    expect((await pair.replay({ apply: true })).applied).toHaveLength(6 - after);
  });

  test('while it is throttled it holds no lock', async () => {
    const t = await window(6);
    pair.throttle = { ...NO_THROTTLE, maxRate: 2 };
    const customer = await mysql.createConnection(restoredAddress());
    try {
      const replay = pair.replay({ apply: true });
      const waits: number[] = [];
      for (let ended = false; !ended; ) {
        const began = performance.now();
        // The rows that are replayed by now, and those that are still to be.
        await customer.query(`UPDATE ${t}.t SET n=n`);
        waits.push(performance.now() - began);
        ended = (await Promise.race([replay.then(() => 'ended'), sleep(10)])) === 'ended';
      }
      expect((await replay).applied).toHaveLength(6);
      expect(await done(t)).toBe(6);
      expect(Math.max(...waits)).toBeLessThan(450);
    } finally {
      pair.throttle = NO_THROTTLE;
      await customer.end();
    }
  });

  test('customers who hold a row and who want another never wait longer for us than a second and a bit', async () => {
    const t = await window(1);
    await pair.begin(
      `CREATE TABLE ${t}.pair (id INT PRIMARY KEY, n INT) ENGINE=InnoDB; INSERT INTO ${t}.pair VALUES (1,0),(2,0),(3,0)`,
    );
    await pair.onFailed(`UPDATE ${t}.pair SET n=1 WHERE id=1; UPDATE ${t}.pair SET n=1 WHERE id=3`);
    await pair.diff();
    const [holder, other] = await Promise.all([0, 1].map(() => mysql.createConnection(restoredAddress())));
    try {
      await holder!.query('START TRANSACTION');
      await holder!.query(`UPDATE ${t}.pair SET n=5 WHERE id=3`);
      const replay = pair.replay({ apply: true });
      const waits: number[] = [];
      for (let end = performance.now() + 3500; performance.now() < end; ) {
        const began = performance.now();
        // The row that the replay has locked already when it waits for the holder's.
        await other!.query(`UPDATE ${t}.pair SET n=n WHERE id=1`);
        waits.push(performance.now() - began);
        await sleep(20);
      }
      await holder!.query('ROLLBACK');
      expect((await replay).applied).toHaveLength(1);
      expect(Math.max(...waits)).toBeLessThan(1500);
      expect(Math.max(...waits), 'they did meet').toBeGreaterThan(5);
      expect(await pair.restored.query(`SELECT id, n FROM ${t}.pair ORDER BY id`)).toEqual([
        { id: 1, n: 1 },
        { id: 2, n: 0 },
        { id: 3, n: 1 },
      ]);
    } finally {
      await Promise.all([holder!.end(), other!.end()]);
    }
  });

  test('nor where the replay waits for a table that somebody has locked', async () => {
    const t = await window(1);
    const written = async () => Number((await pair.restored.query(`SELECT n FROM ${t}.three`))[0]!.n);
    await pair.begin(
      `CREATE TABLE ${t}.three (id INT PRIMARY KEY, n INT) ENGINE=InnoDB; INSERT INTO ${t}.three VALUES (1,0);
       CREATE TABLE ${t}.one (id INT PRIMARY KEY, n INT) ENGINE=InnoDB; INSERT INTO ${t}.one VALUES (1,0);
       CREATE TABLE ${t}.two (id INT PRIMARY KEY, n INT) ENGINE=InnoDB; INSERT INTO ${t}.two VALUES (1,0)`,
    );
    await pair.onFailed(
      `UPDATE ${t}.three SET n=1 WHERE id=1`,
      `UPDATE ${t}.one SET n=1 WHERE id=1; UPDATE ${t}.two SET n=1 WHERE id=1`,
    );
    await pair.diff();
    const [holder, other] = await Promise.all([0, 1].map(() => mysql.createConnection(restoredAddress())));
    try {
      pair.throttle = { ...NO_THROTTLE, maxRate: 1 };
      // By row events all tables are asked for before a row is locked.
      const replay = pair.replay({ apply: true, workers: 1, engine: 'sql' });
      await expect.poll(written, { interval: 20 }).toBe(1);
      await holder!.query(`LOCK TABLES ${t}.two WRITE`);
      const waits: number[] = [];
      for (let end = performance.now() + 3500; performance.now() < end; ) {
        const began = performance.now();
        // The row that the replay has locked already when it waits for the holder's table.
        await other!.query(`UPDATE ${t}.one SET n=n WHERE id=1`);
        waits.push(performance.now() - began);
        await sleep(20);
      }
      await holder!.query('UNLOCK TABLES');
      expect((await replay).applied).toHaveLength(2);
      expect(Math.max(...waits)).toBeLessThan(1500);
      expect(Math.max(...waits), 'they did meet').toBeGreaterThan(100);
    } finally {
      pair.throttle = NO_THROTTLE;
      await Promise.all([holder!.end(), other!.end()]);
    }
  });

  test('a table that stays locked before the first write is named, and not called altered', async () => {
    const t = await window(2);
    const holder = await mysql.createConnection(restoredAddress());
    try {
      await holder.query(`LOCK TABLES ${t}.t WRITE`);
      await expect(pair.replay({ apply: true })).rejects.toMatchObject({
        code: 'connection',
        message: expect.stringContaining(`another session keeps ${t}.t locked`),
      });
    } finally {
      await holder.end();
    }
    expect((await pair.replay({ apply: true })).applied).toHaveLength(2);
  });

  const addressOf = ({ host, port, user, password }: SandboxServer) => ({ host, port, user, password });
  const replicaAddress = () => addressOf(replica);
  const restoredAddress = () => addressOf(pair.restored);
});

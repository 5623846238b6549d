// The sandbox keeps what it promises to the other tests, in whichever way this machine has its servers.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import {
  caughtUp,
  type Flavor,
  replicate,
  type SandboxServer,
  startServer,
  stopAll,
  stopReplication,
} from './index.ts';

afterAll(stopAll);

const FLAVORS: { flavor: Flavor; args: string[]; readOnly: string }[] = [
  {
    flavor: 'mysql',
    args: ['--gtid-mode=ON', '--enforce-gtid-consistency=ON'],
    readOnly: '--super-read-only=ON',
  },
  { flavor: 'mariadb', args: [], readOnly: '--read-only=ON' },
];

describe.each(FLAVORS)('$flavor', ({ flavor, args, readOnly }) => {
  test('two servers fail over, one dies in mid-write, and its writes come out of its binlog', async () => {
    const [a, b] = await Promise.all([
      startServer({ name: 'a', flavor, args, serverId: 1 }),
      startServer({ name: 'b', flavor, args, serverId: 2 }),
    ]);
    expect([a.port, a.name, b.name]).not.toContain(b.port);
    const gtids = flavor === 'mysql' ? '@@GLOBAL.gtid_executed' : '@@GLOBAL.gtid_binlog_pos';
    expect(await a.query(`SELECT ${gtids} AS gtids`)).toEqual([{ gtids: '' }]);

    await replicate({ from: a, to: b, gtid: true });
    await a.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY, note TEXT)');
    await a.query('INSERT INTO shop.orders VALUES (?, ?)', [1, 'grüße']);
    await caughtUp({ from: a, to: b });
    expect(await b.query('SELECT * FROM shop.orders')).toEqual([{ id: 1, note: 'grüße' }]);

    const acknowledged = await writeUntilKilled(b);
    expect(acknowledged).toBeGreaterThan(0);
    const files = await readdir(await b.binlogDirectory());
    expect(files).toContain('binlog.000001');
    const log = await readFile(join(await b.binlogDirectory(), 'binlog.000001'));
    expect(log.subarray(0, 4)).toEqual(Buffer.from([0xfe, 0x62, 0x69, 0x6e]));
    expect(log.includes(`write ${acknowledged}`)).toBe(true);

    const before = b.port;
    await b.restart([readOnly]);
    expect(b.port).toBe(before);
    expect(await b.query('SELECT @@GLOBAL.read_only AS readOnly')).toEqual([{ readOnly: 1 }]);
    const [kept] = await b.query('SELECT COUNT(*) AS n FROM shop.orders');
    expect(Number(kept!.n)).toBeGreaterThanOrEqual(1 + acknowledged);

    // It follows the survivor the other way round, and the option of one start is gone with the next.
    await replicate({ from: b, to: a, gtid: true });
    await caughtUp({ from: b, to: a });
    expect(await a.query('SELECT COUNT(*) AS n FROM shop.orders')).toEqual([kept]);
    await b.restart();
    expect(await b.query('SELECT @@GLOBAL.read_only AS readOnly')).toEqual([{ readOnly: 0 }]);
    await Promise.all([a.remove(), b.remove()]);
  });

  test('replication by file and position, a frozen server, and the end', async () => {
    const [a, b] = await Promise.all([
      startServer({ name: 'a', flavor, serverId: 1 }),
      startServer({ name: 'b', flavor, serverId: 2 }),
    ]);
    await replicate({ from: a, to: b, gtid: false });
    await a.query('CREATE DATABASE later; CREATE TABLE later.t (id INT PRIMARY KEY)');
    await caughtUp({ from: a, to: b });
    expect(await b.query('SHOW TABLES FROM later')).toHaveLength(1);

    await a.freeze();
    let answered = false;
    const answer = a.query('SELECT 1').finally(() => {
      answered = true;
    });
    await sleep(300);
    expect(answered).toBe(false);
    await a.thaw();
    await answer;

    await b.query('INSERT INTO later.t VALUES (1)');
    await a.query('INSERT INTO later.t VALUES (1)');
    await expect(caughtUp({ from: a, to: b })).rejects.toThrow(
      /b has not caught up with a: .*Duplicate entry '1'/,
    );
    await stopReplication(b);
    await expect(caughtUp({ from: a, to: b })).rejects.toThrow('b is no replica');
    expect((await a.tlsCaFile()) !== undefined).toBe(flavor === 'mysql');
    await a.stop();
    await a.restart();
    await stopAll();
    expect(await accepts(a.port)).toBe(false);
    expect(await accepts(b.port)).toBe(false);
  });
});

test('a server does not outlive its process', async () => {
  const script = `
    import { startServer } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))};
    const server = await startServer({ name: 'orphan', flavor: 'mariadb', serverId: 1 });
    console.log(server.port);
    await new Promise((resolve) => setTimeout(resolve, 60_000));`;
  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(child.stdout, 'data');
    const port = Number(line);
    expect(await accepts(port)).toBe(true);
    child.kill(signal);
    await once(child, 'exit');
    for (let waited = 0; waited < 10_000 && (await accepts(port)); waited += 50) await sleep(50);
    expect(await accepts(port)).toBe(false);
  }
});

test('a server that cannot start says why', async () => {
  const refused = startServer({ name: 'wrong', flavor: 'mariadb', serverId: 1, args: ['--no-such-option'] });
  await expect(refused).rejects.toThrow(/did not start[\s\S]*no-such-option/);
});

/** Writes rows one by one while the server is killed. How many it acknowledged. */
async function writeUntilKilled(server: SandboxServer): Promise<number> {
  let acknowledged = 0;
  const writing = (async () => {
    for (;;) {
      await server.query('INSERT INTO shop.orders VALUES (?, ?)', [
        acknowledged + 100,
        `write ${acknowledged + 1}`,
      ]);
      acknowledged++;
    }
  })().catch(() => {});
  await sleep(200);
  await server.kill();
  await writing;
  return acknowledged;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
    socket.once('connect', () => socket.end());
  });
}

// A log of 100 MB and more over the protocol: a slow reader holds the server back instead of filling memory, and a dump
// whose thread is killed on the server goes on where it was.
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFileSource } from '../../src/binlog/file-source.ts';
import { openLiveSource } from '../../src/binlog/live-source.ts';
import type { EventSource, RawEvent } from '../../src/binlog/raw-event.ts';
import { type SandboxServer, startServer } from '../sandbox/index.ts';
import { type Coordinates, connectTo, digestOf, endOf, eventsOf, logsOf, servers } from './reading.ts';

const ROWS = 240;
const ROW_BYTES = 500_000;
/** What may lie between the server and a reader that does not read: the tap's bound, and buffers of three sockets. */
const MOST_IN_FLIGHT = 32e6;

describe.each(servers.filter(({ version }) => version !== '10.11'))('$name', ({ flavor, version, args }) => {
  let server: SandboxServer;
  let stop: Coordinates;
  let files: { name: string; size: number }[];
  let expected: string;
  let proxy: Server;
  let passed = 0;
  const sockets = new Set<Socket>();
  const start = { kind: 'position', file: 'binlog.000001', position: 4 } as const;

  beforeAll(async () => {
    server = await startServer({ name: `flow-${version}`, flavor, version, serverId: 21, args: [...args] });
    const connection = await connectTo(server);
    await connection.query('CREATE DATABASE l; USE l; CREATE TABLE t (id INT PRIMARY KEY, big LONGTEXT)');
    for (let id = 0; id < ROWS; id += 40) {
      const rows = Array.from({ length: 40 }, (_, i) => `(${id + i}, REPEAT('${id % 7}', ${ROW_BYTES}))`);
      await connection.query(`INSERT INTO t VALUES ${rows.join()}`);
    }
    connection.destroy();
    [stop, files] = [await endOf(server), await logsOf(server)];
    const paths = [await server.binlogDirectory()];
    expected = digestOf(await eventsOf(await openFileSource({ paths, start, stop })));
    proxy = createServer((client) => {
      const upstream = connect(server.port, server.host);
      sockets.add(client).add(upstream);
      for (const socket of [client, upstream]) socket.on('error', () => {});
      client.on('close', () => upstream.destroy());
      upstream.on('close', () => client.destroy());
      upstream.on('data', (data) => {
        passed += data.length;
      });
      client.pipe(upstream).pipe(client);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    proxy?.close();
    for (const socket of sockets) socket.destroy();
    await server?.remove();
  });

  const open = (): Promise<EventSource> => {
    passed = 0;
    const { user, password } = server;
    const { port } = proxy.address() as { port: number };
    return openLiveSource({ connection: { host: '127.0.0.1', port, user, password }, start, stop, files });
  };

  it('a reader that does not read for a while holds the server back', async () => {
    const source = await open();
    let read = 0;
    const events: RawEvent[] = [];
    for await (const batch of source.batches()) {
      for (const event of batch) {
        read += event.bytes.length;
        events.push(event);
      }
      if (read > ROWS * ROW_BYTES * 0.1 && read < ROWS * ROW_BYTES * 0.6) {
        // Long enough for all of it to come over loopback many times.
        await sleep(400);
        expect(passed - read).toBeLessThan(MOST_IN_FLIGHT);
      }
    }
    expect(digestOf(events)).toBe(expected);
    expect(read).toBeGreaterThan(ROWS * ROW_BYTES);
  });

  it('a dump whose thread is killed on the server goes on where it was', async () => {
    const source = await open();
    const events: RawEvent[] = [];
    let killed = 0;
    for await (const batch of source.batches()) {
      events.push(...batch);
      if (killed < 2 && events.length > 40 * (killed + 1)) {
        const dumps = (await server.query('SHOW FULL PROCESSLIST')).filter(({ Command: command }) =>
          String(command).startsWith('Binlog Dump'),
        );
        for (const { Id: id } of dumps) {
          await server.query(`KILL ${id}`);
          killed += 1;
        }
      }
    }
    expect(killed).toBe(2);
    expect(digestOf(events.filter(({ context }) => context !== true))).toBe(expected);
  });
});

// The same window read live and from files is the same, byte for byte: on three servers, with and without checksums and
// TLS, from anywhere, through a dropped connection.
import { readFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFileSource } from '../../src/binlog/file-source.ts';
import { openLiveSource } from '../../src/binlog/live-source.ts';
import { type SandboxServer, startServer } from '../sandbox/index.ts';
import {
  type Coordinates,
  connectTo,
  digestOf,
  endOf,
  eventsOf,
  failure,
  logsOf,
  servers,
  transactionsOf,
} from './reading.ts';

describe.each(servers)('$name', ({ flavor, version, args }) => {
  let server: SandboxServer;
  let stop: Coordinates;
  let files: { name: string; size: number }[];
  const start = { kind: 'position', file: 'binlog.000001', position: 4 } as const;

  beforeAll(async () => {
    server = await startServer({ name: `live-${version}`, flavor, version, serverId: 21, args: [...args] });
    const connection = await connectTo(server);
    await connection.query(
      'CREATE DATABASE l; USE l; CREATE TABLE t (id INT PRIMARY KEY, note VARCHAR(300), big LONGTEXT)',
    );
    const some = async (from: number): Promise<void> => {
      for (let id = from; id < from + 20; id++)
        await connection.query(`INSERT INTO t VALUES (${id}, REPEAT('n', ${id}), NULL)`);
      await connection.query(
        `BEGIN; UPDATE t SET note = 'x' WHERE id >= ${from}; DELETE FROM t WHERE id = ${from}; COMMIT`,
      );
    };
    await some(0);
    await connection.query('SET GLOBAL binlog_checksum = NONE');
    await some(100);
    await connection.query('SET GLOBAL binlog_checksum = CRC32; FLUSH BINARY LOGS');
    if (flavor === 'mysql') await connection.query('SET binlog_transaction_compression = ON');
    else await connection.query('SET GLOBAL log_bin_compress = ON');
    await some(200);
    // More than one packet of the protocol (16 MiB).
    await connection.query('SET GLOBAL max_allowed_packet = 1073741824');
    connection.destroy();
    const wide = await connectTo(server);
    if (flavor === 'mysql') await wide.query('SET binlog_transaction_compression = OFF');
    else await wide.query('SET GLOBAL log_bin_compress = OFF');
    await wide.query("INSERT INTO l.t VALUES (900, 'big', REPEAT('0123456789', 1800000))");
    // Last checksum setting NONE: files before it have checksums all the same.
    await wide.query('SET GLOBAL binlog_checksum = NONE');
    wide.destroy();
    [stop, files] = [await endOf(server), await logsOf(server)];
  });
  afterAll(async () => {
    await server?.remove();
  });

  const connection = (more: object = {}): object => {
    const { host, port, user, password } = server;
    return { host, port, user, password, ...more };
  };
  const fromFiles = async (from: Coordinates) =>
    openFileSource({ paths: [await server.binlogDirectory()], start: { kind: 'position', ...from }, stop });
  const live = (from: Coordinates, more: object = {}, answerTimeout = 30_000) =>
    openLiveSource({
      answerTimeout,
      connection: connection(more),
      start: { kind: 'position', ...from },
      stop,
      files,
    });

  it('gives the same events and the same account as the files', async () => {
    const [l, f] = [await transactionsOf(await live(start)), await transactionsOf(await fromFiles(start))];
    expect(l.transactions.length).toBe(f.transactions.length);
    expect(JSON.stringify(l.account)).toBe(JSON.stringify(f.account));
    expect([l.account.closes(), f.account.closes()]).toEqual([true, true]);
    const [a, b] = [await eventsOf(await live(start)), await eventsOf(await fromFiles(start))];
    expect(digestOf(a)).toBe(digestOf(b));
    expect(a.length).toBeGreaterThan(250);
  });

  it('starts anywhere', async () => {
    const all = await eventsOf(await fromFiles(start));
    for (const i of [1, 7, 40, 150, all.length - 1]) {
      const { file, position } = all[i]!;
      const events = await eventsOf(await live({ file, position }));
      const context = position === 4 ? [] : [events[0]];
      for (const event of context) expect(event).toMatchObject({ context: true, file, position: 4 });
      const rest = events.slice(context.length);
      expect(digestOf(rest)).toBe(digestOf(all.slice(i)));
    }
    expect(await eventsOf(await live(stop))).toEqual([]);
  });

  it('tells coordinates inside an event from damage and from a torn tail', async () => {
    const { position } = (await eventsOf(await fromFiles(start)))[20]!;
    for (const off of [1, 19, 30]) {
      const error = await failure(live({ file: 'binlog.000001', position: position + off }).then(eventsOf));
      expect(error).toMatchObject({
        code: 'input',
        message: `no event starts at position ${position + off} of binlog.000001`,
      });
    }
  });

  it('reads over TLS', async () => {
    const ca = await server.tlsCaFile();
    if (ca === undefined) return;
    const source = await live(start, {
      ssl: { ca: await readFile(ca), rejectUnauthorized: true, verifyIdentity: false },
    });
    const { account } = await transactionsOf(source);
    expect(account.closes()).toBe(true);
  });

  it.each(['dropped', 'stalled'])('goes on after a %s connection', async (how) => {
    let drops = 0;
    const limit = how === 'dropped' ? 3 : 1;
    const sockets = new Set<Socket>();
    const proxy = createServer((client) => {
      const upstream = connect(server.port, server.host);
      let passed = 0;
      sockets.add(client).add(upstream);
      client.pipe(upstream);
      for (const socket of [client, upstream]) socket.on('error', () => {});
      client.on('close', () => upstream.destroy());
      upstream.on('close', () => client.destroy());
      upstream.on('data', (data) => {
        passed += data.length;
        client.write(data);
        if (passed > 12_000 && drops < limit) {
          drops += 1;
          if (how === 'dropped') client.destroy();
          else upstream.pause();
        }
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = proxy.address() as { port: number };
      const events = await eventsOf(await live(start, { host: '127.0.0.1', port }, 400));
      const expected = await eventsOf(await fromFiles(start));
      const counted = events.filter((event) => event.context !== true);
      expect(digestOf(counted)).toBe(digestOf(expected));
      expect(drops).toBe(limit);
    } finally {
      proxy.close();
      for (const socket of sockets) socket.destroy();
    }
  });

  it('waits for a slow reader', async () => {
    const source = await live(start);
    let bytes = 0;
    for await (const batch of source.batches()) {
      for (const event of batch) bytes += event.bytes.length;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(bytes).toBeGreaterThan(18_000_000);
  });

  it('can be left in the middle', async () => {
    const source = await live(start);
    for await (const batch of source.batches()) {
      expect(batch.length).toBeGreaterThan(0);
      break;
    }
    await source.close();
  });

  it('says which privilege is missing, and who is refused, without the password', async () => {
    await server.query("CREATE USER nobody IDENTIFIED BY 'secret-word'");
    const missing = await failure(live(start, { user: 'nobody', password: 'secret-word' }).then(eventsOf));
    expect(missing.code).toBe('privilege');
    expect(missing.hint).toContain('REPLICATION SLAVE');
    const refused = await failure(live(start, { user: 'nobody', password: 'wrong-word' }));
    expect(refused.code).toBe('connection');
    const unreachable = await failure(live(start, { port: 1 }));
    expect(unreachable.code).toBe('connection');
    expect(JSON.stringify([missing.message, missing.hint, refused.message, refused.hint])).not.toMatch(
      /-word/,
    );
    [stop, files] = [await endOf(server), await logsOf(server)];
  });

  it('names a purged file, known before or found out', async () => {
    const before = files;
    await server.query("PURGE BINARY LOGS TO 'binlog.000003'");
    const found = await failure(live(start).then(eventsOf));
    expect(found).toMatchObject({ code: 'purged' });
    expect(found.message).toContain('binlog.000001 was purged');
    files = before.slice(2);
    const known = await failure(live(start));
    expect(known).toMatchObject({
      code: 'purged',
      message: 'binlog.000001 was purged (oldest is binlog.000003)',
    });
    const late = await failure(live({ file: 'binlog.000003', position: 99_999_999 }));
    expect(late.code).toBe('input');
  });
});

// The writers' sessions on real servers: set as the replay needs them, in few packets; the statement that a server refuses is
// the one that is named; a connection that leads elsewhere is found out.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Journal } from '../../src/replay/journal.ts';
import { openServerWriters, REPLAY_DOMAIN } from '../../src/replay/open-server-writers.ts';
import { rowEventsEngine } from '../../src/replay/row-events-engine.ts';
import type { ServerWriterOptions } from '../../src/replay/server-writer.ts';
import { sqlEngine } from '../../src/replay/sql-engine.ts';
import { checkSameTarget } from '../../src/replay/target-watch.ts';
import { plainStatement, type WriteEngine } from '../../src/replay/write-engine.ts';
import type { RawConnection, Server } from '../../src/server/connection.ts';
import { readIdentity, type ServerIdentity } from '../../src/server/identity.ts';
import { connectRestored } from '../connect-restored.ts';
import { type SandboxServer, startServer } from '../sandbox/index.ts';

describe.each(['mysql', 'mariadb'] as const)('%s', (flavor) => {
  let sandbox: SandboxServer;
  let server: Server;
  let identity: ServerIdentity;
  let sessions: RawConnection[];

  beforeAll(async () => {
    sandbox = await startServer({ name: 'writers', serverId: 1, flavor });
    server = await connectRestored(sandbox);
    identity = await readIdentity(server);
  });
  afterAll(async () => {
    await server?.close();
    await sandbox?.remove();
  });

  /** Two writers' sessions, as `engine` opens them. */
  async function open(engine: WriteEngine): Promise<void> {
    sessions = [];
    const watched: Server = {
      ...server,
      async open(options) {
        const connection = await server.open(options);
        sessions.push(connection);
        return connection;
      },
    };
    const options = { server: watched, flavor, engine, mayNameDomain: true, maxAllowedPacket: 1 << 22 };
    await openServerWriters(
      {
        ...options,
        journal: {} as Journal,
      } as ServerWriterOptions,
      2,
    );
  }

  async function row(connection: RawConnection, sql: string): Promise<unknown[]> {
    const [rows] = await connection.query({ sql, rowsAsArray: true });
    return (rows as unknown[][])[0]!.map(String);
  }

  test.each(['row-events', 'sql'] as const)('each session is set, by %s', async (name) => {
    await open(name === 'sql' ? sqlEngine() : rowEventsEngine(flavor, identity.version, 1 << 22));
    expect(sessions).toHaveLength(2);
    for (const session of sessions) {
      const isolation = flavor === 'mysql' ? '@@transaction_isolation' : '@@tx_isolation';
      expect(await row(session, `SELECT @@innodb_lock_wait_timeout, ${isolation}, @@autocommit`)).toEqual([
        '1',
        'REPEATABLE-READ',
        '0',
      ]);
      if (flavor === 'mysql') expect(await row(session, 'SELECT @@gtid_next')).toEqual(['AUTOMATIC']);
      else expect(await row(session, 'SELECT @@gtid_domain_id')).toEqual([String(REPLAY_DOMAIN)]);
      const [mode] = await row(session, 'SELECT @@sql_mode');
      expect(/STRICT/.test(String(mode))).toBe(name !== 'sql');
    }
  });

  test('the statement that the server refuses is named, not those around it', async () => {
    const opening = ['SET @a=1', 'SET SESSION no_such_variable=1', 'SET @b=1'].map(plainStatement);
    await expect(open({ ...sqlEngine(), opening })).rejects.toMatchObject({
      name: 'ReconcileError',
      message: expect.stringMatching(/\(in: SET SESSION no_such_variable=1\)$/),
    });
  });

  test('a connection to the checked server passes; one to another server is refused, unless that is forced', async () => {
    const connection = await server.open();
    await checkSameTarget(server, identity, connection, new Set());
    const others: ServerIdentity[] =
      flavor === 'mysql'
        ? [
            { ...identity, uuid: '40235097-e512-11f1-bb81-02fc00000001' },
            { ...identity, flavor: 'mariadb', version: '11.8.6-MariaDB' },
          ]
        : [
            { ...identity, serverId: 9 },
            { ...identity, hostname: 'another' },
            { ...identity, port: 9 },
            { ...identity, uid: 'another' },
            { ...identity, flavor: 'mysql', uuid: '40235097-e512-11f1-bb81-02fc00000001' },
          ];
    for (const other of others) {
      await expect(checkSameTarget(server, other, connection, new Set())).rejects.toMatchObject({
        code: 'refused',
        message: expect.stringMatching(/leads to different servers/),
      });
      await checkSameTarget(server, other, connection, new Set(['not-recorded']));
    }
  });
});

// Real servers, killed and started again: where the log is torn, what was committed is read and the rest is said, live
// and from files alike.
import { open, readdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openFileSource } from '../../src/binlog/file-source.ts';
import { openLiveSource } from '../../src/binlog/live-source.ts';
import { type SandboxServer, startServer } from '../sandbox/index.ts';
import { connectTo, endOf, logsOf, servers, transactionsOf } from './reading.ts';

let server: SandboxServer | undefined;
afterEach(async () => {
  await server?.remove();
  server = undefined;
});

async function written(
  flavor: 'mysql' | 'mariadb',
  version: string,
  args: readonly string[],
): Promise<SandboxServer> {
  server = await startServer({ name: `crash-${version}`, flavor, version, serverId: 31, args: [...args] });
  const connection = await connectTo(server);
  await connection.query('CREATE DATABASE c; USE c; CREATE TABLE t (id INT PRIMARY KEY, note VARCHAR(100))');
  for (let id = 1; id <= 5; id++) {
    await connection.query(
      `BEGIN; INSERT INTO t VALUES (${id}, 'row'); UPDATE t SET note = 'again' WHERE id = ${id}; COMMIT`,
    );
  }
  connection.destroy();
  await server.kill();
  return server;
}

async function lastFile(of: SandboxServer): Promise<string> {
  const directory = await of.binlogDirectory();
  const names = (await readdir(directory)).filter((name) => /^binlog\.\d+$/.test(name)).sort();
  return join(directory, names.at(-1)!);
}

async function both(
  of: SandboxServer,
  start: { kind: 'position'; file: string; position: number } = {
    kind: 'position',
    file: 'binlog.000001',
    position: 4,
  },
) {
  const [stop, files] = [await endOf(of), await logsOf(of)];
  const { host, port, user, password } = of;
  const live = await transactionsOf(
    await openLiveSource({ connection: { host, port, user, password }, start, stop, files }),
  );
  const file = await transactionsOf(
    await openFileSource({ paths: [await of.binlogDirectory()], start, stop }),
  );
  return { live, file };
}

describe.each(servers.filter(({ version }) => version !== '10.11'))('$name', ({ flavor, version, args }) => {
  it('reads what was committed before kill -9, from the files of the dead server', async () => {
    const killed = await written(flavor, version, args);
    const source = await openFileSource({
      paths: [await killed.binlogDirectory()],
      start: { kind: 'beginning' },
    });
    const { transactions, account } = await transactionsOf(source);
    expect(transactions.length).toBe(7);
    expect(account).toMatchObject({ changes: 10, tornTails: [] });
    expect(account.closes()).toBe(true);
  });
});

describe('MariaDB goes on behind a torn file', () => {
  it.each([
    ['10.11', 'inside the last event', 5, 'an event is cut short by the end of the file'],
    ['11.8', 'inside the last event', 5, 'an event is cut short by the end of the file'],
    [
      '11.8',
      'between two events of the last transaction',
      31,
      'the server was killed before it wrote the commit',
    ],
  ])('%s, cut %s', async (version, _, cut, reason) => {
    const killed = await written('mariadb', version, []);
    const torn = await lastFile(killed);
    await truncate(torn, (await stat(torn)).size - cut);
    await killed.restart();
    await killed.query("INSERT INTO c.t VALUES (100, 'after')");
    const { live, file } = await both(killed);
    expect(JSON.stringify(live.account)).toBe(JSON.stringify(file.account));
    expect(live.transactions.map(({ id }) => id)).toEqual(file.transactions.map(({ id }) => id));
    expect(file.account.tornTails).toMatchObject([{ file: 'binlog.000001', reason }]);
    expect(file.account.closes()).toBe(true);
    // From there on, too: nothing of the window was committed before the crash.
    const { position } = file.account.tornTails[0]!;
    const again = await both(killed, { kind: 'position', file: 'binlog.000001', position });
    expect(JSON.stringify(again.live.account)).toBe(JSON.stringify(again.file.account));
    expect(again.live.transactions.map(({ changes }) => changes.length)).toEqual([1]);
    expect(again.live.account.closes()).toBe(true);
    const inserted = file.transactions
      .flatMap(({ changes }) => changes)
      .filter(({ kind }) => kind === 'insert');
    expect(inserted.length).toBe(5);
  });

  it('with a damaged event at the end', async () => {
    const killed = await written('mariadb', '11.8', []);
    const torn = await lastFile(killed);
    const handle = await open(torn, 'r+');
    const { size } = await handle.stat();
    await handle.write(Buffer.from([0xee]), 0, 1, size - 8);
    await handle.close();
    await killed.restart();
    const { live, file } = await both(killed);
    expect(JSON.stringify(live.account)).toBe(JSON.stringify(file.account));
    expect(file.account.tornTails).toMatchObject([
      { file: 'binlog.000001', reason: 'the checksum does not match' },
    ]);
    expect(file.account.closes()).toBe(true);
  });
});

it('MySQL cuts its torn file back and goes on in a new one', async () => {
  const killed = await written('mysql', '9.7', servers[0].args);
  const torn = await lastFile(killed);
  await truncate(torn, (await stat(torn)).size - 5);
  await killed.restart();
  await killed.query("INSERT INTO c.t VALUES (100, 'after')");
  const { live, file } = await both(killed);
  expect(JSON.stringify(live.account)).toBe(JSON.stringify(file.account));
  expect(file.account).toMatchObject({ tornTails: [] });
  expect(file.account.closes()).toBe(true);
});

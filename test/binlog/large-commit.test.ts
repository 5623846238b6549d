// MariaDB from 11.7 on makes a binlog file of its own out of a transaction that is large enough: its events were written
// before their place was known.
import { expect, it } from 'vitest';
import { openFileSource } from '../../src/binlog/file-source.ts';
import { openLiveSource } from '../../src/binlog/live-source.ts';
import { startServer } from '../sandbox/index.ts';
import { connectTo, endOf, logsOf, transactionsOf } from './reading.ts';

it('a transaction that became a file is read as any other, live and from files, with checksums and without', async () => {
  const server = await startServer({ name: 'large-commit', flavor: 'mariadb', version: '11.8', serverId: 3 });
  try {
    const connection = await connectTo(server);
    await connection.query(`SET GLOBAL binlog_large_commit_threshold=10485760; CREATE DATABASE p; USE p;
      CREATE TABLE t (id INT PRIMARY KEY, a CHAR(200)); INSERT INTO t VALUES (0, 'x')`);
    await connection.query('INSERT INTO t SELECT seq, SHA2(seq, 512) FROM seq_1_to_80000');
    await connection.query("INSERT INTO t VALUES (-1, 'y'); SET GLOBAL binlog_checksum=NONE");
    await connection.query('UPDATE t SET a=REVERSE(a) WHERE id > 0');
    await connection.query("INSERT INTO t VALUES (-2, 'z')");
    connection.destroy();
    const [stop, files] = [await endOf(server), await logsOf(server)];
    const start = { kind: 'position', file: files[0]!.name, position: 4 } as const;
    const { host, port, user, password } = server;
    const live = await transactionsOf(
      await openLiveSource({ connection: { host, port, user, password }, start, stop, files }),
    );
    const file = await transactionsOf(
      await openFileSource({ paths: [await server.binlogDirectory()], start, stop }),
    );
    expect(JSON.stringify(live.account)).toBe(JSON.stringify(file.account));
    for (const { transactions, account } of [live, file]) {
      expect(account.closes()).toBe(true);
      const written = transactions.slice(2).map(({ start: at, changes }) => [at.file, changes.length]);
      // Each large one begins a file, which those behind it go on with.
      expect(written).toEqual([
        ['binlog.000001', 1],
        ['binlog.000002', 80_000],
        ['binlog.000002', 1],
        ['binlog.000003', 80_000],
        ['binlog.000003', 1],
      ]);
    }
  } finally {
    await server.remove();
  }
});

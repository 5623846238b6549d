// zongji decodes rows by itself: on the types that it reads without loss, its rows must be ours.
import ZongJi from '@vlasky/zongji';
import { afterAll, expect, it } from 'vitest';
import { openFileSource } from '../../src/binlog/file-source.ts';
import { type SandboxServer, startServer } from '../sandbox/index.ts';
import { connectTo, endOf, servers, transactionsOf, valuesOf } from './reading.ts';

let server: SandboxServer | undefined;
afterAll(async () => {
  await server?.remove();
});

interface RowsEvent {
  getEventName(): string;
  rows: unknown[];
}

it('agrees on inserts, updates and deletes', async () => {
  server = await startServer({
    name: 'second-opinion',
    flavor: 'mysql',
    version: '9.7',
    serverId: 51,
    args: [...servers[0].args, '--binlog-row-metadata=FULL'],
  });
  const connection = await connectTo(server);
  await connection.query('CREATE DATABASE z; USE z');
  await connection.query(
    `CREATE TABLE t (id INT PRIMARY KEY, big BIGINT UNSIGNED, amount DECIMAL(20,4), note VARCHAR(50), day DATE, b BLOB,
       tiny TINYINT, small SMALLINT UNSIGNED, medium MEDIUMINT, f FLOAT, d DOUBLE, y YEAR, c CHAR(5), vb VARBINARY(300))`,
  );
  const start = await endOf(server);
  for (let id = 1; id <= 50; id++) {
    const values = [id, id * 1001, id - 25.5, `näme ${id}`, Buffer.from([id, 0, 255])];
    const numbers = [id - 25, id * 1300, id * -160_000, id / 8 - 3, id / 7 - 3, 1980 + id];
    await connection.query("INSERT INTO t VALUES (?, ?, ?, ?, '2024-02-29', ?, ?, ?, ?, ?, ?, ?, ?, ?)", [
      ...values,
      ...numbers,
      'x'.repeat(id % 6),
      Buffer.alloc(id * 6, 0xfe),
    ]);
  }
  await connection.query(
    "UPDATE t SET note = CONCAT(note, '!'), amount = NULL WHERE id % 2 = 0; DELETE FROM t WHERE id > 40",
  );
  const stop = await endOf(server);
  connection.destroy();

  const theirs = await zongjiRows(server, start.file, start.position);
  const source = await openFileSource({
    paths: [await server.binlogDirectory()],
    start: { kind: 'position', ...start },
    stop,
  });
  const { transactions } = await transactionsOf(source);
  const ours = transactions
    .flatMap(({ changes }) => changes)
    .map(({ kind, table, before, after }) => {
      const columns = table.columns.map(({ type, meta, unsigned, collation }) => ({
        type,
        meta,
        unsigned: unsigned ?? false,
        binary: collation === 63,
      }));
      return [
        kind,
        ...[before, after].map((image) =>
          image === null
            ? null
            : valuesOf(image, columns).map((value, i) => normal(value, table.columns[i]!.name)),
        ),
      ];
    });
  expect(ours).toEqual(theirs);
  expect(ours.length).toBe(50 + 25 + 10);
});

/** As zongji gives them: numbers as numbers, dates as Dates. */
function normal(value: unknown, column: string | null): string | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return value.toISOString().slice(0, 10);
  if (Buffer.isBuffer(value)) return value.toString('latin1');
  if (column === 'amount') return String(Number(value));
  if (column === 'note')
    return /[Ã]/.test(String(value)) ? Buffer.from(String(value), 'latin1').toString('utf8') : String(value);
  return String(value);
}

async function zongjiRows(
  { host, port, user, password }: SandboxServer,
  filename: string,
  position: number,
): Promise<unknown[]> {
  const zongji = new ZongJi({ host, port, user, password, timezone: 'Z' });
  const rows: unknown[] = [];
  const image = (row: Record<string, unknown>): unknown[] =>
    Object.entries(row).map(([name, value]) => normal(value, name));
  await new Promise<void>((resolve, reject) => {
    zongji.on('error', reject);
    zongji.on('binlog', (event: unknown) => {
      const { rows: found } = event as RowsEvent;
      const name = (event as RowsEvent).getEventName();
      for (const row of found ?? []) {
        if (name === 'updaterows') {
          const { before, after } = row as {
            before: Record<string, unknown>;
            after: Record<string, unknown>;
          };
          rows.push(['update', image(before), image(after)]);
        } else if (name === 'writerows') rows.push(['insert', null, image(row as Record<string, unknown>)]);
        else rows.push(['delete', image(row as Record<string, unknown>), null]);
      }
      if (name === 'deleterows') resolve();
    });
    zongji.start({
      filename,
      position,
      serverId: 5151,
      includeEvents: ['tablemap', 'writerows', 'updaterows', 'deleterows'],
    });
  });
  const stopped = new Promise((resolve) => zongji.once('stopped', resolve));
  zongji.stop();
  await stopped;
  return rows;
}

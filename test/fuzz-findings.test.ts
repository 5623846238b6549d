// What `npm run fuzz` has found, each as the smallest input that shows it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openFileSource } from '../src/binlog/file-source.ts';
import { RowLines } from '../src/report/row-lines.ts';
import { type BuiltEvent, builtSource, mariadbGtid, query, xid } from './binlog/event-builder.ts';
import { transactionsOf } from './binlog/reading.ts';

test('a statement compressed by a way that is not known is loud, inside and outside of BEGIN', async () => {
  const plain = query('').body;
  const odd: BuiltEvent = {
    type: 165,
    body: Buffer.concat([plain, Buffer.from([0x80 | (5 << 4) | 1, 9, 1, 2])]),
  };
  const events = [mariadbGtid(1, 1), odd, mariadbGtid(2), odd, xid];
  const { transactions, account } = await transactionsOf(
    builtSource([{ file: 'binlog.000001', flavor: 'mariadb', events }]),
  );
  const said = { reason: 'not-read', detail: 'a compressed statement: compression algorithm 5 of MariaDB' };
  expect(transactions.map(({ id, undecoded }) => [id, undecoded])).toEqual([
    ['3-1-1', [expect.objectContaining(said)]],
    ['3-1-2', [expect.objectContaining(said)]],
  ]);
  expect(account.closes()).toBe(true);
});

test.each([
  ['the first byte of its magic number', 'fe'],
  ['three bytes of it', 'fe6269'],
  ['zeros', '00'.repeat(1167)],
])('a file that holds %s is a torn tail', async (_, hex) => {
  const folder = mkdtempSync(join(tmpdir(), 'reconcile-test-'));
  try {
    const path = join(folder, 'binlog.000001');
    writeFileSync(path, Buffer.from(hex, 'hex'));
    const source = await openFileSource({ paths: [path], start: { kind: 'beginning' } });
    const { transactions, account } = await transactionsOf(source);
    expect(transactions).toEqual([]);
    expect(account.tornTail).toMatchObject({ file: 'binlog.000001', position: 0, bytes: hex.length / 2 });
    expect(account.closes()).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a COMPRESSED value of an unknown method is refused with its place, where rows are asked for', async () => {
  // `shop.t (VARCHAR(100) COMPRESSED)`, whose only value says method 15.
  const tableMap: BuiltEvent = {
    type: 19,
    body: Buffer.concat([
      Buffer.of(5, 0, 0, 0, 0, 0, 0, 0),
      Buffer.from('\x04shop\0\x01t\0\x01\x8d\x02\x65\x00\x01', 'latin1'),
    ]),
  };
  const write: BuiltEvent = {
    type: 23,
    body: Buffer.concat([Buffer.of(5, 0, 0, 0, 0, 0, 1, 0, 1, 1, 0), Buffer.of(3, 0xf1, 9, 9)]),
  };
  const files = [
    { file: 'binlog.000001', flavor: 'mariadb' as const, events: [mariadbGtid(1), tableMap, write, xid] },
  ];
  const { transactions } = await transactionsOf(builtSource(files));
  expect(() => new RowLines().add(transactions[0]!)).toThrow(
    expect.objectContaining({
      code: 'unsupported',
      message: expect.stringMatching(/^binlog\.000001 position \d+: .*compression method 15/),
    }),
  );
});

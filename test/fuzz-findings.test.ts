// What `npm run fuzz` has found, each as the smallest input that shows it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openFileSource } from '../src/binlog/file-source.ts';
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

// Transactions given out in parts hold what they hold when they are given out whole; sums in place are zlib's.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { checksumOf } from '../../src/binlog/checksum.ts';
import { openFileSource } from '../../src/binlog/file-source.ts';
import type { Transaction } from '../../src/binlog/transaction.ts';
import { transactionsOf } from './reading.ts';
import { seeded } from './value-columns.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');

const open = (fixture: string) =>
  openFileSource({ paths: [join(FIXTURES, fixture)], start: { kind: 'beginning' } });

function contents({ id, start, changes, undecoded }: Transaction): object {
  return {
    id,
    start,
    undecoded,
    changes: changes.map(({ kind, table, before, after, place }) => ({
      kind,
      table: table.table,
      before: before?.bytes.toString('hex'),
      after: after?.bytes.toString('hex'),
      place,
    })),
  };
}

describe.each(readdirSync(FIXTURES))('%s', (fixture) => {
  it('gives the same in parts as whole', async () => {
    const whole = await transactionsOf(await open(fixture));
    const parts = await transactionsOf(await open(fixture), { partBytes: 1 });
    expect(parts.transactions.filter(({ part }) => part).length).toBeGreaterThan(3);
    const joined: Transaction[] = [];
    let changes: Transaction['changes'] = [];
    let undecoded: Transaction['undecoded'] = [];
    for (const transaction of parts.transactions) {
      changes = [...changes, ...transaction.changes];
      undecoded = [...undecoded, ...transaction.undecoded];
      if (transaction.part) {
        expect(transaction.bytes).toBe(0);
        continue;
      }
      const { id, gtid, start, end, serverId, origin, committedAt, bytes } = transaction;
      joined.push({ id, gtid, start, end, serverId, origin, committedAt, bytes, changes, undecoded });
      changes = [];
      undecoded = [];
    }
    expect(joined.map(contents)).toEqual(whole.transactions.map(contents));
    expect(joined.map(({ bytes, committedAt, end }) => [bytes, committedAt, end])).toEqual(
      whole.transactions.map(({ bytes, committedAt, end }) => [bytes, committedAt, end]),
    );
    expect(parts.account).toEqual(whole.account);
    expect(parts.account.changes).toBe(whole.account.changes);
  });
});

it('sums short events as zlib does', () => {
  const random = seeded(7);
  for (let length = 0; length < 400; length++) {
    const bytes = Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
    expect(checksumOf(bytes, length)).toBe(crc32(bytes));
  }
});

// The reader against bytes that real servers wrote (fixtures/, made by make-fixtures.ts): every transaction, change and
// value, and an account that closes.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { serverValue, type ValueColumn } from '../../src/binlog/column-value.ts';
import { openFileSource } from '../../src/binlog/file-source.ts';
import type { LoggedColumn } from '../../src/binlog/logged-column.ts';
import type { Change, RowImage, Transaction } from '../../src/binlog/transaction.ts';
import { tallyChanges } from '../../src/binlog/transaction-group.ts';
import { transactionsOf, valuesOf } from './reading.ts';

const folders = ['mysql-9.7', 'mysql-9.7-anonymous', 'mariadb-10.5', 'mariadb-10.11', 'mariadb-11.8'];
/** XA in two phases, JSON differences. */
const more = ['mysql-9.7-xa', 'mariadb-10.11-xa', 'mariadb-11.8-xa'];
const fixture = (name: string): string => join(import.meta.dirname, 'fixtures', name);

describe.each([...folders, ...more])('%s', (folder) => {
  it('reads every transaction', async () => {
    const source = await openFileSource({ paths: [fixture(folder)], start: { kind: 'beginning' } });
    const { transactions, account } = await transactionsOf(source);
    const text = [...transactions.map(describeTransaction), JSON.stringify(account, null, 1), ''].join('\n');
    await expect(text).toMatchFileSnapshot(join(fixture(folder), 'expected.txt'));
    expect(account.closes()).toBe(true);
    expect(account.tornTail).toBe(null);
    expect(transactions.flatMap(tallyChanges).reduce((sum, { rows }) => sum + rows, 0)).toBe(account.changes);
    const bytes = transactions.reduce((sum, transaction) => sum + transaction.bytes, 0);
    for (const { bytes: own, start, end } of transactions) expect(own).toBe(end.position - start.position);
    expect(bytes).toBeLessThan(account.bytes);
  });
});

describe.each(folders)('%s', (folder) => {
  it('knows the columns as they were declared', async () => {
    const source = await openFileSource({ paths: [fixture(folder)], start: { kind: 'beginning' } });
    const { transactions } = await transactionsOf(source);
    const meta = transactions
      .flatMap(({ changes }) => changes)
      .find(({ table }) => table.table === 'meta')!.table;
    expect(meta.hasNames).toBe(true);
    expect(meta.columns.map(({ name }) => name)).toEqual('y u s d f a b c t e st g p1 p2'.split(' '));
    const of = (name: string): LoggedColumn => meta.columns.find((column) => column.name === name)!;
    expect([of('u').unsigned, of('s').unsigned, of('d').unsigned, of('f').unsigned]).toEqual([
      true,
      false,
      true,
      true,
    ]);
    expect(of('e').labels).toEqual(['x', 'y,z', "q'r"]);
    expect(of('st').labels).toEqual(['m', 'n']);
    expect([of('a').collation, of('b').collation, of('c').collation, of('t').collation]).toEqual([
      8, 46, 63, 13,
    ]);
    expect(of('st').collation).toBe(8);
    expect(meta.primaryKey).toEqual([13, 12]);
    expect([of('p1').nullable, of('s').nullable]).toEqual([false, true]);
  });
});

it('takes the files in any order, and one that comes back compressed', async () => {
  const names = ['binlog.000003', 'binlog.000001', 'binlog.000002'].map((name) =>
    join(fixture('mysql-9.7'), name),
  );
  const whole = await transactionsOf(await openFileSource({ paths: names, start: { kind: 'beginning' } }));
  expect(whole.account.files.map(({ file }) => file)).toEqual([
    'binlog.000001',
    'binlog.000002',
    'binlog.000003',
  ]);
  expect(whole.transactions.length).toBe(30);
});

it('brings answers of a server to the canonical form', () => {
  const of = (type: number, more: Partial<ValueColumn> = {}): ValueColumn => ({
    type,
    meta: 0,
    unsigned: false,
    binary: false,
    ...more,
  });
  expect(serverValue(of(4), '-0')).toBe('-0');
  expect(serverValue(of(5), '1e22')).toBe('1e+22');
  expect(serverValue(of(3), '0000000042')).toBe('42');
  expect(serverValue(of(246), '00000012.50')).toBe('12.50');
  expect(serverValue(of(246), '0.50')).toBe('0.50');
  expect(serverValue(of(254, { binary: true }), Buffer.from('6100620000', 'hex'))).toBe('a\0b');
  expect(serverValue(of(254), 'a\0')).toBe('a\0');
});

function describeTransaction(transaction: Transaction): string {
  const { id, origin, serverId, start, end, committedAt, undecoded, changes } = transaction;
  const lines = [
    `${id} ${origin} ${serverId} ${start.file}:${start.position}-${end.position} ${new Date(committedAt / 1000).toISOString()}`,
  ];
  for (const { reason, detail, schema } of undecoded) {
    lines.push(`  ${reason} [${schema ?? ''}] ${detail.replace(/\s+/g, ' ')}`);
  }
  lines.push(...changes.map(describeChange));
  return lines.join('\n');
}

/** A long value is its beginning, its end and its digest. */
function shortened(value: string | null): string | null {
  if (value === null || value.length <= 1000) return value;
  const digest = createHash('sha256').update(value, 'latin1').digest('hex').slice(0, 16);
  return `${value.slice(0, 20)}…${value.slice(-200)} ${digest}`;
}

function describeChange({ kind, table, before, after, flags }: Change): string {
  const columns = table.columns.map(({ type, meta, unsigned, collation }) => ({
    type,
    meta,
    unsigned: unsigned ?? false,
    binary: collation === 63,
  }));
  const show = (image: RowImage | null): string =>
    image === null
      ? '-'
      : JSON.stringify(
          valuesOf(image, columns).map((value) => (value === undefined ? 'ABSENT' : shortened(value))),
        );
  return `  ${kind} ${table.schema}.${table.table} flags ${flags}: ${show(before)} => ${show(after)}`;
}

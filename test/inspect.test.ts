// inspect: a stream that counts distinct rows; a transaction too big to be held is counted, and printed, only if the log
// holds its commit and it was asked for.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openFileSource } from '../src/binlog/file-source.ts';
import type { InspectedRow, InspectRequest } from '../src/requests.ts';
import { inspectWindow } from '../src/session/inspect-window.ts';
import {
  type BuiltEvent,
  builtSource,
  gtid,
  query,
  tableMap,
  uuid,
  writeRow,
  xid,
} from './binlog/event-builder.ts';
import { transactionsOf, valuesOf } from './binlog/reading.ts';

const FIXTURES = join(import.meta.dirname, 'binlog', 'fixtures');
const folder = mkdtempSync(join(tmpdir(), 'reconcile-inspect-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** More than is held of one transaction: each event of one row counts some 260 bytes. */
const MANY = 20_000;

async function logFile(name: string, events: BuiltEvent[]): Promise<string> {
  const parts: Buffer[] = [Buffer.from('fe62696e', 'hex')];
  for await (const batch of builtSource([{ file: name, events }]).batches())
    for (const { bytes } of batch) parts.push(bytes);
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat(parts));
  return path;
}

const begin = query('BEGIN');
const small = (number: number, value: number): BuiltEvent[] => [
  gtid(number),
  begin,
  tableMap(),
  writeRow(value),
  xid,
];
/** Rows 0 to MANY - 1, each twice. */
const big = (number: number): BuiltEvent[] => [
  gtid(number),
  begin,
  tableMap(),
  ...Array.from({ length: 2 * MANY }, (_, i) => writeRow(i >> 1, { flags: 0 })),
];

async function look(path: string, more: Partial<InspectRequest> = {}) {
  const rows: InspectedRow[] = [];
  const request: InspectRequest = {
    record: undefined,
    failed: undefined,
    binlog: [path],
    startPosition: undefined,
    startGtidSet: undefined,
    stopPosition: undefined,
    stopDatetime: undefined,
    tables: [],
    ignoreTables: [],
    force: new Set(),
    signal: new AbortController().signal,
    progress: { step() {}, count() {}, warn() {} },
    onRows: undefined,
    ...more,
  };
  const { header } = await inspectWindow(request);
  const again = await inspectWindow({
    ...request,
    async onRows(blocks) {
      for (const line of Buffer.concat(blocks).toString().split('\n')) if (line) rows.push(JSON.parse(line));
    },
  });
  expect(again.header).toEqual(header);
  return { header, rows };
}

describe('a transaction too big to be held', () => {
  test('is counted and printed once, in its place', async () => {
    const path = await logFile('binlog.000001', [...small(1, -1), ...big(2), xid, ...small(3, -2)]);
    const { header, rows } = await look(path);
    expect(header.window).toMatchObject({ transactions: 3, changes: 2 * MANY + 2, tornTail: false });
    expect(header.tables).toEqual([
      { table: 'shop.t', insert: 2 * MANY + 2, update: 0, delete: 0, conflict: 0, distinctRows: MANY + 2 },
    ]);
    expect(header.account.closes).toBe(true);
    expect(rows.length).toBe(2 * MANY + 2);
    expect(rows.map(({ after }) => Number(after!['1']))).toEqual([
      -1,
      ...Array.from({ length: 2 * MANY }, (_, i) => i >> 1),
      -2,
    ]);
    expect(rows[5]).toMatchObject({ transaction: `${uuid}:2`, table: 'shop.t', op: 'insert', before: null });
  });

  test('is nothing where the log ends before its commit', async () => {
    const path = await logFile('binlog.000002', [...small(1, 7), ...big(2)]);
    const { header, rows } = await look(path);
    expect(header.window).toMatchObject({ transactions: 1, changes: 1, tornTail: true });
    expect(header.tables).toMatchObject([{ table: 'shop.t', insert: 1, distinctRows: 1 }]);
    expect(header.account.closes).toBe(true);
    expect(rows.map(({ after }) => after)).toEqual([{ '1': '7' }]);
  });

  test('is nothing where other tables are asked for', async () => {
    const path = await logFile('binlog.000003', [...small(1, 7), ...big(2), xid, ...small(3, 8)]);
    const { header, rows } = await look(path, { tables: ['shop.other'] });
    expect(header.window).toMatchObject({ transactions: 0, changes: 0 });
    expect(header.tables).toEqual([]);
    expect(rows).toEqual([]);
    expect((await look(path, { tables: ['shop.t'] })).header.window).toMatchObject({ transactions: 3 });
  });
});

test('lists a thousand of the statements of a log without rows, and counts them all', async () => {
  const statements = Array.from({ length: 1500 }, (_, i) => [
    gtid(i + 1),
    query(`UPDATE t SET a=${i}`),
  ]).flat();
  const { header } = await look(await logFile('binlog.000004', statements));
  expect(header.undecoded).toBe(1500);
  expect(header.account.undecoded.length).toBe(1000);
  expect(header.account.undecoded[999]).toMatchObject({ reason: 'statement', detail: 'UPDATE t SET a=999' });
});

describe.each(readdirSync(FIXTURES))('distinct rows in %s', (fixture) => {
  test('are the keys, where the log names them', async () => {
    const source = await openFileSource({ paths: [join(FIXTURES, fixture)], start: { kind: 'beginning' } });
    const { transactions } = await transactionsOf(source);
    const keys = new Map<string, Set<string>>();
    for (const { changes } of transactions) {
      for (const { table, before, after } of changes) {
        const { schema, table: name, primaryKey, columns } = table;
        if (primaryKey === null) continue;
        const seen = keys.get(`${schema}.${name}`) ?? new Set();
        keys.set(`${schema}.${name}`, seen);
        for (const image of [before, after]) {
          if (image === null) continue;
          const values = valuesOf(
            image,
            columns.map((column) => ({ ...column, unsigned: false, binary: false })),
          );
          const key = primaryKey.map((i) => values[i]);
          if (!key.includes(undefined)) seen.add(JSON.stringify(key));
        }
      }
    }
    const { header } = await look(join(FIXTURES, fixture));
    const counted = new Map(header.tables.map(({ table, distinctRows }) => [table, distinctRows]));
    expect(keys.size).toBeGreaterThan(0);
    for (const [name, seen] of keys) expect([name, counted.get(name)]).toEqual([name, seen.size]);
  });
});

test('rows without a known key are followed from image to image', async () => {
  // 1 becomes 2 becomes 3; 5 becomes 6; 6 goes.
  const update = (from: number, to: number): BuiltEvent => {
    const { body } = writeRow(from);
    const after = writeRow(to).body.subarray(-5);
    return {
      type: 31,
      body: Buffer.concat([body.subarray(0, 11), Buffer.from([1, 1]), body.subarray(-5), after]),
    };
  };
  const changes = [writeRow(1), update(1, 2), update(2, 3), update(5, 6), writeRow(6, { type: 32 })];
  const statements = changes.flatMap((change) => [tableMap(), change]);
  const { header, rows } = await look(await logFile('binlog.000005', [gtid(1), begin, ...statements, xid]));
  expect(header.tables).toMatchObject([{ insert: 1, update: 3, delete: 1, distinctRows: 2 }]);
  expect(rows.map(({ before, after }) => [before?.['1'], after?.['1']])).toEqual([
    [undefined, '1'],
    ['1', '2'],
    ['2', '3'],
    ['5', '6'],
    ['6', undefined],
  ]);
});

// XA transactions in two phases, on logs built by hand: rows count where they are committed, are dropped and counted
// where they are rolled back, and are loud where neither can be told. Real logs: fixtures.test.ts, scenarios `xa*`.
import { describe, expect, it } from 'vitest';
import type { ReaderOptions } from '../../src/binlog/transaction-reader.ts';
import { readTransactions } from '../../src/binlog/transaction-reader.ts';
import {
  type BuiltEvent,
  type BuiltFile,
  builtSource,
  gtid,
  mariadbGtid,
  query,
  tableMap,
  uuid,
  writeRow,
  xaPrepare,
  xid,
  xidText,
} from './event-builder.ts';
import { transactionsOf } from './reading.ts';

const prepare = (number: number, name: string, ...rows: number[]): BuiltEvent[] => [
  gtid(number),
  query(`XA START ${xidText(name)}`),
  ...rows.flatMap((row) => [tableMap(), writeRow(row)]),
  query(`XA END ${xidText(name)}`),
  xaPrepare(name),
];
const end = (number: number, word: 'COMMIT' | 'ROLLBACK', name: string): BuiltEvent[] => [
  gtid(number),
  query(`XA ${word} ${xidText(name)}`),
];
const plain = (number: number, row: number): BuiltEvent[] => [
  gtid(number),
  query('BEGIN'),
  tableMap(),
  writeRow(row),
  xid,
];
const from = (serverId: number, events: BuiltEvent[]): BuiltEvent[] =>
  events.map((event) => ({ ...event, serverId }));
const file = (events: BuiltEvent[], more: Partial<BuiltFile> = {}): BuiltFile => ({
  file: 'binlog.000001',
  events,
  ...more,
});

/** Each transaction's number, its rows' values, and what is loud in it. */
async function read(files: BuiltFile[], options: ReaderOptions = {}) {
  const { transactions, account } = await transactionsOf(builtSource(files), options);
  expect(account.closes()).toBe(true);
  const loud = transactions.flatMap(({ undecoded }) => undecoded);
  expect(loud.map(({ reason }) => reason)).toEqual(loud.map(() => 'xa'));
  const numbers = transactions.map(({ id, changes }) => [
    Number(id.split(/[:-]/).at(-1)),
    ...changes.map(({ after }) => after!.bytes.readInt32LE(0)),
  ]);
  return { numbers, loud, account, transactions };
}

describe('committed', () => {
  it('its rows stand where it was committed', async () => {
    const { numbers, loud, account, transactions } = await read([
      file([...prepare(1, 'a', 10, 11), ...plain(2, 20), ...end(3, 'COMMIT', 'a'), ...plain(4, 40)]),
    ]);
    expect(numbers).toEqual([[2, 20], [1], [3, 10, 11], [4, 40]]);
    expect(loud).toEqual([]);
    expect(account).toMatchObject({ changes: 4, rolledBack: 0, transactions: { own: 4 }, undecoded: 0 });
    const [, prepared, committed] = transactions;
    for (const { bytes, start, end: last } of transactions)
      expect(bytes).toBe(last.position - start.position);
    // The rows are the log's, wherever they count.
    const place = committed!.changes[0]!.place.position;
    expect(place).toBeGreaterThan(prepared!.start.position);
    expect(place).toBeLessThan(prepared!.end.position);
  });

  it('in whichever order, and its name may be used again', async () => {
    const { numbers } = await read([
      file([
        ...prepare(1, 'a', 10),
        ...prepare(2, 'b', 20),
        ...end(3, 'COMMIT', 'b'),
        ...end(4, 'COMMIT', 'a'),
        ...prepare(5, 'a', 50),
        ...end(6, 'COMMIT', 'a'),
      ]),
    ]);
    expect(numbers).toEqual([[2], [3, 20], [1], [4, 10], [5], [6, 50]]);
  });

  it('after the server was killed and started again', async () => {
    const { numbers, loud, account } = await read([
      file(prepare(1, 'a', 10)),
      file(end(2, 'COMMIT', 'a'), { file: 'binlog.000002', created: 77 }),
    ]);
    expect(numbers).toEqual([[1], [2, 10]]);
    expect(loud).toEqual([]);
    expect(account.tornTails).toEqual([]);
  });

  it('told apart by every part of its name', async () => {
    const [one, two] = [
      { bqual: 'q', format: 7 },
      { bqual: 'q', format: -7 },
    ];
    const { numbers } = await read([
      file([
        ...[
          gtid(1),
          query(`XA START ${xidText('a', 'q', 7)}`),
          tableMap(),
          writeRow(10),
          xaPrepare('a', one),
        ],
        ...[
          gtid(2),
          query(`XA START ${xidText('a', 'q', -7)}`),
          tableMap(),
          writeRow(20),
          xaPrepare('a', two),
        ],
        ...[gtid(3), query(`XA COMMIT ${xidText('a', 'q', -7)}`)],
        ...[gtid(4), query(`XA COMMIT ${xidText('a', 'q', 7)}`)],
      ]),
    ]);
    expect(numbers).toEqual([[2], [3, 20], [1], [4, 10]]);
  });

  it('in one phase is an ordinary commit', async () => {
    const events = [
      gtid(1),
      query(`XA START ${xidText('a')}`),
      tableMap(),
      writeRow(10),
      xaPrepare('a', { onePhase: true }),
    ];
    const { numbers, loud } = await read([file(events)]);
    expect(numbers).toEqual([[1, 10]]);
    expect(loud).toEqual([]);
  });

  it('on MariaDB, which says so in its GTIDs and writes no XA START', async () => {
    const events = [
      ...[mariadbGtid(1, 64), tableMap(), writeRow(10), query(`XA END ${xidText('a')}`), xaPrepare('a')],
      ...[mariadbGtid(2, 128), query(`XA COMMIT ${xidText('a')}`)],
      ...[mariadbGtid(3, 64), tableMap(), writeRow(30), query(`XA END ${xidText('b')}`), xaPrepare('b')],
      ...[mariadbGtid(4, 128), query(`XA ROLLBACK ${xidText('b')}`)],
    ];
    const { numbers, loud, account } = await read([file(events, { flavor: 'mariadb' })]);
    expect(numbers).toEqual([[1], [2, 10], [3], [4]]);
    expect(loud).toEqual([]);
    expect(account.rolledBack).toBe(1);
  });
});

it('rolled back: its rows are no changes, and counted apart', async () => {
  const { numbers, loud, account } = await read([
    file([...prepare(1, 'a', 10, 11, 12), ...plain(2, 20), ...end(3, 'ROLLBACK', 'a')]),
  ]);
  expect(numbers).toEqual([[2, 20], [1], [3]]);
  expect(loud).toEqual([]);
  expect(account).toMatchObject({ changes: 1, rolledBack: 3, undecoded: 0 });
});

it('rolled back without its rows: nothing is missing', async () => {
  const { numbers, loud } = await read([file(end(3, 'ROLLBACK', 'a'))]);
  expect(numbers).toEqual([[3]]);
  expect(loud).toEqual([]);
});

describe('undecided', () => {
  it('at the end: loud, with its place, its name and its tables', async () => {
    const { numbers, loud, account, transactions } = await read([
      file([...prepare(1, 'a', 10, 11), ...plain(2, 20)]),
    ]);
    expect(numbers).toEqual([[2, 20], [1]]);
    expect(loud).toEqual([
      {
        reason: 'xa',
        file: 'binlog.000001',
        position: expect.any(Number),
        detail: expect.stringMatching(
          /^XA PREPARE X'61',X'',1 \(2 changes of shop\.t\): undecided .*XA RECOVER/,
        ),
      },
    ]);
    const { start, end: last } = transactions[1]!;
    expect(loud[0]!.position).toBeGreaterThan(start.position);
    expect(loud[0]!.position).toBeLessThan(last.position);
    expect(account).toMatchObject({ changes: 1, undecoded: 1, transactions: { own: 2 } });
  });

  it('where reading stops before its commit', async () => {
    const late = gtid(2, { committedAt: 9_000_000 });
    const events = [...prepare(1, 'a', 10), late, query(`XA COMMIT ${xidText('a')}`)];
    const { numbers, loud } = await read([file(events)], { stopDatetime: 9_000_000 });
    expect(numbers).toEqual([[1]]);
    expect(loud.length).toBe(1);
  });

  it('where its name is prepared again', async () => {
    const { numbers, loud } = await read([
      file([...prepare(1, 'a', 10), ...prepare(2, 'a', 20), ...end(3, 'COMMIT', 'a')]),
    ]);
    expect(numbers).toEqual([[1], [2], [3, 20]]);
    expect(loud.map(({ detail }) => detail)).toEqual([expect.stringContaining('undecided')]);
  });
});

describe('committed without its rows', () => {
  it('prepared before the log begins: loud at the commit', async () => {
    const { numbers, loud } = await read([file([...plain(1, 10), ...end(2, 'COMMIT', 'a')])]);
    expect(numbers).toEqual([[1, 10], [2]]);
    expect(loud).toEqual([
      {
        reason: 'xa',
        file: 'binlog.000001',
        position: expect.any(Number),
        detail: expect.stringMatching(
          /^XA COMMIT X'61',X'',1: prepared before what was read.*--start-position/,
        ),
      },
    ]);
  });

  it('prepared before the window by its GTID: loud, and says where', async () => {
    const skipGtid = (one: string): boolean => one === `${uuid}:1`;
    const { numbers, loud, account } = await read(
      [file([...prepare(1, 'a', 10), ...end(2, 'COMMIT', 'a')])],
      { skipGtid },
    );
    expect(numbers).toEqual([[2]]);
    expect(loud[0]!.detail).toMatch(/prepared at binlog\.000001:\d+, before the window.*XA RECOVER/);
    expect(account.transactions).toEqual({ own: 1, replicated: 0, skipped: 1 });
  });

  it('prepared on another server: loud, for that one may hold it prepared still', async () => {
    const { numbers, loud } = await read([file([...from(9, prepare(1, 'a', 10)), ...end(2, 'COMMIT', 'a')])]);
    expect(numbers).toEqual([[1], [2]]);
    expect(loud[0]!.detail).toMatch(/prepared by server id 9 \(binlog\.000001:\d+\).*XA RECOVER/);
  });

  it('prepared and committed on another server: that one’s transaction', async () => {
    const { numbers, loud, transactions } = await read([
      file(from(9, [...prepare(1, 'a', 10), ...end(2, 'COMMIT', 'a')])),
    ]);
    expect(numbers).toEqual([[1], [2, 10]]);
    expect(transactions.map(({ origin }) => origin)).toEqual(['replicated', 'replicated']);
    expect(loud).toEqual([]);
  });
});

it('a commit that is known is skipped, with the rows of its prepare', async () => {
  const { numbers, loud, account } = await read([file([...prepare(1, 'a', 10), ...end(2, 'COMMIT', 'a')])], {
    skipGtid: (one) => one === `${uuid}:2`,
  });
  expect(numbers).toEqual([[1]]);
  expect(loud).toEqual([]);
  expect(account.transactions).toEqual({ own: 1, replicated: 0, skipped: 1 });
});

it('is never given in parts, and keeps no more of the log than its rows', async () => {
  const events = [...prepare(1, 'a', 10, 11, 12), ...end(2, 'COMMIT', 'a')];
  const given = [];
  for await (const one of readTransactions(builtSource([file(events)]), { partBytes: 1 }).transactions())
    given.push(one);
  expect(given.map(({ part, changes }) => [part, changes.length])).toEqual([
    [false, 0],
    [false, 3],
  ]);
  for (const { after } of given[1]!.changes) expect(after!.bytes.buffer.byteLength).toBeLessThan(10_000);
});

it('a statement inside it is loud only if it is committed', async () => {
  const events = (word: 'COMMIT' | 'ROLLBACK'): BuiltEvent[] => [
    ...[gtid(1), query(`XA START ${xidText('a')}`), query('UPDATE t SET a = 1'), xaPrepare('a')],
    ...end(2, word, 'a'),
  ];
  const said = async (word: 'COMMIT' | 'ROLLBACK') => {
    const { transactions } = await transactionsOf(builtSource([file(events(word))]));
    return transactions.map(({ undecoded }) => undecoded.map(({ reason, detail }) => `${reason}: ${detail}`));
  };
  expect(await said('COMMIT')).toEqual([[], ['statement: UPDATE t SET a = 1']]);
  expect(await said('ROLLBACK')).toEqual([[], []]);
});

// Where transactions begin and end, what becomes loud, and when reading stops: on logs built by hand.
import { describe, expect, it } from 'vitest';
import { readTransactions } from '../../src/binlog/transaction-reader.ts';
import {
  type BuiltEvent,
  type BuiltFile,
  builtSource,
  gtid,
  mariadbGtid,
  query,
  rotate,
  tableMap,
  uuid,
  writeRow,
  xid,
} from './event-builder.ts';
import { transactionsOf } from './reading.ts';

const begin = query('BEGIN');
const commit = query('COMMIT');
const one = (events: BuiltEvent[], more: Partial<BuiltFile> = {}): BuiltFile => ({
  file: 'binlog.000001',
  events,
  ...more,
});
const row = (number: number): BuiltEvent[] => [gtid(number), begin, tableMap(), writeRow(number), xid];
const read = (files: BuiltFile[], options = {}) => transactionsOf(builtSource(files), options);
const loud = async (events: BuiltEvent[]) => {
  const { transactions, account } = await read([one(events)]);
  expect(account.closes()).toBe(true);
  return transactions.map(({ undecoded, changes }) => [
    changes.length,
    ...undecoded.map(({ reason, detail }) => `${reason}: ${detail}`),
  ]);
};

describe('groups', () => {
  it('begin at a GTID and end at a commit', async () => {
    const { transactions, account } = await read([one([...row(1), ...row(2)])]);
    expect(transactions.map(({ id, origin }) => [id, origin])).toEqual([
      [`${uuid}:1`, 'own'],
      [`${uuid}:2`, 'own'],
    ]);
    expect(transactions[0]).toMatchObject({ committedAt: 5_000_000, gtid: `${uuid}:1`, serverId: 1 });
    expect(transactions[0]!.end).toEqual(transactions[1]!.start);
    expect(account).toMatchObject({ changes: 2, transactions: { own: 2, replicated: 0, skipped: 0 } });
    expect(account.closes()).toBe(true);
  });

  it('without GTIDs begin at BEGIN, or are a statement', async () => {
    const events = [
      begin,
      tableMap(),
      writeRow(1),
      commit,
      query('DROP TABLE x'),
      begin,
      query('UPDATE t SET a=1'),
      xid,
    ];
    const { transactions } = await read([one(events)]);
    expect(transactions.map(({ id }) => id)).toEqual(
      transactions.map(({ start }) => `binlog.000001:${start.position}`),
    );
    expect(transactions.map(({ changes, undecoded }) => [changes.length, undecoded[0]?.reason])).toEqual([
      [1, undefined],
      [0, 'ddl'],
      [0, 'statement'],
    ]);
    expect(transactions[0]!.committedAt).toBe(1000 * 1_000_000);
  });

  it('of MariaDB have no BEGIN, and standalone ones no commit', async () => {
    const events = [
      mariadbGtid(1),
      tableMap(),
      writeRow(1, { type: 30 }),
      xid,
      mariadbGtid(2, 1),
      query('CREATE TABLE x (a INT)'),
      mariadbGtid(3),
      tableMap(),
      writeRow(2),
      query('COMMIT'),
    ];
    const { transactions } = await read([one(events, { flavor: 'mariadb' })]);
    expect(transactions.map(({ id, changes }) => [id, changes.length])).toEqual([
      ['3-1-1', 1],
      ['3-1-2', 0],
      ['3-1-3', 1],
    ]);
  });

  it('tell who wrote them first', async () => {
    const { transactions, account } = await read([one([gtid(1, { serverId: 99 }), begin, xid, ...row(2)])]);
    expect(transactions.map(({ origin, serverId }) => [origin, serverId])).toEqual([
      ['replicated', 99],
      ['own', 1],
    ]);
    expect(account.transactions).toEqual({ own: 1, replicated: 1, skipped: 0 });
  });

  it('are skipped without being read', async () => {
    const broken = { ...writeRow(1), body: writeRow(1).body.subarray(0, 13) };
    const files = [one([...row(1), gtid(2), begin, tableMap(), broken, xid, ...row(3)])];
    const { transactions, account } = await read(files, { skipGtid: (id: string) => id === `${uuid}:2` });
    expect(transactions.map(({ id }) => id)).toEqual([`${uuid}:1`, `${uuid}:3`]);
    expect(account.transactions).toEqual({ own: 2, replicated: 0, skipped: 1 });
    expect(account.closes()).toBe(true);
  });

  it('end at a stop time, and the account with them', async () => {
    const late = [gtid(3, { committedAt: 7_000_000 }), begin, xid];
    const { transactions, account } = await read([one([...row(1), ...row(2), ...late, ...row(4)])], {
      stopDatetime: 7_000_000,
    });
    expect(transactions.map(({ id }) => id)).toEqual([`${uuid}:1`, `${uuid}:2`]);
    expect(account.files[0]!.to).toBe(transactions[1]!.end.position);
    expect(account.closes()).toBe(true);
  });

  it('hold their rows in the order of the log', async () => {
    const events = [
      gtid(1),
      begin,
      tableMap(5),
      tableMap(6),
      writeRow(1, { id: 5, flags: 0 }),
      writeRow(2, { id: 6, flags: 0 }),
      writeRow(3, { id: 5 }),
      xid,
    ];
    const { transactions } = await read([one(events)]);
    expect(transactions[0]!.changes.map(({ after }) => after!.bytes.readInt32LE(0))).toEqual([1, 2, 3]);
    expect(transactions[0]!.changes.map(({ flags }) => flags)).toEqual([0, 0, 1]);
  });
});

describe('what is not rows is loud', () => {
  it.each<[string, BuiltEvent[], string]>([
    ['a statement', [begin, query('UPDATE t SET a = 1'), xid], 'statement: UPDATE t SET a = 1'],
    ['DDL', [query('/* who */ ALTER TABLE t ADD b INT')], 'ddl: /* who */ ALTER TABLE t ADD b INT'],
    ['ROLLBACK TO', [begin, query('ROLLBACK TO SAVEPOINT a'), xid], 'statement: ROLLBACK TO SAVEPOINT a'],
    ['XA that is spelled as no server does', [query('XA COMMIT "a"')], 'xa: XA COMMIT "a"'],
    [
      'an incident',
      [{ type: 26, body: Buffer.from('\x01\0\x04lost', 'latin1') }],
      'incident: the server lost events here (incident 1: lost)',
    ],
    [
      'an unknown event',
      [begin, { type: 77, body: Buffer.alloc(4) }, xid],
      'unknown-event: event type 77 (TYPE_77) is not known',
    ],
    [
      'old rows events',
      [begin, { type: 20, body: Buffer.alloc(4) }, xid],
      'unknown-event: event type 20 (TYPE_20) is not known',
    ],
  ])('%s', async (_, events, expected) => {
    expect(await loud([gtid(1), ...events])).toEqual([[0, expected]]);
  });

  it('also outside of a transaction', async () => {
    expect(await loud([{ type: 77, body: Buffer.alloc(4) }, ...row(1)])).toEqual([
      [0, 'unknown-event: event type 77 (TYPE_77) is not known'],
      [1],
    ]);
  });

  it('but what may be ignored is only counted', async () => {
    const { transactions, account } = await read([
      one([gtid(1), begin, { type: 77, body: Buffer.alloc(4), flags: 0x80 }, xid]),
    ]);
    expect(transactions[0]!.undecoded).toEqual([]);
    expect(account.events.TYPE_77).toBe(1);
  });

  it('a ROLLBACK behind rows', async () => {
    const [[changes, detail]] = (await loud([
      gtid(1),
      begin,
      tableMap(),
      writeRow(1),
      query('ROLLBACK'),
    ])) as [[number, string]];
    expect([changes, detail.slice(0, 19)]).toEqual([1, 'statement: ROLLBACK']);
  });

  it('rows whose columns have no known length', async () => {
    const map = tableMap();
    map.body[map.body.length - 3] = 20;
    expect(await loud([gtid(1), begin, map, writeRow(1, { flags: 0 }), writeRow(2), xid])).toEqual([
      [0, "not-read: rows that can't be read: table shop.t has an array column"],
    ]);
  });

  it('nothing of what is harmless', async () => {
    expect(await loud([gtid(1), begin, query('SAVEPOINT `a`'), tableMap(), writeRow(1), xid])).toEqual([[1]]);
  });
});

describe('torn', () => {
  it('is a transaction without its commit at the end', async () => {
    const { transactions, account } = await read([one([...row(1), ...row(2).slice(0, 4)])]);
    expect(transactions.length).toBe(1);
    const { position } = transactions[0]!.end;
    expect(account.tornTail).toEqual({
      file: 'binlog.000001',
      position,
      bytes: account.files[0]!.to - position,
      reason: 'the log ends before the commit',
    });
    expect(account.closes()).toBe(true);
  });

  it('together with a torn event, is one torn tail', async () => {
    const events = [...row(1), ...row(2).slice(0, 3)];
    const end = (await read([one(events)])).account.files[0]!.to;
    const notice = {
      kind: 'torn-tail',
      file: 'binlog.000001',
      position: end,
      bytes: 17,
      reason: 'cut',
    } as const;
    const { account, transactions } = await transactionsOf(builtSource([one(events)], [notice]));
    const { position } = transactions[0]!.end;
    expect(account.tornTails).toEqual([
      { file: 'binlog.000001', position, bytes: end + 17 - position, reason: 'cut' },
    ]);
    expect(account.closes()).toBe(true);
  });

  it('may be in the middle of a log where the server was killed there', async () => {
    const next: BuiltFile = { file: 'binlog.000002', created: 77, events: row(3) };
    const { transactions, account } = await read([one([...row(1), ...row(2).slice(0, 3)]), next]);
    expect(transactions.map(({ id }) => id)).toEqual([`${uuid}:1`, `${uuid}:3`]);
    expect(account.tornTails.length).toBe(1);
    expect(account.closes()).toBe(true);
  });
});

describe('stops', () => {
  const corrupt = (files: BuiltFile[]) =>
    read(files).then(
      () => 'read',
      (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
    );

  it('where a file ends in a transaction without a crash', async () => {
    const files = [one(row(1).slice(0, 3)), { file: 'binlog.000002', events: row(2) }];
    expect(await corrupt(files)).toMatch(
      /^corrupt: binlog\.000002 position 4: the transaction at binlog\.000001:\d+ has no end$/,
    );
    expect(await corrupt([one([...row(1).slice(0, 3), rotate])])).toMatch(
      /^corrupt: binlog\.000001 position \d+: .* has no end$/,
    );
  });

  it('where a transaction begins inside another', async () => {
    expect(await corrupt([one([...row(1).slice(0, 4), ...row(2)])])).toMatch(
      /has no end before the next one begins$/,
    );
    expect(await corrupt([one([gtid(1), begin, tableMap(), writeRow(1), begin])])).toMatch(
      /BEGIN inside the transaction/,
    );
  });

  it('at rows that belong to nothing', async () => {
    expect(await corrupt([one([...row(1), writeRow(1)])])).toMatch(
      /^corrupt: .*rows outside of a transaction$/,
    );
    expect(await corrupt([one([gtid(1), begin, writeRow(1)])])).toMatch(
      /rows of table 5, which no table map names$/,
    );
    expect(await corrupt([one([writeRow(1)], { from: 500 })])).toBe(
      'input: binlog.000001:500 is in the middle of a transaction',
    );
  });

  it('at rows that do not fit their table', async () => {
    const wide = writeRow(1);
    wide.body[10] = 2;
    expect(await corrupt([one([gtid(1), begin, tableMap(), wide])])).toMatch(
      /rows of 2 columns for shop\.t of 1$/,
    );
    const short = { ...writeRow(1), body: writeRow(1).body.subarray(0, 14) };
    expect(await corrupt([one([gtid(1), begin, tableMap(), short])])).toMatch(/a row cut short$/);
    const empty = writeRow(1);
    empty.body[11] = 0;
    expect(await corrupt([one([gtid(1), begin, tableMap(), empty])])).toMatch(/rows without columns$/);
  });

  it('never says that an account closes which has a gap', async () => {
    const source = builtSource([one([...row(1), ...row(2)])]);
    const gap = {
      ...source,
      async *batches() {
        let i = 0;
        for await (const batch of source.batches())
          yield i++ === 0 ? batch : batch.map((event) => ({ ...event, position: event.position + 9 }));
      },
    };
    const reading = readTransactions(gap);
    for await (const _ of reading.transactions());
    expect(reading.account.closes()).toBe(false);
    expect(readTransactions(builtSource([])).account.closes()).toBe(false);
  });

  it('knows positions beyond 4 GiB', async () => {
    const { transactions, account } = await read([one([...row(1), ...row(2)], { from: 2 ** 32 - 30 })]);
    expect(transactions[1]!.start.position).toBeGreaterThan(2 ** 32);
    expect(account.closes()).toBe(true);
  });
});

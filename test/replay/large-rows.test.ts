// Rows near the restored primary's max_allowed_packet, by either engine, on real servers: each transaction is replayed
// whole, or said to be too large and nothing of it written; no connection is lost over it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EngineName } from '../../src/replay/write-engine.ts';
import { FailoverPair, type PairOptions } from '../failover-pair.ts';

const MODES: [string, PairOptions][] = [
  ['MySQL', { flavor: 'mysql' }],
  ['MariaDB', { flavor: 'mariadb', version: '11.8' }],
];
const ENGINES: EngineName[] = ['row-events', 'sql'];
const MEGABYTE = 1 << 20;
/** Bytes of a row, as parts of max_allowed_packet: below and above what each engine's statements can hold. */
const PARTS: [number, number[]][] = [
  [1, [0.2, 0.32, 0.36, 0.45, 0.495, 0.51, 0.7, 0.76, 0.99, 1.01]],
  [4, [0.2, 0.51, 1.01]],
];
const BIG = 64 * MEGABYTE;

describe.each(MODES)('%s', (_, options) => {
  let pair: FailoverPair;
  let count = 0;

  beforeAll(async () => {
    pair = await FailoverPair.start({ ...options, args: [`--max-allowed-packet=${BIG}`] });
  });
  afterAll(() => pair?.remove());

  async function withPacket<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    await pair.restored.query(`SET GLOBAL max_allowed_packet=${bytes}`);
    try {
      return await work();
    } finally {
      await pair.restored.query(`SET GLOBAL max_allowed_packet=${BIG}`);
    }
  }

  const content = (schema: string, server = pair.restored) =>
    server.query(`SELECT id, LENGTH(b) AS bytes, SHA2(b, 256) AS sum FROM ${schema}.big ORDER BY id`);
  const small = async (schema: string): Promise<number[]> =>
    (await pair.restored.query(`SELECT id FROM ${schema}.small ORDER BY id`)).map(({ id }) => Number(id));

  describe.each(PARTS)('max_allowed_packet=%dM', (megabytes, parts) => {
    const packet = megabytes * MEGABYTE;
    test.each(ENGINES)('by %s', async (engine) => {
      const s = `l${++count}`;
      const rows = parts.map((part, i) => ({ id: i + 1, bytes: Math.round(part * packet) }));
      const seed = rows.map(
        ({ id, bytes }) => `(${100 + id}, REPEAT('u', ${bytes})),(${200 + id}, REPEAT('d', ${bytes}))`,
      );
      await pair.begin(
        `CREATE DATABASE ${s}; CREATE TABLE ${s}.big (id INT PRIMARY KEY, b LONGBLOB); CREATE TABLE ${s}.small (id INT PRIMARY KEY);
         INSERT INTO ${s}.big VALUES ${seed.join(',')}`,
      );
      for (const { id, bytes } of rows) {
        await pair.onFailed(
          `INSERT INTO ${s}.small VALUES (${id}); INSERT INTO ${s}.big VALUES (${id}, REPEAT('i', ${bytes}))`,
          `INSERT INTO ${s}.small VALUES (${100 + id}); UPDATE ${s}.big SET b=REPEAT('v', ${bytes}) WHERE id=${100 + id}`,
          `INSERT INTO ${s}.small VALUES (${200 + id}); DELETE FROM ${s}.big WHERE id=${200 + id}`,
        );
      }
      const [inserted, updated, deleted] = [0, 100, 200].map((from) => rows.map(({ id }) => from + id));
      const [rehearsed, outcome] = await withPacket(packet, async () => {
        await pair.diff();
        return [
          await pair.replay({ apply: false, engine }),
          await pair.replay({ apply: true, engine }),
        ] as const;
      });
      // Told before anything is written.
      expect(rehearsed.applied).toEqual(outcome.applied);
      expect(rehearsed.conflicts).toEqual(outcome.conflicts);
      expect(new Set(outcome.conflicts.map(({ kind }) => kind))).toEqual(new Set(['too-large']));
      expect(outcome.applied.length + outcome.conflicts.length).toBe(rows.length * 3);
      expect(outcome.verified).toMatchObject({ wrong: 0, changedSince: 0 });
      // Whole or not at all: the small row is there exactly where the big one is as the failed primary left it.
      const there = new Map((await content(s)).map((row) => [Number(row.id), row]));
      const wanted = new Map((await content(s, pair.failed)).map((row) => [Number(row.id), row]));
      const asWanted = (id: number) => JSON.stringify(there.get(id)) === JSON.stringify(wanted.get(id));
      const all = [...inserted!, ...updated!, ...deleted!];
      expect(await small(s)).toEqual(all.filter(asWanted));
      expect(await small(s)).toHaveLength(outcome.applied.length);
      // What the sizes promise: a third of the packet always goes.
      for (const from of [0, 100, 200]) expect(asWanted(from + 1)).toBe(true);
      expect(asWanted(rows.length), 'an insert beyond the packet').toBe(false);
      for (const { why } of outcome.conflicts) expect(why).toMatch(/needs max_allowed_packet=\d+/);

      const rest = await pair.replay({ apply: true, engine });
      expect(rest.conflicts).toEqual([]);
      expect(await content(s)).toEqual(await content(s, pair.failed));
    });
  });

  test.each(ENGINES)('many long keys at once, by %s', async (engine) => {
    const s = `k${++count}`;
    const keys = Array.from({ length: 250 }, (_, i) => `(CONCAT('${i}-', REPEAT('k', 2990)), 1)`);
    await pair.begin(
      `CREATE DATABASE ${s}; CREATE TABLE ${s}.t (k VARCHAR(3000) PRIMARY KEY, n INT) CHARACTER SET latin1; INSERT INTO ${s}.t VALUES ${keys.join(',')}`,
    );
    await pair.onFailed(`UPDATE ${s}.t SET n=2`);
    const outcome = await withPacket(MEGABYTE, async () => {
      await pair.diff();
      return pair.replay({ apply: true, engine });
    });
    expect(outcome).toMatchObject({ conflicts: [], verified: { rows: 250, replayed: 250 } });
  });

  test('rows of a table without a key', async () => {
    const s = `n${++count}`;
    await pair.begin(
      `CREATE DATABASE ${s}; CREATE TABLE ${s}.bare (b LONGBLOB); INSERT INTO ${s}.bare VALUES (REPEAT('a', 200000)),(REPEAT('b', 600000))`,
    );
    await pair.onFailed(
      `UPDATE ${s}.bare SET b='A' WHERE b LIKE 'a%'`,
      `UPDATE ${s}.bare SET b='B' WHERE b LIKE 'b%'`,
      `INSERT INTO ${s}.bare VALUES ('c')`,
    );
    const outcome = await withPacket(MEGABYTE, async () => {
      await pair.diff();
      return pair.replay({ apply: true, engine: 'row-events' });
    });
    expect(outcome).toMatchObject({ applied: { length: 3 }, conflicts: [], verified: { wrong: 0 } });
    const all = `SELECT SHA2(b, 256) AS sum FROM ${s}.bare ORDER BY 1`;
    expect(await pair.restored.query(all)).toEqual(await pair.failed.query(all));
  });
});

// A transaction that is sent in pieces, its looks between its writes: five thousand random statements over four tables,
// with rows touched again and again, keys that move, respelled keys, unique keys, a foreign key, ZEROFILL, numbers of all
// kinds. It comes out as on the failed primary, on the quick way; with one row changed by a customer it is left out whole.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Random, seeded } from '../binlog/value-columns.ts';
import { FailoverPair, MODES_OF_MARKING } from '../failover-pair.ts';

const ROWS = 800;
const STATEMENTS = 5_000;
const list = (row: (i: number) => string): string =>
  Array.from({ length: ROWS }, (_, i) => `(${row(i)})`).join();

const SEED = `CREATE DATABASE t;
  CREATE TABLE t.p (id INT PRIMARY KEY, u VARCHAR(30) UNIQUE, v VARCHAR(300)) ENGINE=InnoDB;
  CREATE TABLE t.c (id INT PRIMARY KEY, pid INT, v VARCHAR(300),
    FOREIGN KEY (pid) REFERENCES t.p (id) ON DELETE CASCADE ON UPDATE CASCADE) ENGINE=InnoDB;
  CREATE TABLE t.k (k VARCHAR(20) COLLATE utf8mb4_general_ci NOT NULL UNIQUE, v VARCHAR(300), d DECIMAL(12,4), f FLOAT,
    e DOUBLE) ENGINE=InnoDB;
  CREATE TABLE t.g (id INT(8) ZEROFILL, x DECIMAL(8,3) ZEROFILL, y BIGINT, s BIGINT AS (y * 2) STORED, v VARCHAR(300),
    PRIMARY KEY (id, x)) ENGINE=InnoDB;
  INSERT INTO t.p VALUES ${list((i) => `${i},'u${i}','p'`)};
  INSERT INTO t.c VALUES ${list((i) => `${i},${i % 100},'c'`)};
  INSERT INTO t.k VALUES ${list((i) => `'Key${i}','k',${i}.5,${i}/3,-${i}/7`)};
  INSERT INTO t.g (id, x, y, v) VALUES ${list((i) => `${i},${i}.125,-${i},'g'`)}`;

function statement(random: Random): string {
  const below = (limit: number): number => Math.floor(random() * limit);
  const id = (): number => below(ROWS);
  const text = `REPEAT('${'abcdef'[below(6)]}',${below(300)})`;
  const kinds = [
    () => `UPDATE t.p SET v=${text} WHERE id=${id()}`,
    () => `UPDATE t.p SET u=NULL WHERE id=${id()}`,
    () => `UPDATE IGNORE t.p SET u='u${id()}' WHERE id=${id()}`,
    () => `UPDATE t.c SET v=${text}, pid=${below(100)} WHERE id=${id()}`,
    () => `UPDATE IGNORE t.c SET id=${below(2 * ROWS)} WHERE id=${id()}`,
    () => `DELETE FROM t.c WHERE id=${id()}`,
    () => `INSERT IGNORE INTO t.c VALUES (${id()},${below(100)},${text})`,
    () =>
      `UPDATE IGNORE t.k SET k='${below(2) ? 'KEY' : 'key'}${below(ROWS + 50)}', v=${text} WHERE k='key${id()}'`,
    () => `DELETE FROM t.k WHERE k='key${id()}'`,
    () => `INSERT IGNORE INTO t.k VALUES ('keY${id()}',${text},NULL,-0.1,1e100)`,
    () => `UPDATE t.g SET y=y%1000*3, v=${text} WHERE id=${id()}`,
    () => `UPDATE IGNORE t.g SET id=${id()} WHERE id=${id()}`,
    () => `UPDATE t.g SET v=${text} WHERE id BETWEEN ${id()} AND ${id()} ORDER BY id, x LIMIT 20`,
  ];
  return kinds[below(kinds.length)]!();
}

const SUMS = `SELECT (SELECT SUM(CRC32(CONCAT_WS('#',id,u,v))) FROM t.p) AS p,
  (SELECT SUM(CRC32(CONCAT_WS('#',id,pid,v))) FROM t.c) AS c,
  (SELECT SUM(CRC32(CONCAT_WS('#',k,v,d,f,e))) FROM t.k) AS k,
  (SELECT SUM(CRC32(CONCAT_WS('#',id,x,y,s,v))) FROM t.g) AS g`;

describe.each(MODES_OF_MARKING)('%s', (_, options) => {
  let pair: FailoverPair;
  const sums = (server = pair.restored) => server.query(SUMS);
  const rollBacks = async (): Promise<number> => {
    const [row] = await pair.restored.query("SHOW GLOBAL STATUS LIKE 'Com_rollback'");
    return Number(row!.Value);
  };

  beforeAll(async () => {
    pair = await FailoverPair.start(options);
    await pair.begin(SEED);
    const random = seeded(20261121);
    const statements = Array.from({ length: STATEMENTS }, () => statement(random));
    await pair.onFailed(
      `UPDATE t.p SET v='first' WHERE id=3`,
      statements.join(';'),
      `UPDATE t.p SET v='last' WHERE id=3`,
    );
    await pair.diff();
  }, 120_000);
  afterAll(() => pair?.remove());

  test('as on the failed primary, and taken back', async () => {
    const [before, none] = [await sums(), await rollBacks()];
    const outcome = await pair.replay({ apply: true });
    expect(outcome).toMatchObject({ conflicts: [], verified: { wrong: 0, changedSince: 0 } });
    expect(outcome.applied).toHaveLength(3);
    // Whoever comes next need not wait for a session that is leaving.
    expect(await pair.restored.query("SELECT IS_FREE_LOCK('reconcile.replay') AS free")).toEqual([
      { free: 1 },
    ]);
    expect(await sums()).toEqual(await sums(pair.failed));
    // Nothing was decided a second time: what was sent first was what it had to be.
    expect(await rollBacks()).toBe(none);
    await pair.undo(outcome.undo!, { apply: true });
    expect(await sums()).toEqual(before);
  });

  test.each(['p', 'c', 'g'])(
    'a row of %s that a customer changed: nothing of it is written',
    async (table) => {
      // The failed primary changed it: else it would not be in the way.
      const [row] = await pair.failed.query(
        `SELECT id, v FROM t.${table} WHERE v NOT IN ('p','c','g','first','last') AND id < ${ROWS}${table === 'g' ? ' AND x=id+0.125' : ''} ORDER BY id DESC LIMIT 1`,
      );
      const own = await pair.restored.query(`SELECT id, v FROM t.${table} WHERE id=${row!.id}`);
      await pair.onRestored(`UPDATE t.${table} SET v='theirs' WHERE id=${row!.id}`);
      const before = await sums();
      const outcome = await pair.replay({ apply: true });
      expect(outcome.conflicts.map(({ kind }) => kind)).toContain('changed-on-restored');
      expect(outcome.applied).not.toContain(outcome.conflicts[0]!.transaction);
      await pair.undo(outcome.undo!, { apply: true });
      expect(await sums()).toEqual(before);
      await pair.onRestored(`UPDATE t.${table} SET v='${own[0]!.v}' WHERE id=${row!.id}`);
    },
  );
});

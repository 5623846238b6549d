// Tables without any key, on real servers: what the guard under lock finds, what an undo takes back, and what is refused.
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EngineName } from '../../src/replay/write-engine.ts';
import { FailoverPair, type PairOptions } from '../failover-pair.ts';

const MODES: [string, PairOptions][] = [
  ['MySQL', { flavor: 'mysql' }],
  ['MariaDB', { flavor: 'mariadb', version: '11.8' }],
];

const ENGINES: EngineName[] = ['row-events', 'sql'];

describe.each(MODES)('%s', (_, options) => {
  let pair: FailoverPair;
  beforeAll(async () => {
    pair = await FailoverPair.start({ ...options, args: ['--binlog-row-metadata=FULL'] });
  });
  afterAll(() => pair?.remove());

  const rows = async (table: string): Promise<string[]> =>
    (await pair.restored.query(`SELECT a, b FROM ${table} ORDER BY a, b`)).map(({ a, b }) => `${a} ${b}`);

  test.each(ENGINES)(
    'what live traffic took away since the plan is found under lock; the rest is replayed, verified and undone, by %s',
    async (engine) => {
      await pair.begin(
        `DROP DATABASE IF EXISTS nk1; CREATE DATABASE nk1; CREATE TABLE nk1.t (a INT, b VARCHAR(9));
       INSERT INTO nk1.t VALUES (1,'x'),(1,'x'),(2,'y'),(3,'z')`,
      );
      await pair.onFailed(
        'DELETE FROM nk1.t WHERE a=1 LIMIT 1',
        "UPDATE nk1.t SET b='w' WHERE a=2",
        "UPDATE nk1.t SET b='v' WHERE a=3",
        "INSERT INTO nk1.t VALUES (4,'new'),(4,'new')",
      );
      await pair.diff();
      expect(await pair.states()).toEqual(['missing', 'missing', 'missing', 'missing']);
      await pair.onRestored('DELETE FROM nk1.t WHERE a=2');
      const rehearsed = await pair.replay({ apply: false });
      const gone = {
        kind: 'partly-present',
        table: 'nk1.t',
        key: null,
        before: { a: 2, b: 'y' },
        restored: null,
      };
      expect(rehearsed.conflicts).toMatchObject([gone, gone]);
      const { applied, conflicts, verified, undo } = await pair.replay({ apply: true, engine });
      expect(applied).toHaveLength(3);
      expect(conflicts).toMatchObject([gone, gone]);
      expect(verified).toMatchObject({ rows: 3, replayed: 3, wrong: 0 });
      expect(await rows('nk1.t')).toEqual(['1 x', '3 v', '4 new', '4 new']);
      expect(await pair.replay({ apply: true, engine })).toMatchObject({ applied: [] });

      await pair.onRestored("DELETE FROM nk1.t WHERE b='v'");
      expect(await pair.verify()).toMatchObject({ rows: 3, replayed: 2, changedSince: 1, wrong: 0 });
      const undone = await pair.undo(undo!, { apply: true, engine });
      expect(undone.undone).toHaveLength(2);
      const changed = { kind: 'partly-present', table: 'nk1.t', before: { a: 3, b: 'v' }, restored: null };
      expect(undone.conflicts).toMatchObject([changed, changed]);
      expect(await rows('nk1.t')).toEqual(['1 x', '1 x']);
    },
  );

  test('by SQL: equal, similar and NULL rows of every sort are taken and brought one by one, and counted', async () => {
    await pair.begin(
      `CREATE DATABASE nk5; CREATE TABLE nk5.t (a INT, b VARCHAR(9), c DOUBLE, d DATETIME(3), e LONGTEXT, f ENUM('u','v'), KEY (a));
       INSERT INTO nk5.t VALUES (1,'x',1.5,'2026-01-01 00:00:00.125',REPEAT('é',3000),'u'),(1,'X',1.5,'2026-01-01 00:00:00.125',REPEAT('é',3000),'u'),
         (1,'x ',1.5,'2026-01-01 00:00:00.125',REPEAT('é',3000),'u'),(NULL,NULL,NULL,NULL,NULL,NULL),(NULL,NULL,NULL,NULL,NULL,NULL),(2,'y',-0e0,NULL,'','v')`,
    );
    await pair.onFailed(
      "DELETE FROM nk5.t WHERE BINARY b='X'",
      'DELETE FROM nk5.t WHERE a IS NULL LIMIT 1',
      "UPDATE nk5.t SET c=c+1, b='n' WHERE a IS NULL; UPDATE nk5.t SET a=9 WHERE b='n'",
      "UPDATE nk5.t SET e=REPEAT('è',3000) WHERE BINARY b='x '",
      "INSERT INTO nk5.t SELECT * FROM nk5.t WHERE BINARY b='x'; INSERT INTO nk5.t SELECT * FROM nk5.t WHERE BINARY b='x'",
      "UPDATE nk5.t SET f='u' WHERE a=2",
    );
    await pair.diff();
    const outcome = await pair.replay({ apply: true, engine: 'sql' });
    expect(outcome).toMatchObject({ applied: { length: 6 }, conflicts: [], verified: { wrong: 0 } });
    const all = 'SELECT a, HEX(b) AS b, c, d, HEX(e) AS e, f+0 AS f FROM nk5.t ORDER BY 1,2,3,4,5,6';
    expect(await pair.restored.query(all)).toEqual(await pair.failed.query(all));
    expect((await pair.undo(outcome.undo!, { apply: true, engine: 'sql' })).undone).toHaveLength(6);
    expect(await pair.restored.query('SELECT COUNT(*) AS n FROM nk5.t')).toEqual([{ n: 6 }]);
  });

  test('by SQL: what a trigger or a conversion makes of a row is found by the count, and rolled back', async () => {
    await pair.begin('CREATE DATABASE nk6; CREATE TABLE nk6.t (a INT, b VARCHAR(9))');
    await pair.onFailed("INSERT INTO nk6.t VALUES (1,'x')");
    await pair.diff();
    await pair.restored.query(
      "SET sql_log_bin=0; CREATE TRIGGER nk6.spoil BEFORE INSERT ON nk6.t FOR EACH ROW SET NEW.b='spoilt'; SET sql_log_bin=1",
    );
    const outcome = await pair.replay({ apply: true, engine: 'sql', allowTriggers: true });
    expect(outcome.applied).toEqual([]);
    expect(outcome.conflicts).toMatchObject([{ kind: 'refused-by-restored' }]);
    expect(await rows('nk6.t')).toEqual([]);
  });

  test('a fresh look after a replay and an undo knows what is there', async () => {
    await pair.begin('CREATE DATABASE nk2; CREATE TABLE nk2.t (a INT, b VARCHAR(9))');
    await pair.onFailed("INSERT INTO nk2.t VALUES (1,'x')", "INSERT INTO nk2.t VALUES (1,'x')");
    await pair.onRestored("INSERT INTO nk2.t VALUES (1,'x')");
    await pair.diff();
    // One of the two is there already, by A's own hand: whether it is the first, a person knows.
    expect(await pair.states()).toEqual(['conflict', 'missing']);
    const { undo } = await pair.replay({ apply: true });
    expect(await rows('nk2.t')).toEqual(['1 x', '1 x']);
    await pair.diff({ fenced: true });
    expect(await pair.states()).toEqual(['conflict', 'present']);
    await pair.undo(undo!, { apply: true });
    expect(await rows('nk2.t')).toEqual(['1 x']);
    await pair.diff({ fenced: true });
    expect(await pair.states()).toEqual(['conflict', 'missing']);
  });

  test('where the restored primary’s log is gone, or it truncated the table, nothing is guessed', async () => {
    await pair.begin(
      'CREATE DATABASE nk3; CREATE TABLE nk3.t (a INT, b VARCHAR(9)); CREATE TABLE nk3.u (a INT, b INT)',
    );
    await pair.onFailed("INSERT INTO nk3.t VALUES (1,'x')", 'INSERT INTO nk3.u VALUES (1,1)');
    await pair.restored.query('TRUNCATE TABLE nk3.u');
    await pair.diff();
    expect(await pair.states()).toEqual(['missing', 'unsupported']);
    const record = JSON.parse(readFileSync(pair.record, 'utf8'));
    const purged = { ...record.old.coordinates, file: 'binlog.000000' };
    writeFileSync(pair.record, JSON.stringify({ ...record, old: { ...record.old, coordinates: purged } }));
    const { unsupported } = await pair.diff({ fenced: true });
    expect(unsupported[0]!.reasons.join()).toMatch(
      /nk3\.t has no key: .*can't be told.*binlog\.000000 was purged/,
    );
  });

  test('a large table without any index: inserts come back, changes are refused with the way out', async () => {
    const double = 'INSERT INTO nk4.big SELECT a, b FROM nk4.big;'.repeat(18);
    await pair.begin(
      `CREATE DATABASE nk4; CREATE TABLE nk4.big (a INT, b INT); INSERT INTO nk4.big VALUES (1,1); ${double}
       ANALYZE TABLE nk4.big`,
    );
    await pair.onFailed('INSERT INTO nk4.big VALUES (2,2)', 'DELETE FROM nk4.big WHERE a=1 LIMIT 1');
    const { unsupported } = await pair.diff();
    expect(await pair.states()).toEqual(['missing', 'unsupported']);
    expect(unsupported[0]!.reasons.join()).toMatch(
      /nk4\.big has no key and no index at all, and about \d{6} rows.* an index/,
    );
    const bySql = await pair.replay({ apply: false, engine: 'sql' });
    expect(bySql.conflicts).toMatchObject([
      { kind: 'refused-by-restored', why: expect.stringMatching(/no index at all.*row events/) },
    ]);
    expect((await pair.replay({ apply: true })).applied).toHaveLength(1);
    await pair.restored.query('SET sql_log_bin=0; ALTER TABLE nk4.big ADD INDEX (a); SET sql_log_bin=1');
    await pair.diff({ fenced: true });
    expect(await pair.states()).toEqual(['present', 'missing']);
  });
});

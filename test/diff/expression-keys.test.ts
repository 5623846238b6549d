// Unique keys over expressions (MySQL 8.0.13 and later): forecast in the diff, by the key's own index, on a real server.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FailoverPair } from '../failover-pair.ts';

describe('MySQL', () => {
  let pair: FailoverPair;
  beforeAll(async () => {
    pair = await FailoverPair.start({ flavor: 'mysql' });
  });
  afterAll(() => pair?.remove());

  test('a value of an expression that another row of the restored primary has is a conflict in the plan', async () => {
    await pair.begin(
      `CREATE DATABASE x; USE x;
       CREATE TABLE t (id INT PRIMARY KEY, email VARCHAR(40) CHARACTER SET latin1, state ENUM('on','off') CHARACTER SET utf8mb4, n INT, doc JSON, day DATE,
         UNIQUE KEY by_mail ((LOWER(email))), UNIQUE KEY while_on ((CASE WHEN state='on' THEN n END)),
         UNIQUE KEY by_doc ((CAST(doc->>'$.id' AS UNSIGNED))), UNIQUE KEY by_year (n, (YEAR(day))));
       CREATE TABLE many (id INT PRIMARY KEY, doc JSON, at TIMESTAMP NULL, UNIQUE KEY tags ((CAST(doc->'$.tags' AS UNSIGNED ARRAY))), UNIQUE KEY hour_of ((HOUR(at))));
       INSERT INTO t VALUES (1,'Old@x','on',1,NULL,NULL),(2,NULL,'on',2,NULL,NULL)`,
    );
    const filler = Array.from(
      { length: 300 },
      (_, i) => `(${1000 + i},'f${i}@x','off',${5000 + i},NULL,NULL)`,
    );
    await pair.onFailed(
      "INSERT INTO x.t VALUES (10,'ÄNN@x',NULL,NULL,NULL,NULL)", // 0: the restored primary has änn@x
      "INSERT INTO x.t VALUES (11,'bob@x','off',7,NULL,NULL)", // 1: its 7 is on, this one is not
      "INSERT INTO x.t VALUES (12,NULL,'on',7,NULL,NULL)", // 2: this one is
      `INSERT INTO x.t VALUES (13,NULL,NULL,NULL,'{"id": "42", "o\\\\"x": 1}',NULL)`, // 3
      `INSERT INTO x.t VALUES (14,NULL,NULL,NULL,'{"id": 43}',NULL)`, // 4
      "INSERT INTO x.t VALUES (15,NULL,'off',9,NULL,'2026-03-04')", // 5
      "INSERT INTO x.t VALUES (16,NULL,'off',9,NULL,'2027-03-04')", // 6
      'DELETE FROM x.t WHERE id=1', // 7
      "INSERT INTO x.t VALUES (17,'OLD@x',NULL,NULL,NULL,NULL)", // 8: freed by the one before
      "UPDATE x.t SET email='Carl@x' WHERE id=2", // 9
      `INSERT INTO x.many VALUES (1,'{"tags": [1,2]}','2026-01-01 10:00:00')`, // 10: not asked for
    );
    await pair.onRestored(
      `INSERT INTO x.t VALUES ${filler.join()}`,
      "INSERT INTO x.t VALUES (90,'änn@X','on',7,NULL,NULL)",
      `INSERT INTO x.t VALUES (91,'CARL@x',NULL,9,'{"id": 42}','2026-12-31')`,
    );
    const { conflicts, header } = await pair.diff();
    const [missing, conflict] = ['missing', 'conflict'];
    expect(await pair.states()).toEqual([
      ...[conflict, missing, conflict, conflict, missing, conflict, missing, missing, missing, conflict],
      missing,
    ]);
    expect(
      conflicts.map(({ kind, key, columns, restored, changedBy }) => [
        kind,
        key!.id,
        columns.join(),
        restored!.id,
        changedBy?.length,
      ]),
    ).toEqual([
      ['unique-taken', 10, 'email', 90, 1],
      ['unique-taken', 12, 'state,n', 90, 1],
      ['unique-taken', 13, 'doc', 91, 1],
      ['unique-taken', 15, 'n,day', 91, 1],
      ['unique-taken', 2, 'email', 91, 1],
    ]);
    const said = header.warnings.filter((one) => one.startsWith('Unique key'));
    expect(said.map((one) => one.slice(0, one.indexOf(':')))).toEqual([
      'Unique key hour_of of x.many is over an expression (at is timestamp)',
      'Unique key tags of x.many is over an expression (it holds several values a row)',
    ]);
    const { applied, conflicts: later } = await pair.replay({ apply: true });
    expect([applied.length, later]).toEqual([6, []]);
  });
});

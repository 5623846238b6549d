// verify asks the restored primary's own log who changed what differs: also where that log has only the keys of rows, or
// statements, and where its server folds the names of tables.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FailoverPair, type PairOptions } from '../failover-pair.ts';

const KEYS_ONLY = '--binlog-row-image=MINIMAL';
const MIXED = '--binlog-format=MIXED';
const MODES: [string, PairOptions][] = [
  ['MySQL, MINIMAL images', { flavor: 'mysql', restoredArgs: [KEYS_ONLY] }],
  ['MariaDB, MINIMAL images', { flavor: 'mariadb', restoredArgs: [KEYS_ONLY] }],
  [
    'MySQL without GTIDs, MIXED log',
    { flavor: 'mysql', gtid: false, restoredArgs: [MIXED], failedArgs: ['--binlog-format=ROW'] },
  ],
  ['MariaDB, MIXED log', { flavor: 'mariadb', restoredArgs: [MIXED], failedArgs: ['--binlog-format=ROW'] }],
  ['MariaDB, folded names', { flavor: 'mariadb', restoredArgs: ['--lower-case-table-names=1'] }],
];

describe.each(MODES)('%s', (_, options) => {
  let pair: FailoverPair;

  beforeAll(async () => {
    pair = await FailoverPair.start(options);
  });
  afterAll(() => pair?.remove());

  test('rows that live traffic changed behind the replay are changed since, not wrong', async () => {
    await pair.begin(
      `CREATE DATABASE Shop; CREATE TABLE Shop.Item (a INT, b VARCHAR(9), n INT, note TEXT, PRIMARY KEY (a, b));
       CREATE TABLE Shop.Plain (a INT, b INT);
       INSERT INTO Shop.Item VALUES (1,'x',1,'one'),(2,'x',2,'two'),(3,'x',3,'three'),(4,'x',4,'four');
       INSERT INTO Shop.Plain VALUES (1,1),(2,2)`,
    );
    await pair.onFailed(
      'UPDATE Shop.Item SET n=n+10 WHERE a<4',
      `INSERT INTO Shop.Item VALUES (5,'x',5,'five')`,
      'DELETE FROM Shop.Item WHERE a=4',
      'UPDATE Shop.Plain SET b=3 WHERE a=1',
    );
    await pair.diff();
    expect((await pair.replay({ apply: true })).verified).toMatchObject({ rows: 6, replayed: 6 });
    await pair.onRestored(
      'UPDATE Shop.Item SET n=n+1 WHERE a=1',
      `UPDATE Shop.Item SET b='y' WHERE a=2`,
      'DELETE FROM Shop.Item WHERE a=5',
      `INSERT INTO Shop.Item VALUES (4,'x',44,'again')`,
      'UPDATE Shop.Plain SET b=4 WHERE a=1',
    );
    expect(await pair.verify()).toMatchObject({ rows: 6, replayed: 1, changedSince: 5, wrong: 0 });
  });

  test('a row that nobody’s log tells of is wrong', async () => {
    await pair.begin(
      'CREATE DATABASE Hurt; CREATE TABLE Hurt.Item (a INT PRIMARY KEY, n INT); INSERT INTO Hurt.Item VALUES (1,1),(2,2)',
    );
    await pair.onFailed('UPDATE Hurt.Item SET n=n+10');
    await pair.onRestored('CREATE TABLE Hurt.Other (a INT)', 'INSERT INTO Hurt.Other VALUES (1)');
    await pair.diff();
    await pair.replay({ apply: true });
    await pair.restored.query('SET sql_log_bin=0; UPDATE Hurt.Item SET n=0 WHERE a=1; SET sql_log_bin=1');
    expect(await pair.verify()).toMatchObject({ rows: 2, replayed: 1, changedSince: 0, wrong: 1 });
  });
});

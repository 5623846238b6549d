// Writes test/binlog/fixtures: small binlogs of real servers, one folder a server, and what happened in them.
// Run it by hand (`node test/binlog/make-fixtures.ts [FOLDER …]`) when a format is to be added; the tests only read the
// result.
import { copyFile, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startServer, stopAll } from '../sandbox/index.ts';
import { connectTo, servers } from './reading.ts';

const common = [
  'CREATE DATABASE shop',
  'USE shop',
  `CREATE TABLE meta (
     y YEAR, u INT UNSIGNED, s INT, d DECIMAL(5,2) UNSIGNED, f FLOAT UNSIGNED,
     a VARCHAR(10) CHARACTER SET latin1, b VARCHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, c VARBINARY(5), t TEXT CHARACTER SET sjis,
     e ENUM('x','y,z','q''r'), st SET('m','n') CHARACTER SET latin1, g GEOMETRY, p1 INT, p2 VARCHAR(20) CHARACTER SET latin1,
     PRIMARY KEY (p2(3), p1))`,
  "INSERT INTO meta (y, u, s, d, p1, p2, e, st) VALUES (2024, 4000000000, -5, 1.25, 7, 'abc', 'y,z', 'm,n')",
  'CREATE TABLE orders (id INT PRIMARY KEY, note VARCHAR(20), amount DECIMAL(10,2), doc TEXT)',
  "BEGIN; INSERT INTO orders VALUES (1,'one',1.50,'d1'),(2,'two',2.50,'d2'); UPDATE orders SET note='uno' WHERE id=1; DELETE FROM orders WHERE id=2; COMMIT",
  "SET binlog_row_image=MINIMAL; UPDATE orders SET amount=9 WHERE id=1; INSERT INTO orders (id) VALUES (3); SET binlog_row_image=NOBLOB; UPDATE orders SET note='x' WHERE id=3; SET binlog_row_image=FULL",
  "BEGIN; INSERT INTO orders VALUES (4,'four',4,NULL); SAVEPOINT a; INSERT INTO orders VALUES (5,'gone',5,NULL); ROLLBACK TO a; COMMIT",
  "SET binlog_format=STATEMENT; UPDATE orders SET note=CONCAT(note,'!') WHERE id=4; SET @v=3; INSERT INTO orders (id, note) VALUES (90, @v); SET binlog_format=ROW",
  "XA START 'two'; INSERT INTO orders (id) VALUES (50); XA END 'two'; XA PREPARE 'two'; XA COMMIT 'two'",
  "XA START 'one'; INSERT INTO orders (id) VALUES (51); XA END 'one'; XA COMMIT 'one' ONE PHASE",
  'CREATE TABLE copied AS SELECT id, note FROM orders',
  'CREATE TEMPORARY TABLE scratch (id INT); DROP TEMPORARY TABLE scratch',
  'CREATE TABLE mem (id INT PRIMARY KEY) ENGINE=MEMORY; CREATE TABLE old (id INT PRIMARY KEY) ENGINE=MyISAM',
  'TRUNCATE TABLE copied',
];

/** Not allowed with GTIDs. */
const rolledBack = 'BEGIN; INSERT INTO orders (id) VALUES (60); INSERT INTO old VALUES (1); ROLLBACK';

const own = {
  mysql: [
    'SET binlog_transaction_compression=ON',
    "INSERT INTO orders (id, note) VALUES (100,'packed'),(101,'packed')",
    'SET binlog_transaction_compression=OFF',
    "SET gtid_next='AUTOMATIC:tagged'; INSERT INTO orders (id, note) VALUES (110,'tagged'); SET gtid_next='AUTOMATIC'",
    'SET binlog_rows_query_log_events=ON; INSERT INTO orders (id) VALUES (120); SET binlog_rows_query_log_events=OFF',
    'CREATE TABLE j (id INT PRIMARY KEY, doc JSON, inv INT INVISIBLE, v VECTOR(2)); INSERT INTO j (id, doc) VALUES (1, \'{"a": [1, 2]}\')',
    "SET binlog_row_value_options=PARTIAL_JSON; UPDATE j SET doc=JSON_SET(doc, '$.b', 1); UPDATE orders SET note='whole' WHERE id=120; UPDATE j SET doc='[1]', inv=5; SET binlog_row_value_options=''",
  ],
  mariadb: [
    rolledBack,
    'SET GLOBAL log_bin_compress_min_len=10; SET GLOBAL log_bin_compress=ON',
    "INSERT INTO orders (id, note) VALUES (100,'packed'),(101,'packed')",
    'CREATE TABLE packed_query (a_long_enough_name_to_be_compressed INT)',
    'SET GLOBAL log_bin_compress=OFF',
    'CREATE TABLE versioned (id INT PRIMARY KEY) WITH SYSTEM VERSIONING; INSERT INTO versioned VALUES (1)',
    'CREATE SEQUENCE numbers; SELECT NEXTVAL(numbers)',
    'CREATE TABLE squeezed (id INT PRIMARY KEY, t VARCHAR(100) COMPRESSED); INSERT INTO squeezed VALUES (1, REPEAT("a", 90))',
  ],
};

const unchecked = [
  'SET GLOBAL binlog_checksum=NONE',
  "INSERT INTO orders (id, note) VALUES (200,'unchecked'); UPDATE orders SET note='still' WHERE id=200",
  'SET GLOBAL binlog_checksum=CRC32',
  "INSERT INTO orders (id, note) VALUES (300,'last but one')",
  "BEGIN; INSERT INTO orders (id, note) VALUES (301,'last'); UPDATE orders SET note='very last' WHERE id=301; COMMIT",
];

const script = (special: string[]): string[][] => [[...common, ...special, ...unchecked]];

const document = `JSON_OBJECT('list', JSON_ARRAY(1, 2, 3), 'text', REPEAT('x', 120), 'at', DATE'2026-11-20', 'price', 12.50)`;
const bothWays = (id: string, rows: string, ends: string): string[] => [
  `USE xa; XA START ${id}; ${rows}; XA END ${id}; XA PREPARE ${id}`,
  `XA ${ends} ${id}`,
];

/** Each of these is a session of its own: a prepared transaction outlives the one that prepared it. */
const xa = (flavor: 'mysql' | 'mariadb'): string[][] => [
  [
    'CREATE DATABASE xa; USE xa; CREATE TABLE o (id INT PRIMARY KEY, note VARCHAR(20)); CREATE TABLE my (id INT) ENGINE=MyISAM',
    "INSERT INTO o VALUES (1, 'one'), (2, 'two')",
    "BEGIN; INSERT INTO o VALUES (3, 'three'); UPDATE o SET note = 'drei' WHERE id = 3; COMMIT",
  ],
  [
    "USE xa; XA START 'late'; INSERT INTO o VALUES (10, 'late'); UPDATE o SET note = 'later' WHERE id = 10; XA END 'late'; XA PREPARE 'late'",
  ],
  ["USE xa; INSERT INTO o VALUES (11, 'between')"],
  ["XA COMMIT 'late'"],
  ...bothWays("'gtrid''s','\\0branch',77", "INSERT INTO o VALUES (12, 'named')", 'COMMIT').map((sql) => [
    sql,
  ]),
  ...bothWays("'gone'", "INSERT INTO o VALUES (13, 'gone'); DELETE FROM o WHERE id = 1", 'ROLLBACK').map(
    (sql) => [sql],
  ),
  ["USE xa; XA START 'one'; INSERT INTO o VALUES (14, 'one phase'); XA END 'one'; XA COMMIT 'one' ONE PHASE"],
  [
    "USE xa; XA START 'save'; INSERT INTO o VALUES (15, 'kept'); SAVEPOINT s; INSERT INTO o VALUES (16, 'not'); ROLLBACK TO s; XA END 'save'; XA PREPARE 'save'; XA COMMIT 'save'",
  ],
  ...(flavor === 'mysql'
    ? [
        [
          "USE xa; SET binlog_transaction_compression = ON; XA START 'packed'; INSERT INTO o VALUES (20, 'packed'); XA END 'packed'; XA PREPARE 'packed'; XA COMMIT 'packed'",
        ],
        [
          "USE xa; SET binlog_transaction_compression = ON; XA START 'p1'; INSERT INTO o VALUES (21, 'packed'); XA END 'p1'; XA COMMIT 'p1' ONE PHASE",
        ],
        [
          'USE xa; CREATE TABLE j (id INT PRIMARY KEY, a JSON, n INT, b JSON)',
          `INSERT INTO j VALUES (1, ${document}, 0, ${document}), (2, JSON_ARRAY(REPEAT('y', 70000), ${document}), 0, NULL)`,
          'SET binlog_row_value_options = PARTIAL_JSON',
          "UPDATE j SET a = JSON_SET(a, '$.list[1]', 18446744073709551615, '$.new', JSON_OBJECT('k', TIME'-01:02:03'))",
          "UPDATE j SET a = JSON_REMOVE(a, '$.text'), b = JSON_REPLACE(b, '$.list[last]', -0e0), n = 1 WHERE id = 1",
          "UPDATE j SET a = JSON_SET(a, '$[1].\"odd \\\\\"name\"', 'ü', '$[1].list[last-1]', 1.0) WHERE id = 2",
          "BEGIN; UPDATE j SET b = JSON_SET(b, '$.list[9]', 9), n = 2 WHERE id = 1; UPDATE j SET b = JSON_SET(b, '$.list[0]', 8) WHERE id = 1; UPDATE o SET note = 'whole' WHERE id = 2; COMMIT",
          "SET binlog_transaction_compression = ON; UPDATE j SET b = JSON_REMOVE(b, '$.list[0]', '$.list[0]') WHERE id = 1; SET binlog_transaction_compression = OFF",
          "SET binlog_row_image = MINIMAL; UPDATE j SET b = JSON_SET(b, '$.lost', 1) WHERE id = 1; UPDATE j SET n = 3 WHERE id = 1",
        ],
      ]
    : [
        [
          "USE xa; SET sql_log_bin = 0; XA START 'dark'; INSERT INTO o VALUES (20, 'dark'); XA END 'dark'; XA PREPARE 'dark'",
        ],
        ["XA COMMIT 'dark'"],
        [
          "USE xa; XA START 'mixed'; INSERT INTO o VALUES (21, 'gone'); INSERT INTO my VALUES (1); XA END 'mixed'; XA PREPARE 'mixed'",
        ],
        ["XA ROLLBACK 'mixed'"],
      ]),
  ["USE xa; XA START 'crash'; INSERT INTO o VALUES (30, 'survives'); XA END 'crash'; XA PREPARE 'crash'"],
  [
    "USE xa; XA START 'open'; INSERT INTO o VALUES (31, 'undecided'), (32, 'undecided'); XA END 'open'; XA PREPARE 'open'",
  ],
];

/** Read as the newer ones are, and not run by the tests themselves. */
const oldest = { flavor: 'mariadb', version: '10.5', args: [] } as const;

const made = [
  ...[...servers, oldest].map(({ flavor, version, args }) => ({
    flavor,
    version,
    args,
    folder: `${flavor}-${version}`,
    sessions: script(own[flavor]),
    afterCrash: '',
  })),
  {
    flavor: 'mysql',
    version: '9.7',
    args: ['--gtid-mode=OFF', '--enforce-gtid-consistency=OFF'],
    folder: 'mysql-9.7-anonymous',
    sessions: script([rolledBack]),
    afterCrash: '',
  },
  ...servers.map(({ flavor, version, args }) => ({
    flavor,
    version,
    args,
    folder: `${flavor}-${version}-xa`,
    sessions: xa(flavor),
    afterCrash: "XA COMMIT 'crash'",
  })),
] as const;
const wanted = process.argv.slice(2);

for (const { flavor, version, args, folder: name, sessions, afterCrash } of made) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const server = await startServer({
    name: `fixtures-${name}`,
    flavor,
    version,
    serverId: 7,
    args: [...args, '--binlog-row-metadata=FULL', '--sql-mode=', '--innodb-autoinc-lock-mode=1'],
  });
  for (const session of sessions) {
    const connection = await connectTo(server);
    for (const statements of session) await connection.query(statements);
    await connection.end();
  }
  const folder = join(import.meta.dirname, 'fixtures', name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  // Killed, so that the last file is still in use, as a failed primary leaves it.
  await server.kill();
  if (afterCrash !== '') {
    await server.restart();
    await server.query(afterCrash);
    await server.kill();
  }
  const from = await server.binlogDirectory();
  for (const file of (await readdir(from)).filter((one) => /^binlog\.(\d+|index)$/.test(one))) {
    await copyFile(join(from, file), join(folder, file));
  }
}
await stopAll();

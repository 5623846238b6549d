// Writes test/binlog/fixtures: small binlogs of real servers, one folder a server, and what happened in them.
// Run it by hand (`node test/binlog/make-fixtures.ts`) when a format is to be added; the tests only read the result.
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

const withoutGtid = {
  flavor: 'mysql',
  version: '9.7',
  args: ['--gtid-mode=OFF', '--enforce-gtid-consistency=OFF'],
  folder: 'mysql-9.7-anonymous',
} as const;
const made = servers.map(({ flavor, version, args }) => ({
  flavor,
  version,
  args,
  folder: `${flavor}-${version}`,
}));

for (const { flavor, version, args, folder: name } of [...made, withoutGtid]) {
  const server = await startServer({
    name: `fixtures-${name}`,
    flavor,
    version,
    serverId: 7,
    args: [...args, '--binlog-row-metadata=FULL', '--sql-mode=', '--innodb-autoinc-lock-mode=1'],
  });
  const connection = await connectTo(server);
  const special = name === withoutGtid.folder ? [rolledBack] : own[flavor];
  for (const statements of [...common, ...special, ...unchecked]) await connection.query(statements);
  connection.destroy();
  const folder = join(import.meta.dirname, 'fixtures', name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  // Killed, so that the last file is still in use, as a failed primary leaves it.
  await server.kill();
  const from = await server.binlogDirectory();
  for (const file of (await readdir(from)).filter((one) => /^binlog\.(\d+|index)$/.test(one))) {
    await copyFile(join(from, file), join(folder, file));
  }
}
await stopAll();

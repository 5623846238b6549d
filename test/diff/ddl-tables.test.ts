// Which tables a statement changes, and whether its columns may mean something else behind it.
import { expect, test } from 'vitest';
import { changesColumns, changesRowsUnseen, ddlTables } from '../../src/diff/ddl-tables.ts';

const tables = (detail: string) => ddlTables({ reason: 'ddl', detail, schema: 's' });

test.each([
  ['ALTER TABLE t ADD c INT', ['s.t']],
  ['alter table `a``b`.`c d` drop column e', ['a`b.c d']],
  ['DROP TABLE IF EXISTS t, u.v', ['s.t', 'u.v']],
  ['RENAME TABLE t TO u, v.w TO v.x', ['s.t', 's.u', 'v.w', 'v.x']],
  ['TRUNCATE t', ['s.t']],
  ['TRUNCATE TABLE u.t', ['u.t']],
  ['CREATE UNIQUE INDEX i ON t (a)', ['s.t']],
  ['CREATE TABLE t (id INT)', ['s.t']],
  ['/* hello */ ALTER TABLE t ENGINE=InnoDB', ['s.t']],
  ["GRANT SELECT ON s.t TO 'a'@'%'", []],
  ["CREATE USER 'a'", []],
  ['ANALYZE TABLE t', []],
  ['OPTIMIZE TABLE t', []],
  ['DROP DATABASE IF EXISTS `a b`', ['a b.*']],
  ['DROP SCHEMA x', ['x.*']],
  ['CREATE DATABASE x', []],
  ['ALTER DATABASE x CHARACTER SET utf8mb4', []],
  ['CREATE OR REPLACE VIEW v AS SELECT 1', []],
  ['ALTER DEFINER=`a`@`%` VIEW v AS SELECT 1', []],
  ['DROP VIEW v', []],
  ['RENAME USER a TO b', []],
  ['REVOKE ALL ON s.* FROM a', []],
  ['DROP INDEX i ON u.t', ['u.t']],
  ['CREATE SEQUENCE q START WITH 5', ['s.q']],
  ["INSTALL PLUGIN p SONAME 'p.so'", []],
  ['something nobody knows', ['*']],
  ['ALTER TABLE "t" MODIFY n INT', ['s.t']],
  ['ALTER TABLE "u v"."w""x" MODIFY n INT', ['u v.w"x']],
  ['ALTER TABLE # hello\n t MODIFY n INT', ['s.t']],
  ['ALTER TABLE -- hello\n u.t MODIFY n INT', ['u.t']],
  ['ALTER TABLE u/**/./**/t/* a */MODIFY n INT', ['u.t']],
  ['/*M!100000 ALTER TABLE t MODIFY n INT */', ['s.t']],
  ['/*!50000 ALTER TABLE t MODIFY n INT */', ['s.t']],
  ['SET STATEMENT max_statement_time=100 FOR ALTER TABLE u.t MODIFY n INT', ['u.t']],
  ['SET STATEMENT max_statement_time=100 FOR INSERT INTO u.t VALUES (1)', ['*']],
  ['ALTER TABLE t EXCHANGE PARTITION p WITH TABLE `u v`.`x`', ['s.t', 'u v.x']],
  ['ALTER TABLE t CONVERT PARTITION p TO TABLE x', ['s.t', 's.x']],
  ['ALTER TABLE t CONVERT TABLE x TO PARTITION p VALUES LESS THAN (5)', ['s.t', 's.x']],
])('%s', (sql, names) => {
  expect(tables(sql)).toEqual(names);
});

test.each([
  ['ALTER TABLE t ADD INDEX (a), ADD UNIQUE KEY u (b)', false],
  ['ALTER TABLE t DROP FOREIGN KEY f', false],
  ['ALTER TABLE t ENGINE=InnoDB', false],
  ['CREATE INDEX i ON t (a)', false],
  ['ALTER TABLE t ADD c INT', true],
  ['ALTER TABLE t ADD COLUMN c INT, ADD INDEX (c)', true],
  ['ALTER TABLE t DROP c', true],
  ["ALTER TABLE t COMMENT='/*', MODIFY n INT AFTER m /* x */", true],
  ["ALTER TABLE t COMMENT='it''s # no', MODIFY n INT AFTER m", true],
  ['SET STATEMENT max_statement_time=100 FOR ALTER TABLE t ADD INDEX (a)', false],
  ['ALTER TABLE t MODIFY n INT AFTER m', true],
  ['ALTER TABLE t RENAME COLUMN a TO b', true],
  ['DROP TABLE t', true],
  ['TRUNCATE TABLE t', false],
  ['TRUNCATE t', false],
])('%s', (sql, changes) => {
  expect(changesColumns(sql)).toBe(changes);
});

test.each([
  ['ALTER TABLE t ALTER a SET DEFAULT 7', true],
  ['ALTER TABLE t ALTER COLUMN a DROP DEFAULT', true],
  ['ALTER TABLE t EXCHANGE PARTITION p WITH TABLE x', true],
  ['ALTER TABLE t DROP PARTITION p', true],
  ['ALTER TABLE t TRUNCATE PARTITION p', true],
  ['ALTER TABLE t IMPORT TABLESPACE', true],
  ['ALTER TABLE t ADD c INT', true],
  ['TRUNCATE t', true],
  ['ALTER TABLE t ADD INDEX (a)', false],
  ['ALTER TABLE t ADD PARTITION (PARTITION p VALUES LESS THAN (9))', false],
  ['ALTER TABLE t ENGINE=InnoDB', false],
  ['CREATE INDEX i ON t (a)', false],
])('rows unseen: %s', (sql, changes) => {
  expect(changesRowsUnseen(sql)).toBe(changes);
});

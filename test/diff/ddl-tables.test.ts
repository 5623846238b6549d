// Which tables a statement changes, and whether its columns may mean something else behind it.
import { expect, test } from 'vitest';
import { changesColumns, ddlTables } from '../../src/diff/ddl-tables.ts';

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
  ['something nobody knows', ['*']],
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
  ['ALTER TABLE t MODIFY n INT AFTER m', true],
  ['ALTER TABLE t RENAME COLUMN a TO b', true],
  ['DROP TABLE t', true],
])('%s', (sql, changes) => {
  expect(changesColumns(sql)).toBe(changes);
});

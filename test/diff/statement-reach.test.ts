// Which tables a logged statement can have changed: told only where nothing else is possible.
import { expect, test } from 'vitest';
import { statementReach, statementTarget } from '../../src/diff/statement-reach.ts';
import type { TableDefinition } from '../../src/server/catalogue.ts';

test.each<[string, string | null]>([
  ["INSERT INTO t (a, b) VALUES (1, 'x'), (2, NOW())", 's.t'],
  ['insert ignore into `u`.`we``ird (t)` set a=1', 'u.we`ird (t)'],
  ['REPLACE t VALUES (1)', 's.t'],
  ['INSERT INTO t SELECT id FROM a_view', null],
  ['DELETE FROM t WHERE id = (SELECT 1)', null],
  ["UPDATE t SET n = 'select f(1) from x'", 's.t'],
  ['INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE n = VALUES(n)', 's.t'],
  ['UPDATE t SET n = n + 1 WHERE id = 1', 's.t'],
  ['/* app */ UPDATE LOW_PRIORITY s.t AS x SET x.n = UUID()', 's.t'],
  ['DELETE FROM t', 's.t'],
  ['DELETE FROM t WHERE id = 1 LIMIT 1', 's.t'],
  ["UPDATE t SET n = 'it''s f(x)', m = \"g(y)\" WHERE `f` = 1", 's.t'],
  ['UPDATE a, b SET a.n = b.n', null],
  ['UPDATE a JOIN b USING (id) SET a.n = 1', null],
  ['DELETE a FROM a JOIN b', null],
  ['DELETE FROM a USING a JOIN b', null],
  ['INSERT INTO t VALUES (next_number())', null],
  ['UPDATE t SET n = app.f (1)', null],
  ['UPDATE t SET n = `f`(1)', null],
  ['CALL tidy()', null],
  ["LOAD DATA INFILE 'x' INTO TABLE t", null],
  ['WITH x AS (SELECT 1) DELETE FROM t', null],
  ['SELECT f(1)', null],
])('%s', (detail, target) => {
  expect(statementTarget({ detail, schema: 's' })).toBe(target);
});

const table = (name: string, more: Partial<TableDefinition> = {}): [string, TableDefinition] => [
  `s.${name}`,
  {
    schema: 's',
    table: name,
    triggers: [],
    triggersKnown: true,
    referencedBy: [],
    referencesKnown: true,
    ...more,
  } as unknown as TableDefinition,
];
const child = (name: string, onDelete: string, onUpdate = 'RESTRICT') =>
  ({ schema: 's', table: name, onDelete, onUpdate }) as TableDefinition['referencedBy'][number];

test('foreign keys spread it, triggers and what nobody knows make it every table', () => {
  const reach = (detail: string, ...tables: [string, TableDefinition][]): string[] =>
    statementReach({ reason: 'statement', detail, schema: 's' }, new Map(tables));
  const sql = 'DELETE FROM t WHERE id = 1';
  expect(reach(sql, table('t'))).toEqual(['s.t']);
  expect(reach(sql)).toEqual(['*']);
  expect(reach('CALL x()', table('t'))).toEqual(['*']);
  const cascades = table('t', { referencedBy: [child('a', 'CASCADE'), child('b', 'NO ACTION')] });
  expect(reach(sql, cascades, table('a'), table('b'))).toEqual(['s.t', 's.a']);
  expect(
    reach(sql, cascades, table('a', { referencedBy: [child('c', 'RESTRICT', 'SET NULL')] }), table('c')),
  ).toEqual(['s.t', 's.a', 's.c']);
  expect(reach(sql, cascades, table('b'))).toEqual(['*']);
  const trigger = { name: 'x', timing: 'AFTER', event: 'DELETE' } as const;
  expect(reach(sql, table('t', { triggers: [trigger] }))).toEqual(['*']);
  expect(reach(sql, table('t', { triggersKnown: false }))).toEqual(['*']);
  expect(reach(sql, table('t', { referencesKnown: false }))).toEqual(['*']);
  expect(statementReach({ reason: 'ddl', detail: 'DROP TABLE x', schema: 's' }, new Map())).toEqual(['s.x']);
});

// The policy file: what is understood, and that every fault is said with its line, its column and the way out.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { checkPolicy } from '../../src/policy/check-policy.ts';
import { loadPolicy } from '../../src/policy/load-policy.ts';
import { parsePolicy } from '../../src/policy/parse-policy.ts';
import { columnRules, rowRule } from '../../src/policy/policy.ts';
import type { ColumnDefinition, TableDefinition } from '../../src/server/catalogue.ts';
import { columnDefinition } from '../columns.ts';

const GOOD = `version: 1
default: keep-restored
tables:
  shop.orders:
    on-conflict: merge-columns
    columns: { total: add, note: keep-restored }
  shop.items: { on-conflict: rekey }
  shop.carts:
    on-conflict:
      key-taken: rekey
      partly-present: take-failed
decisions:
  "a-b:57": take-failed
  0-1-7: hold
`;

function faults(text: string): string {
  try {
    parsePolicy(text, 'p.yaml');
  } catch (error) {
    return (error as Error).message;
  }
  return 'no fault';
}

describe('what a policy says', () => {
  const policy = parsePolicy(GOOD, 'p.yaml');
  test.each([
    ['x:1', 'shop.other', 'changed-on-restored', 'keep-restored', 'p.yaml:2:10'],
    ['x:1', 'shop.orders', 'changed-on-restored', 'merge-columns', 'p.yaml:5:18'],
    // A rule that can't decide the kind holds it: the table was not meant for the default.
    ['x:1', 'shop.orders', 'key-taken', 'hold', 'p.yaml:5:18'],
    ['x:1', 'shop.items', 'key-taken', 'rekey', 'p.yaml:7:30'],
    ['x:1', 'shop.carts', 'partly-present', 'take-failed', 'p.yaml:11:23'],
    ['x:1', 'shop.carts', 'changed-on-restored', 'keep-restored', 'p.yaml:2:10'],
    ['x:1', 'shop.other', 'parent-missing', 'hold', 'p.yaml:2:10'],
    ['a-b:57', 'shop.orders', 'changed-on-restored', 'take-failed', 'p.yaml:13:13'],
    ['0-1-7', 'shop.orders', 'changed-on-restored', 'hold', 'p.yaml:14:10'],
  ] as const)('%s %s %s: %s', (transaction, table, kind, rule, place) => {
    expect(rowRule(policy, transaction, table, kind)).toMatchObject({ rule, place });
  });

  test('columns have rules, unless the transaction is decided', () => {
    expect([...columnRules(policy, 'x:1', 'shop.orders')].map(([name, { rule }]) => [name, rule])).toEqual([
      ['total', 'add'],
      ['note', 'keep-restored'],
    ]);
    expect(columnRules(policy, 'a-b:57', 'shop.orders').size).toBe(0);
    expect(columnRules(policy, 'x:1', 'shop.items').size).toBe(0);
  });
});

describe('faults', () => {
  test.each([
    [
      '',
      'p.yaml:1:1: the policy is no map of names and values. It holds: version, default, tables, decisions.',
    ],
    ['default: hold', 'p.yaml:1:1: it says no version. Begin with `version: 1`.'],
    ['version: 2', 'p.yaml:1:10: version 2 is not known. This reconcile reads `version: 1`.'],
    ['version: 1\ndefalt: hold', 'p.yaml:2:1: "defalt" is not known in the policy. Did you mean default?'],
    [
      'version: 1\ndefault: take-faild',
      'p.yaml:2:10: "take-faild" is no rule here. Did you mean take-failed?',
    ],
    [
      'version: 1\ndefault: rekey',
      'p.yaml:2:10: "rekey" is no rule here. The rules are: hold, keep-restored, take-failed.',
    ],
    [
      'version: 1\ndefault:',
      'p.yaml:2:9: "default" has no rule. The rules are: hold, keep-restored, take-failed.',
    ],
    [
      'version: 1\ntables: [a]',
      'p.yaml:2:9: `tables` is no map of names and values. Write `name: rule`, one a line.',
    ],
    [
      'version: 1\ntables:\n  orders: { on-conflict: hold }',
      'p.yaml:3:3: "orders" is not DATABASE.TABLE. Name the database, too.',
    ],
    [
      'version: 1\ntables:\n  a.b: {}',
      'p.yaml:3:3: a.b says nothing. Give it `on-conflict`, or `columns`, or take it out.',
    ],
    [
      'version: 1\ntables:\n  a.b: { onconflict: hold }',
      'p.yaml:3:10: "onconflict" is not known in a.b. Did you mean on-conflict?',
    ],
    [
      'version: 1\ntables:\n  a.b: { on-conflict: add }',
      'p.yaml:3:23: "add" is no rule here. It is a rule for columns. The rules here are: hold, keep-restored, take-failed, merge-columns, rekey.',
    ],
    [
      'version: 1\ntables:\n  a.b: { columns: { c: rekey } }',
      'p.yaml:3:24: "rekey" is no rule here. It is a rule for a table. The rules here are: hold, keep-restored, take-failed, add.',
    ],
    [
      'version: 1\ntables:\n  a.b: { on-conflict: { changed-on-restored: rekey } }',
      "p.yaml:3:46: rekey can't decide changed-on-restored. These can: hold, keep-restored, take-failed, merge-columns.",
    ],
    [
      'version: 1\ntables:\n  a.b: { on-conflict: { key-takn: rekey } }',
      'p.yaml:3:25: no rule decides "key-takn". Did you mean key-taken?',
    ],
    [
      'version: 1\ntables:\n  a.b: { on-conflict: { parent-missing: take-failed } }',
      'p.yaml:3:25: no rule decides "parent-missing". Rules decide these kinds: changed-on-restored, deleted-on-restored, key-taken, partly-present, likely-retry, unique-taken, children-exist.',
    ],
    [
      'version: 1\ndecisions:\n  "u:1": merge-columns',
      'p.yaml:3:10: "merge-columns" is no rule here. It is a rule for a table. The rules here are: hold, keep-restored, take-failed.',
    ],
    [
      'version: 1\ndefault: &a hold\ntables: { a.b: { on-conflict: *a } }',
      'p.yaml:3:31: an alias (*name) is not read.',
    ],
  ])('%j', (text, message) => {
    expect(faults(text)).toContain(message);
  });

  test('what is no YAML, or names a thing twice, is said with its place', () => {
    expect(faults('version: 1\ntables: {')).toMatch(/^p\.yaml:\d+:\d+: this is no YAML that can be read: /);
    expect(faults('version: 1\ndefault: hold\ndefault: take-failed')).toMatch(
      /^p\.yaml:3:1: this is no YAML that can be read: Map keys must be unique/,
    );
    expect(faults('version: 1\ndefault: !x hold')).toMatch(/^p\.yaml:2:10: this is no YAML that can be read/);
  });

  test('a file of something else is not told in a thousand lines', () => {
    const lines = faults('['.repeat(200)).split('\n');
    expect(lines.length).toBeLessThanOrEqual(21);
    expect(faults('version: 1\n---\nversion: 1')).toContain(
      'p.yaml:2:1: this is no YAML that can be read: a second document begins here (---)',
    );
  });

  test('all of them at once, in the order of the file', () => {
    const text = 'version: 3\ndefault: no\ntables: { a: { on-conflict: hold } }\nmore: 1';
    const places = faults(text)
      .split('\n')
      .map((line) => line.split(': ')[0]);
    expect(places).toEqual(['p.yaml:1:10', 'p.yaml:2:10', 'p.yaml:3:11', 'p.yaml:4:1']);
  });
});

describe('held against what is there', () => {
  const column = (name: string, columnType: string, more: Partial<ColumnDefinition> = {}): ColumnDefinition =>
    columnDefinition(name, columnType, { nullable: false, ...more });
  const table = (name: string, columns: ColumnDefinition[], primaryKey: string[]): TableDefinition => ({
    schema: 'shop',
    table: name,
    kind: 'table',
    engine: 'InnoDB',
    transactional: true,
    columns,
    primaryKey,
    primaryKeyHasPrefix: false,
    indexes: [primaryKey],
    wholeRows: null,
    uniqueKeys: [],
    foreignKeys: [],
    referencedBy: [],
    referencesKnown: true,
    triggers: [],
    triggersKnown: true,
    definitionDigest: '',
  });
  const definitions = new Map([
    [
      'shop.orders',
      table(
        'orders',
        [
          column('id', 'int', { autoIncrement: true }),
          column('total', 'decimal(8,2)'),
          column('rate', 'double'),
          column('both', 'int', { generated: 'stored' }),
        ],
        ['id'],
      ),
    ],
    ['shop.items', table('items', [column('order_id', 'int'), column('line', 'int')], ['order_id', 'line'])],
  ]);
  const check = (body: string): string => {
    try {
      checkPolicy(parsePolicy(`version: 1\n${body}`, 'p.yaml'), definitions, new Set(['u:1']));
    } catch (error) {
      return (error as Error).message;
    }
    return 'no fault';
  };

  test.each([
    [
      'tables: { shop.orders: { on-conflict: rekey, columns: { total: add } } }\ndecisions: { "u:1": hold }',
      'no fault',
    ],
    [
      'tables: { shop.oders: { on-conflict: hold } }',
      'p.yaml:2:11: the restored primary has no table shop.oders. Did you mean shop.orders?',
    ],
    [
      'tables: { shop.orders: { columns: { totl: add } } }',
      'p.yaml:2:43: shop.orders has no column totl. Did you mean total?',
    ],
    [
      'tables: { shop.orders: { columns: { rate: add } } }',
      'p.yaml:2:43: shop.orders.rate is double, and add is exact: it takes integers and DECIMAL only. Take hold, keep-restored or take-failed.',
    ],
    [
      'tables: { shop.orders: { columns: { id: add } } }',
      'p.yaml:2:41: id is of the primary key of shop.orders. A key is not merged: take it out.',
    ],
    [
      'tables: { shop.orders: { columns: { both: take-failed } } }',
      'p.yaml:2:43: shop.orders.both is generated from other columns. Give those a rule instead.',
    ],
    [
      'tables: { shop.items: { on-conflict: rekey } }',
      "p.yaml:2:38: shop.items can't be rekeyed: its primary key is not one AUTO_INCREMENT column. Take hold, keep-restored or take-failed.",
    ],
    ['decisions: { "u:2": hold }', 'p.yaml:2:21: the window has no transaction u:2.'],
  ])('%s', (body, message) => {
    expect(check(body)).toContain(message);
  });
});

describe('file and option', () => {
  const folder = mkdtempSync(join(tmpdir(), 'policy-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (text: string | Buffer): string => {
    const path = join(folder, 'policy.yaml');
    writeFileSync(path, text);
    return path;
  };

  test('nothing said, or hold, is no policy at all', async () => {
    expect(await loadPolicy({ file: undefined, onConflict: undefined })).toBeNull();
    expect(await loadPolicy({ file: undefined, onConflict: 'hold' })).toBeNull();
  });

  test('the option is the default', async () => {
    const rule = { rule: 'take-failed', place: '--on-conflict take-failed' };
    expect((await loadPolicy({ file: undefined, onConflict: 'take-failed' }))?.default).toEqual(rule);
    const path = file('version: 1\ndecisions: { "u:1": hold }');
    const both = await loadPolicy({ file: path, onConflict: 'take-failed' });
    expect([both?.default, both?.decisions.size]).toEqual([rule, 1]);
  });

  test('two defaults that differ are refused', async () => {
    const path = file('version: 1\ndefault: hold');
    await expect(loadPolicy({ file: path, onConflict: 'take-failed' })).rejects.toThrow(
      `${path}:2:10: the default is hold, and --on-conflict says take-failed`,
    );
    expect((await loadPolicy({ file: path, onConflict: 'hold' }))?.default.rule).toBe('hold');
  });

  test('a file that is not there, too big, or no text', async () => {
    const load = (path: string) => loadPolicy({ file: path, onConflict: undefined });
    await expect(load(join(folder, 'none.yaml'))).rejects.toThrow(
      /none\.yaml: the policy can't be read: there is no such file/,
    );
    await expect(load(file(Buffer.alloc(1 << 21)))).rejects.toThrow(/has 2097152 bytes: that is no policy/);
    await expect(load(file(Buffer.from([0xff, 0xfe])))).rejects.toThrow(/it is not UTF-8/);
  });
});

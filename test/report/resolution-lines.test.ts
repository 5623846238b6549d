// What a policy decided, as a person reads it: the rule, its place, what the row becomes; no value gives a command.
import { expect, test } from 'vitest';
import { resolutionLines } from '../../src/report/resolution-lines.ts';

const resolution = {
  transaction: 'u:7',
  table: 'shop.orders',
  key: { id: 42 },
  kind: 'changed-on-restored' as const,
  rule: 'merge-columns',
  place: 'rules.yaml:4:18',
  columns: { total: 'add' },
  before: { id: 42, total: '1.00', note: null },
  after: { id: 42, total: '2.00', note: null },
  restored: { id: 42, total: '3.00', note: null },
  result: { id: 42, total: '4.00', note: null },
};

test('only what differs is shown, with what it becomes', () => {
  expect(resolutionLines(resolution, 0)).toEqual([
    '  1. shop.orders id=42  changed-on-restored → merge-columns  (transaction u:7)',
    '     by rules.yaml:4:18; total: add',
    "     total  before '1.00'  after '2.00'  restored '3.00'  becomes '4.00'",
  ]);
});

test('a row that is not there on a side, and one that a decision leaves out', () => {
  const left = {
    ...resolution,
    kind: null,
    rule: 'keep-restored',
    before: null,
    restored: null,
    result: null,
  };
  const { columns: _, ...none } = left;
  expect(resolutionLines(none, 1)).toEqual([
    '  2. shop.orders id=42  no conflict → keep-restored  (transaction u:7)',
    '     by rules.yaml:4:18',
    '     id     before (no row)  after 42  restored (no row)  becomes (no row)',
    "     total  before (no row)  after '2.00'  restored (no row)  becomes (no row)",
    '     note   before (no row)  after NULL  restored (no row)  becomes (no row)',
  ]);
});

test('names and values that a terminal would act on are written out', () => {
  const nasty = {
    ...resolution,
    table: 'shop.\x1b[2J',
    place: 'ru\x07les.yaml:1:1',
    key: { '\x1b]0;x\x07': '\x1b[31m' },
    result: { id: 42, total: '\x1b[5m', note: '\u202e' },
  };
  expect(resolutionLines(nasty, 0).join('\n')).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
});

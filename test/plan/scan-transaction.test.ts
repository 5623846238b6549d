// A transaction's line is read to the same as JSON.parse would read it, and what is cut or broken is never taken for a line.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBase64, decodedSize } from '../../src/plan/base64-bytes.ts';
import { LineFault } from '../../src/plan/json-scanner.ts';
import { scanTransaction } from '../../src/plan/scan-transaction.ts';
import type { ScannedChange } from '../../src/plan/scanned-change.ts';

interface Told {
  list: 'changes' | 'source';
  table: number;
  op: string | null;
  flags: number;
  before?: string;
  after?: string;
}

function scan(text: string) {
  const line = Buffer.from(text);
  const told: Told[] = [];
  const image = (at: number, end: number): string | undefined =>
    at < 0 ? undefined : line.toString('latin1', at, end);
  const head = scanTransaction(line, (list, change: Readonly<ScannedChange>) => {
    const { table, op, flags, beforeAt, beforeEnd, afterAt, afterEnd } = change;
    const before = image(beforeAt, beforeEnd);
    const after = image(afterAt, afterEnd);
    told.push({
      list,
      table,
      op,
      flags,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    });
  });
  return { head: head as unknown, told };
}

const base64 = fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes).toString('base64'));
const change = fc.record(
  {
    table: fc.integer({ min: -1, max: 4000 }),
    name: fc.string({ unit: 'binary' }),
    op: fc.constantFrom('insert', 'update', 'delete'),
    state: fc.constant('missing'),
    // Whatever customers have in their keys: brackets, quotes, backslashes, nested JSON.
    key: fc.jsonValue(),
    flags: fc.integer({ min: 0, max: 65535 }),
    before: base64,
    after: base64,
  },
  { requiredKeys: ['table', 'op', 'flags'] },
);
const transaction = fc.record(
  {
    type: fc.constant('transaction'),
    id: fc.string({ unit: 'binary' }),
    state: fc.constantFrom('missing', 'conflict'),
    changes: fc.array(change, { maxLength: 5 }),
    source: fc.array(change, { maxLength: 3 }),
    conflicts: fc.array(fc.jsonValue(), { maxLength: 2 }),
    resolutions: fc.jsonValue(),
  },
  { requiredKeys: ['type', 'id', 'state', 'changes'] },
);

test('as JSON.parse reads it, with and without white space', () => {
  fc.assert(
    fc.property(transaction, fc.constantFrom(undefined, 1, '\t'), (line, space) => {
      const { head, told } = scan(JSON.stringify(line, null, space));
      expect(head).toEqual(
        JSON.parse(JSON.stringify({ ...line, changes: [], ...(line.source ? { source: [] } : {}) })),
      );
      const expected = (['changes', 'source'] as const).flatMap((list) =>
        (line[list] ?? []).map(({ name: _, state: __, key: ___, ...rest }) => ({ list, ...rest })),
      );
      const inOrder = [...expected].sort((a, b) => (a.list < b.list ? -1 : a.list > b.list ? 1 : 0));
      expect([...told].sort((a, b) => (a.list < b.list ? -1 : a.list > b.list ? 1 : 0))).toEqual(inOrder);
    }),
    { numRuns: 2000 },
  );
});

test('no beginning of a line passes for one', () => {
  fc.assert(
    fc.property(transaction, (line) => {
      const bytes = Buffer.from(JSON.stringify(line));
      for (let length = 0; length < bytes.length; length++) {
        expect(() => scanTransaction(bytes.subarray(0, length), () => {})).toThrow(LineFault);
      }
    }),
    { numRuns: 50 },
  );
});

describe('what is not of the form', () => {
  test.each([
    '[]',
    'null',
    '{"changes":[{]}',
    '{"changes":[1]}',
    '{"changes":[{"table":"1"}]}',
    '{"changes":[{"table":1.5}]}',
    '{"changes":[{"table":}]}',
    '{"changes":[{"table":1}{"table":2}]}',
    '{"changes":[,]}',
    '{"changes":[]}}',
    '{"changes":[] "id":1}',
    '{"changes"[]}',
    '{changes:[]}',
    '{"changes":[{"flags":99999999999999999999}]}',
  ])('%s', (text) => {
    expect(() => scanTransaction(Buffer.from(text), () => {})).toThrow(LineFault);
  });
});

test('base64 is decoded as it is everywhere, and nothing else is', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(3), fc.nat(3), (bytes, front, place) => {
      const text = Buffer.from(`${'"'.repeat(front)}${Buffer.from(bytes).toString('base64')}"`);
      const into = Buffer.alloc(place + decodedSize(text.length) + 3);
      const length = decodeBase64(text, front, text.length - 1, into, place);
      expect(length).toBe(bytes.length);
      expect(into.subarray(place, place + length).equals(bytes)).toBe(true);
    }),
  );
  for (const text of [
    'A',
    'AA',
    'AAA',
    'AAA*',
    'AA=A',
    '====',
    'AB==',
    'AAB=',
    'AAAA====',
    'AA AA===',
    'AA-_',
  ]) {
    const bytes = Buffer.from(text);
    expect(decodeBase64(bytes, 0, bytes.length, Buffer.alloc(99), 0), text).toBe(-1);
  }
});

// JSON diffs applied to documents made by hand: where each operation goes, what does not fit, what lies, and the step
// from the small storage format to the large one. Real logs: partial-json.test.ts.
import { describe, expect, it } from 'vitest';
import { DecodeFault, NotReadFault } from '../../src/binlog/byte-cursor.ts';
import { applyJsonDiffs } from '../../src/binlog/json-diff.ts';
import { documentBytes, type JsonPart, openPart, storedPart } from '../../src/binlog/json-part.ts';
import { parseJsonPath } from '../../src/binlog/json-path.ts';
import { INT16, LARGE_ARRAY, LITERAL, SMALL_ARRAY, STRING } from '../../src/binlog/json-type.ts';
import { jsonText } from '../../src/binlog/json-value.ts';
import { seeded } from './value-columns.ts';

type Value = number | string | Value[] | { [key: string]: Value };

function partOf(value: Value): JsonPart {
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(2);
    bytes.writeInt16LE(value);
    return { kind: 'stored', type: INT16, bytes };
  }
  if (typeof value === 'string')
    return {
      kind: 'stored',
      type: STRING,
      bytes: Buffer.concat([lengthOf(value.length), Buffer.from(value)]),
    };
  if (Array.isArray(value)) return { kind: 'open', keys: null, values: value.map(partOf) };
  return {
    kind: 'open',
    keys: Object.keys(value).map((key) => Buffer.from(key)),
    values: Object.values(value).map(partOf),
  };
}

function lengthOf(length: number): Buffer {
  const bytes = [];
  for (let rest = length; ; rest >>>= 7) {
    bytes.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) return Buffer.from(bytes);
  }
}

const document = (value: Value): Buffer => documentBytes(partOf(value));

function packed(bytes: Buffer): Buffer {
  if (bytes.length < 251) return Buffer.concat([Buffer.of(bytes.length), bytes]);
  return Buffer.concat([Buffer.of(252, bytes.length & 255, bytes.length >> 8), bytes]);
}

function diff(operation: number, path: string, value?: Value): Buffer {
  const parts = [Buffer.of(operation), packed(Buffer.from(path))];
  if (value !== undefined) parts.push(packed(document(value)));
  return Buffer.concat(parts);
}

const replace = (path: string, value: Value): Buffer => diff(0, path, value);
const insert = (path: string, value: Value): Buffer => diff(1, path, value);
const remove = (path: string): Buffer => diff(2, path);
const apply = (before: Value, ...diffs: Buffer[]): string =>
  jsonText(applyJsonDiffs(document(before), Buffer.concat(diffs)));

it.each<[string, Value, Buffer[], string]>([
  ['nothing', [1], [], '[1]'],
  ['the root', [1], [replace('$', 'x')], '"x"'],
  ['a member', { a: 1, b: 2 }, [replace('$.b', [3])], '{"a": 1, "b": [3]}'],
  ['a cell deep down', [0, { a: [1, 2] }], [replace('$[1].a[0]', 9)], '[0, {"a": [9, 2]}]'],
  ['the last cell', [1, 2, 3], [replace('$[last]', 9), replace('$[last-2]', 7)], '[7, 2, 9]'],
  [
    'a name that must be quoted',
    { 'a "b".c[0]': 1 },
    [replace('$."a \\"b\\".c[0]"', 2)],
    '{"a \\"b\\".c[0]": 2}',
  ],
  [
    'a new member goes where its length and bytes say',
    { b: 1, aa: 2 },
    [insert('$.c', 3), insert('$.a', 0), insert('$.ab', 4), insert('$.""', 5)],
    '{"": 5, "a": 0, "b": 1, "c": 3, "aa": 2, "ab": 4}',
  ],
  ['a new cell', [1, 2], [insert('$[1]', 9), insert('$[70]', 8), insert('$[last-9]', 7)], '[7, 1, 9, 2, 8]'],
  ['gone', { a: [1, 2], b: 3 }, [remove('$.b'), remove('$.a[0]'), remove('$.a[0]')], '{"a": []}'],
  [
    'one after the other',
    {},
    [insert('$.a', []), insert('$.a[0]', {}), insert('$.a[0].b', 1)],
    '{"a": [{"b": 1}]}',
  ],
])('%s', (_, before, diffs, after) => {
  expect(apply(before, ...diffs)).toBe(after);
});

it('takes an empty value for null', () => {
  expect(jsonText(applyJsonDiffs(Buffer.alloc(0), Buffer.alloc(0)))).toBe('null');
});

it.each<[string, Value, Buffer]>([
  ['no such member', { a: 1 }, replace('$.b', 1)],
  ['no such cell', [1], remove('$[1]')],
  ['no such cell from the end', [1], remove('$[last-1]')],
  ['no such way', { a: 1 }, replace('$.b.c', 1)],
  ['a member of an array', [1], replace('$.a', 1)],
  ['a cell of an object', { a: 1 }, replace('$[0]', 1)],
  ['a member that is there', { a: 1 }, insert('$.a', 1)],
  ['a new cell in an object', { a: 1 }, insert('$[0]', 1)],
  ['a new member in an array', [1], insert('$.a', 1)],
  ['below a number', { a: 1 }, insert('$.a.b', 1)],
  ['the root gone', [1], remove('$')],
])('%s: does not fit, which is not read', (_, before, one) => {
  expect(() => apply(before, one)).toThrow(NotReadFault);
});

it.each<[string, Buffer]>([
  ['operation 3', Buffer.of(3, 1, 0x24)],
  ['a cut path', Buffer.of(0, 9, 0x24)],
  ['a cut value', Buffer.concat([diff(0, '$'), Buffer.of(9, INT16)])],
  ['no path', diff(2, 'a')],
  ['a wildcard', diff(2, '$.*')],
  ['all cells', diff(2, '$[*]')],
  ['an open quote', diff(2, '$."a')],
  ['a value of no type', Buffer.concat([diff(0, '$'), Buffer.of(1, 99)])],
  ['a path without end', diff(2, `$${'[0]'.repeat(200)}`)],
])('%s: bytes that contradict themselves', (_, one) => {
  expect(() => applyJsonDiffs(document([1]), one)).toThrow(DecodeFault);
});

it('reads names and cells of a path', () => {
  const legs = parseJsonPath(Buffer.from('$.a."b c"[12].ключ[last][last-3].""'));
  expect(legs.map((leg) => (typeof leg === 'number' ? leg : leg.toString()))).toEqual([
    'a',
    'b c',
    12,
    'ключ',
    -1,
    -4,
    '',
  ]);
});

describe('storage formats', () => {
  /** An array with one string that makes it `length` bytes long in the small format. */
  const ofLength = (length: number): Value => ['x'.repeat(length - 4 - 3 - 3)];

  it('goes to the large format one byte behind the small one, and back', () => {
    expect(document(ofLength(0xffff)).length).toBe(1 + 0xffff);
    expect(document(ofLength(0xffff))[0]).toBe(SMALL_ARRAY);
    expect(document(ofLength(0x10000))[0]).toBe(LARGE_ARRAY);
    const grown = applyJsonDiffs(document(ofLength(0xfff0)), replace('$[0]', 'y'.repeat(0xfff8)));
    expect(grown[0]).toBe(LARGE_ARRAY);
    const shrunk = applyJsonDiffs(grown, replace('$[0]', 'y'));
    expect(shrunk).toEqual(document(['y']));
  });

  it('makes the parent of a large part large, and leaves small parts small', () => {
    const grown = applyJsonDiffs(
      document([[ofLength(5000)], { a: -1 }]),
      insert('$[0][1]', 'z'.repeat(0xfff0)),
    );
    const open = openPart(storedPart(grown))!;
    expect(grown[0]).toBe(LARGE_ARRAY);
    expect(open.values.map((part) => part.kind === 'stored' && part.type)).toEqual([LARGE_ARRAY, 0]);
    expect(jsonText(grown)).toMatch(/^\[\[\["x+"\], "z+"\], \{"a": -1\}\]$/);
  });

  it('writes a negative number in a large container with its sign', () => {
    const bytes = document([-2, 'x'.repeat(70_000)]);
    expect(bytes.subarray(1 + 8, 1 + 8 + 5)).toEqual(Buffer.of(INT16, 0xfe, 0xff, 0xff, 0xff));
  });
});

it.each<[string, string]>([
  // A small array of two parts: both entries point to the same string, longer together than the array.
  ['parts stored twice', `${hex(SMALL_ARRAY)} 0200 1400 0c 0a00 0c 0a00 09 ${'61'.repeat(9)}`],
  ['a container shorter than its head', `${hex(SMALL_ARRAY)} 0000 0300`],
  ['a container longer than its document', `${hex(SMALL_ARRAY)} 0000 0500`],
  ['more entries than bytes', `${hex(SMALL_ARRAY)} ff00 0700 ${hex(LITERAL)} 0000`],
  ['a part outside', `${hex(SMALL_ARRAY)} 0100 0700 0c 0700`],
  ['a length without end', `${hex(STRING)} ffffffffffff`],
])('%s: never stored again', (_, bytes) => {
  const lying = Buffer.from(bytes.replaceAll(' ', ''), 'hex');
  expect(() => applyJsonDiffs(lying, insert('$[0]', 1))).toThrow(DecodeFault);
});

it('a decimal of more digits after the point than it has is damage, not a type that is not read', () => {
  // Opaque, NEWDECIMAL, 3 bytes: precision 4, scale 136, one byte of digits.
  expect(() => jsonText(Buffer.from('0ff60304888a', 'hex'))).toThrow(DecodeFault);
});

it('takes any damage: whole bytes or a fault, and never more bytes than it was given', () => {
  const random = seeded(7);
  const upTo = (limit: number): number => Math.floor(random() * limit);
  const documents = [
    document({ a: [1, 2, { b: 'x' }], bb: { c: -1 }, ccc: 'text' }),
    document([[1, [2, [3, ['y'.repeat(300)]]]], 'z'.repeat(0xfff0), { a: 1, b: ['q'] }]),
  ];
  const diffs = [
    Buffer.concat([
      replace('$.a[1]', [7]),
      insert('$.d', { e: 1 }),
      remove('$.bb'),
      insert('$.a[last]', 'v'),
    ]),
    Buffer.concat([replace('$[0][1][1]', 'w'), insert('$[2].c', [1]), remove('$[0][1][0]'), remove('$[1]')]),
  ];
  const outcomes = { whole: 0, refused: 0 };
  for (let i = 0; i < 20_000; i++) {
    const which = upTo(2);
    const [before, change] = [documents[which]!, diffs[which]!].map((bytes) => Buffer.from(bytes));
    for (const bytes of [before!, change!]) {
      for (let n = upTo(3); n > 0; n--) {
        // Mostly at the front, where the document says how it is laid out.
        const at = upTo(random() < 0.7 ? Math.min(bytes.length, 60) : bytes.length);
        bytes[at] = random() < 0.5 ? upTo(256) : [0, 1, 4, 12, 0x7f, 0x80, 0xff][upTo(7)]!;
      }
    }
    try {
      const after = applyJsonDiffs(before!, change!);
      outcomes.whole += 1;
      expect(after.length).toBeLessThanOrEqual(before!.length + change!.length + 7 * 10);
    } catch (fault) {
      outcomes.refused += 1;
      if (!(fault instanceof DecodeFault) && !(fault instanceof NotReadFault)) throw fault;
    }
  }
  expect(Math.min(outcomes.whole, outcomes.refused)).toBeGreaterThan(1000);
});

function hex(type: number): string {
  return Buffer.of(type).toString('hex');
}

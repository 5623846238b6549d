// GTID sets: their text, exact numbers, and arithmetic against plain sets.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GtidSet, parseGtid } from '../../src/server/gtid-set.ts';

const A = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const B = '40235097-e512-11f1-bb81-02fc00000001';

describe('the text of a GTID set', () => {
  test.each([
    ['', ''],
    [` ${A}:1-5 ,\n${B}:7\n`, `${A}:1-5,${B}:7`],
    [`${A}:5:1-3:4`, `${A}:1-5`],
    [`${A}:7-9:1-3:2-4`, `${A}:1-4:7-9`],
    [`${A}:1,${A}:2`, `${A}:1-2`],
    [`${A.toUpperCase()}:1`, `${A}:1`],
    [`{${A}}:1`, `${A}:1`],
    [`${A.replaceAll('-', '')}:1`, `${A}:1`],
    [`${A}:1-5:7,${A}:Tag_b:1-3,${A}:a:9`, `${A}:1-5:7:a:9:tag_b:1-3`],
    [`${A}:tag_b:1-3:4,${B}:1`, `${A}:tag_b:1-4,${B}:1`],
    [`${A}:1-9223372036854775806`, `${A}:1-9223372036854775806`],
  ])('%s', (text, canonical) => {
    expect(GtidSet.parse(text).toString()).toBe(canonical);
    expect(GtidSet.parse(canonical).equals(GtidSet.parse(text))).toBe(true);
  });

  test.each([
    A,
    `${A}:`,
    `${A}:0`,
    `${A}:5-3`,
    `${A}:1-`,
    `${A}:-1`,
    `${A}:9223372036854775807`,
    `${A}:tag`,
    `${A}:1:tag`,
    `${A}:9tag:1`,
    `${A}:${'t'.repeat(33)}:1`,
    '3e11fa47:1',
    '0-1-100',
    'nonsense',
  ])('%s is none', (text) => {
    expect(() => GtidSet.parse(text)).toThrow(/is no GTID set/);
  });

  test('numbers near 2^63 are exact', () => {
    const all = GtidSet.parse(`${A}:1-9223372036854775806`);
    const rest = all.subtract(GtidSet.parse(`${A}:9007199254740993`));
    expect(`${rest}`).toBe(`${A}:1-9007199254740992:9007199254740994-9223372036854775806`);
    expect(rest.count).toBe(9223372036854775805n);
    expect(rest.contains(`${A}:9007199254740993`)).toBe(false);
    expect(rest.contains(`${A}:9007199254740994`)).toBe(true);
  });

  test('single GTIDs', () => {
    expect(parseGtid(`${A}:Tag:7`)).toEqual({ source: `${A}:tag`, number: 7n });
    expect(`${GtidSet.of([`${A}:2`, `${A}:1`, `${A}:t:1`, `${A}:3`])}`).toBe(`${A}:1-3:t:1`);
    for (const text of [`${A}:1-2`, `${A}`, `${A}:0`, '0-1-2'])
      expect(() => parseGtid(text)).toThrow(/is no GTID/);
  });
});

test('a GTID is the same whatever was parsed before it', () => {
  const texts: [string, { source: string; number: bigint } | null][] = [
    [':5', null],
    [`${A}:7`, { source: A, number: 7n }],
    [`${A}:08`, { source: A, number: 8n }],
    [`${A}:9223372036854775806`, { source: A, number: 9223372036854775806n }],
    [`${A}:9223372036854775807`, null],
    [`${A}:0`, null],
    [`${A}:1-2`, null],
    [`${A}:`, null],
    [A, null],
    [` ${A.toUpperCase()}:5 `, { source: A, number: 5n }],
    [`${A.toUpperCase()}:6`, { source: A, number: 6n }],
    [`${A}:TAG:6`, { source: `${A}:tag`, number: 6n }],
    [`${A}:tag:6`, { source: `${A}:tag`, number: 6n }],
    [`${A.slice(0, -1)}:6`, null],
    [`${B}:7`, { source: B, number: 7n }],
  ];
  for (const [before] of texts) {
    for (const [text, parsed] of texts) {
      for (const one of [before, text]) {
        const expected = one === text ? parsed : texts.find(([other]) => other === one)![1];
        if (expected === null) expect(() => parseGtid(one), one).toThrow(/is no GTID/);
        else expect(parseGtid(one), one).toEqual(expected);
      }
    }
  }
});

describe('arithmetic agrees with sets of single numbers', () => {
  const sources = [A, `${A}:tag`, B];
  const members = fc.uniqueArray(
    fc
      .tuple(fc.constantFrom(...sources), fc.integer({ min: 1, max: 30 }))
      .map(([source, number]) => `${source}:${number}`),
    { maxLength: 40 },
  );
  const sorted = (set: Iterable<string>): string[] => [...set].sort();
  const expand = (set: GtidSet): string[] =>
    sorted(
      set.sources.flatMap((source) =>
        set.intervals(source).flatMap(([first, last]) => {
          const numbers: string[] = [];
          for (let n = first; n <= last; n++) numbers.push(`${source}:${n}`);
          return numbers;
        }),
      ),
    );

  test('union, subtract, intersect, contains, subset, count, and the way through text', () => {
    fc.assert(
      fc.property(members, members, (one, other) => {
        const [a, b] = [new Set(one), new Set(other)];
        const [x, y] = [GtidSet.of(one), GtidSet.of(other)];
        expect(expand(x)).toEqual(sorted(a));
        expect(expand(x.union(y))).toEqual(sorted(a.union(b)));
        expect(expand(x.subtract(y))).toEqual(sorted(a.difference(b)));
        expect(expand(x.intersect(y))).toEqual(sorted(a.intersection(b)));
        expect(x.isSubsetOf(y)).toBe(a.isSubsetOf(b));
        expect(x.count).toBe(BigInt(a.size));
        expect(x.isEmpty).toBe(a.size === 0);
        for (const gtid of other) expect(x.contains(gtid)).toBe(a.has(gtid));
        expect(GtidSet.parse(x.toString()).toString()).toBe(x.toString());
        expect(x.union(y).equals(y.union(x))).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

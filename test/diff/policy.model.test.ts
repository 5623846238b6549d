// Random histories on both primaries under random policies, replayed by the plainest rules, and judged again.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/diff/decide.ts';
import type { Remembered } from '../../src/diff/resolution.ts';
import { COLUMN_RULES, DECISIONS, type Policy, RULES_BY_KIND } from '../../src/policy/policy.ts';
import { modelChange, resolve, TABLE } from './policy-model.ts';
import { type Action, apply, factsOf, footprint, play, type Row, same, type World } from './window-model.ts';

const id = fc.integer({ min: 1, max: 6 });
const row: fc.Arbitrary<Row> = fc.record({
  value: fc.integer({ min: 0, max: 3 }),
  code: fc.option(fc.integer({ min: 1, max: 4 }), { freq: 2 }),
  parent: fc.option(id, { freq: 3 }),
});
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('insert' as const), id, row }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('update' as const), id, row }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('move' as const), id, to: id }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), id }) },
);
const transactions = (maxLength: number) =>
  fc.array(fc.array(action, { minLength: 1, maxLength: 4 }), { maxLength });

const placed = <Rule extends string>(rules: readonly Rule[]) =>
  fc.constantFrom(...rules).map((rule) => ({ rule, place: `p ${rule}` }));
const kinds = Object.entries(RULES_BY_KIND) as [keyof typeof RULES_BY_KIND, readonly string[]][];
const policy: fc.Arbitrary<Policy> = fc
  .record({
    default: placed(DECISIONS),
    kinds: fc.tuple(...kinds.map(([, rules]) => fc.option(placed(rules as typeof DECISIONS)))),
    columns: fc.tuple(...['value', 'code', 'parent'].map(() => fc.option(placed(COLUMN_RULES), { freq: 1 }))),
    decisions: fc.dictionary(
      fc.integer({ min: 1, max: 8 }).map((n) => `w:${n}`),
      placed(DECISIONS),
      { maxKeys: 2 },
    ),
  })
  .map((made) => ({
    file: 'p',
    sha256: null,
    default: made.default,
    tables: new Map([
      [
        TABLE,
        {
          place: 'p',
          every: null,
          kinds: new Map(
            kinds.flatMap(([kind], i) => (made.kinds[i] ? [[kind, made.kinds[i]!] as const] : [])),
          ),
          columns: new Map(
            ['value', 'code', 'parent'].flatMap((name, i) =>
              made.columns[i] ? [[name, made.columns[i]!] as const] : [],
            ),
          ),
        },
      ],
    ]),
    decisions: new Map(Object.entries(made.decisions)),
  }));

const story = fc.record({
  before: transactions(6),
  failed: transactions(8),
  restored: transactions(5),
  retried: fc.integer({ min: 0, max: 3 }),
});
type Story = typeof story extends fc.Arbitrary<infer T> ? T : never;

function playStory({ before, failed, restored, retried }: Story) {
  const start: World = new Map();
  play(start, before, 's');
  const window = play(new Map(start), failed, 'w');
  const world: World = new Map(start);
  for (const transaction of window.slice(0, retried)) apply(world, transaction);
  play(world, restored, 'r');
  return { window, world };
}

const RUNS = { numRuns: Number(process.env.POLICY_RUNS ?? 2000) };

type Decided = Awaited<ReturnType<typeof resolve>>[number];
const writesOf = ({ resolved }: Decided, logged: { changes: ReturnType<typeof modelChange>[] }) =>
  resolved ? resolved.writes.map((write) => modelChange(write.row)) : logged.changes;

describe('random histories under random policies', () => {
  test('what a rule makes of a transaction applies whole, in order, and a second look finds none of it missing', async () => {
    await fc.assert(
      fc.asyncProperty(story, policy, async (told, rules) => {
        const { window, world } = playStory(told);
        const applied = new Set<string>();
        const remembered = new Map<string, Remembered>();
        for (let looks = 0; ; looks++) {
          expect(looks).toBeLessThanOrEqual(window.length);
          const decided = await resolve(window, world, rules, { applied, remembered });
          const missing = decided.flatMap((one, i) => (one.decision.kind === 'missing' ? [i] : []));
          if (missing.length === 0) break;
          for (const i of missing) {
            const { id: name } = window[i]!;
            expect(applied.has(name)).toBe(false);
            expect(apply(world, { changes: writesOf(decided[i]!, window[i]!) })).toBe(true);
            applied.add(name);
            const { resolved } = decided[i]!;
            if (resolved) remembered.set(name, resolved);
          }
        }
      }),
      RUNS,
    );
  });

  test('without a policy, or with one that holds everything, it decides as ever', async () => {
    const hold: Policy = {
      file: null,
      sha256: null,
      default: { rule: 'hold', place: '' },
      tables: new Map(),
      decisions: new Map(),
    };
    await fc.assert(
      fc.asyncProperty(story, fc.constantFrom(null, hold), async (told, rules) => {
        const { window, world } = playStory(told);
        const plain = decide(window.map(footprint), factsOf(world));
        const decided = await resolve(window, world, rules);
        expect(decided.map(({ decision, changes }) => [decision.kind, changes])).toEqual(
          plain.map(({ decision, changes }) => [decision.kind, changes]),
        );
        expect(decided.some(({ resolved }) => resolved)).toBe(false);
      }),
      RUNS,
    );
  });

  test('a row of the restored primary changes only where a rule names it, or the failed primary found it so', async () => {
    await fc.assert(
      fc.asyncProperty(story, policy, async (told, rules) => {
        const { window, world } = playStory(told);
        const decided = await resolve(window, world, rules);
        const logged = new Map(
          window.flatMap(({ changes }) => changes.map((one) => [JSON.stringify(one), one])),
        );
        decided.forEach((one, i) => {
          if (one.decision.kind !== 'missing' || !one.resolved) return;
          for (const { source, row: written } of one.resolved.writes) {
            if (logged.has(JSON.stringify(modelChange(written)))) continue;
            // Not as it was logged: a rule that is not to hold says so of this row, and shows what comes of it.
            const key = (written.before ?? written.after)![0];
            const rule = one.resolved.rows.find(({ result, restored, before, after }) =>
              [result, restored, before, after].some((image) => image?.[0] === key),
            );
            expect(rule, `w:${i + 1} change ${source}`).toBeDefined();
            expect(rule!.rule.rule === 'hold' && rule!.columns.size === 0).toBe(false);
          }
        });
      }),
      RUNS,
    );
  });

  test('where take-failed or rekey decides everything, each row of the window ends as the failed primary left it', async () => {
    const take = (keyTaken: 'take-failed' | 'rekey'): Policy => ({
      file: null,
      sha256: null,
      default: { rule: 'take-failed', place: '' },
      tables: new Map([
        [
          TABLE,
          {
            place: '',
            every: { rule: 'take-failed', place: '' },
            kinds: new Map([['key-taken', { rule: keyTaken, place: '' }]]),
            columns: new Map(),
          },
        ],
      ]),
      decisions: new Map(),
    });
    await fc.assert(
      fc.asyncProperty(
        story,
        fc.constantFrom('take-failed' as const, 'rekey' as const),
        async (told, keyTaken) => {
          const { window, world } = playStory(told);
          const decided = await resolve(window, world, take(keyTaken));
          if (decided.some(({ decision }) => !['missing', 'present'].includes(decision.kind))) return;
          // By key, what each transaction made of it in the end: what came and went within one is not its business.
          const last = new Map<number, Row | null>();
          for (const { changes } of window) {
            const net = new Map<number, { from: Row | null; to: Row | null }>();
            const touch = (key: number | null, from: Row | null, to: Row | null): void => {
              if (key !== null) net.set(key, { from: net.has(key) ? net.get(key)!.from : from, to });
            };
            for (const { beforeId, before, afterId, after } of changes) {
              if (beforeId === afterId) touch(beforeId, before, after);
              else {
                touch(beforeId, before, null);
                touch(afterId, null, after);
              }
            }
            for (const [key, { from, to }] of net) if (!same(from, to)) last.set(key, to);
          }
          decided.forEach((one, i) => {
            if (one.decision.kind === 'missing')
              expect(apply(world, { changes: writesOf(one, window[i]!) })).toBe(true);
          });
          const keys = new Map(
            decided.flatMap(({ resolved }, i) =>
              (resolved?.rekeyed ?? []).map(
                ({ change, key }) => [window[i]!.changes[change]!.afterId!, Number(key)] as const,
              ),
            ),
          );
          for (const [key, expected] of last) {
            const parent = expected?.parent ?? null;
            const row = expected && {
              ...expected,
              parent: parent === null ? null : (keys.get(parent) ?? parent),
            };
            expect(world.get(keys.get(key) ?? key) ?? null, `row ${key}`).toEqual(row);
          }
        },
      ),
      RUNS,
    );
  });

  test('a transaction is written whole, but for rows that a rule leaves as they are', async () => {
    await fc.assert(
      fc.asyncProperty(story, policy, async (told, rules) => {
        const { window, world } = playStory(told);
        const decided = await resolve(window, world, rules);
        decided.forEach(({ decision, resolved }, i) => {
          if (!resolved) return;
          expect(['missing', 'present']).toContain(decision.kind);
          if (decision.kind === 'present') {
            expect(resolved.writes).toEqual([]);
            return;
          }
          const written = new Set(resolved.writes.map(({ source }) => source));
          const ruled = new Set(
            resolved.rows.flatMap(({ change, before, after, restored }) => {
              const { beforeId, afterId } = window[i]!.changes[change]!;
              return [
                beforeId,
                afterId,
                ...[before, after, restored].map((image) => image && Number(image[0])),
              ];
            }),
          );
          // A row that changed its key is one row.
          for (const { beforeId, afterId } of [...window[i]!.changes, ...window[i]!.changes.toReversed()]) {
            if (beforeId === null || afterId === null) continue;
            if (ruled.has(beforeId)) ruled.add(afterId);
            if (ruled.has(afterId)) ruled.add(beforeId);
          }
          window[i]!.changes.forEach(({ beforeId, afterId }, source) => {
            if (!written.has(source))
              expect(ruled.has(beforeId ?? afterId), `w:${i + 1} ${source}`).toBe(true);
          });
        });
      }),
      RUNS,
    );
  });
});

describe('counters', () => {
  const ACCOUNTS = 4;
  const start = (): World =>
    new Map(Array.from({ length: ACCOUNTS }, (_, i) => [i + 1, { value: 1000, code: null, parent: null }]));
  const transfer = fc.record({
    from: fc.integer({ min: 1, max: ACCOUNTS }),
    to: fc.integer({ min: 1, max: ACCOUNTS }),
    amount: fc.integer({ min: 1, max: 400 }),
  });
  type Transfer = typeof transfer extends fc.Arbitrary<infer T> ? T : never;
  const add: Policy = {
    file: null,
    sha256: null,
    default: { rule: 'hold', place: '' },
    tables: new Map([
      [
        TABLE,
        {
          place: '',
          every: null,
          kinds: new Map(),
          columns: new Map([['value', { rule: 'add', place: '' }]]),
        },
      ],
    ]),
    decisions: new Map(),
  };

  /** Each transfer by the balances it finds. */
  function transfers(world: World, list: readonly Transfer[], name: string) {
    return list.flatMap(({ from, to, amount }) => {
      if (from === to) return [];
      const of = (account: number, more: number): Action => ({
        kind: 'update',
        id: account,
        row: { value: world.get(account)!.value + more, code: null, parent: null },
      });
      return play(world, [[of(from, -amount), of(to, amount)]], name);
    });
  }
  const sum = (world: World): number => [...world.values()].reduce((total, { value }) => total + value, 0);

  test('transfers on both sides, added: no money comes or goes, and every replayed transfer counts once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(transfer, { maxLength: 6 }),
        fc.array(transfer, { maxLength: 6 }),
        async (failed, restored) => {
          const window = transfers(start(), failed, 'w').map((one, i) => ({ ...one, id: `w:${i + 1}` }));
          const world = start();
          transfers(world, restored, 'r');
          const expected = new Map([...world].map(([account, { value }]) => [account, value]));
          const decided = await resolve(window, world, add);
          decided.forEach((one, i) => {
            if (one.decision.kind !== 'missing') return;
            expect(apply(world, { changes: writesOf(one, window[i]!) })).toBe(true);
            for (const { afterId, before, after } of window[i]!.changes) {
              expected.set(afterId!, expected.get(afterId!)! + after!.value - before!.value);
            }
          });
          expect(sum(world)).toBe(ACCOUNTS * 1000);
          for (const [account, { value }] of world) expect(value).toBe(expected.get(account));
        },
      ),
      RUNS,
    );
  });
});

// Random histories on both primaries, judged, replayed by the plainest rules, and judged again.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/diff/decide.ts';
import {
  type Action,
  apply,
  factsOf,
  footprint,
  type History,
  play,
  type Row,
  same,
  type World,
} from './window-model.ts';

const id = fc.integer({ min: 1, max: 6 });
const row: fc.Arbitrary<Row> = fc.record({
  value: fc.integer({ min: 0, max: 3 }),
  code: fc.option(fc.integer({ min: 1, max: 4 }), { freq: 2 }),
  parent: fc.option(id, { freq: 3 }),
});
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('insert' as const), id, row }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('update' as const), id, row }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('move' as const), id, to: id }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), id }) },
);
const transactions = (maxLength: number) =>
  fc.array(fc.array(action, { minLength: 1, maxLength: 4 }), { maxLength });

/** What both sides had, the failed side's window, and what happened on the restored side: own writes and retries. */
const story = fc.record({
  before: transactions(8),
  failed: transactions(8),
  restored: transactions(4),
  /** The application sent so many of the window's transactions again, before its own new writes. */
  retried: fc.integer({ min: 0, max: 4 }),
});

interface Played {
  start: World;
  restored: World;
  window: History[];
}

function playStory({
  before,
  failed,
  restored,
  retried,
}: typeof story extends fc.Arbitrary<infer T> ? T : never): Played {
  const start: World = new Map();
  play(start, before, 'start');
  const failedWorld: World = new Map(start);
  const window = play(failedWorld, failed, 'window');
  const restoredWorld: World = new Map(start);
  for (const transaction of window.slice(0, retried)) apply(restoredWorld, transaction);
  play(restoredWorld, restored, 'restored');
  return { start, restored: restoredWorld, window };
}

const RUNS = { numRuns: 20_000 };

function judge(window: readonly History[], world: World, applied: ReadonlySet<string> = new Set()) {
  const prints = window.map((history) => ({ ...footprint(history), applied: applied.has(history.id) }));
  return decide(prints, factsOf(world));
}

describe('random histories on both primaries', () => {
  test('every missing transaction applies whole, in order, once, and in the end nothing is missing', () => {
    fc.assert(
      fc.property(story, (told) => {
        const { restored, window } = playStory(told);
        const after: World = new Map(restored);
        const replayed = new Set<string>();
        // What was replayed can be the evidence that frees a held transaction: a later look may find that one missing
        // (once in some 100,000 histories), but never one that was replayed, and each look needs fewer.
        for (let looks = 0; ; looks++) {
          expect(looks).toBeLessThanOrEqual(window.length);
          const missing = judge(window, after, replayed).flatMap(({ decision }, i) =>
            decision.kind === 'missing' ? [window[i]!] : [],
          );
          if (missing.length === 0) break;
          for (const transaction of missing) {
            expect(replayed.has(transaction.id)).toBe(false);
            expect(apply(after, transaction)).toBe(true);
            replayed.add(transaction.id);
          }
        }
      }),
      RUNS,
    );
  });

  test('a row that the restored primary changed by itself is never written', () => {
    fc.assert(
      fc.property(story, (told) => {
        const { start, restored, window } = playStory(told);
        const decided = judge(window, restored);
        const after: World = new Map(restored);
        window.forEach((transaction, i) => {
          if (decided[i]!.decision.kind === 'missing') apply(after, transaction);
        });
        const seen = (key: number, row: Row | null): boolean =>
          window.some(({ changes }) =>
            changes.some(
              (c) => (c.beforeId === key && same(c.before, row)) || (c.afterId === key && same(c.after, row)),
            ),
          );
        for (const [key, row] of restored) {
          if (same(row, start.get(key) ?? null) || seen(key, row)) continue;
          expect(after.get(key)).toEqual(row);
        }
      }),
      RUNS,
    );
  });

  test('where the restored primary wrote nothing, everything is missing; where it took the whole window, all is present', () => {
    fc.assert(
      fc.property(story, (told) => {
        const { start, window } = playStory({ ...told, restored: [], retried: 0 });
        const end: World = new Map(start);
        for (const transaction of window) expect(apply(end, transaction)).toBe(true);
        const states = judge(window, start).map(({ decision }) => decision.kind);
        // A window that comes back to where it began leaves nothing to do; else the rows that differ must come back.
        const replayed: World = new Map(start);
        window.forEach((transaction, i) => {
          if (states[i] === 'missing') expect(apply(replayed, transaction)).toBe(true);
          else expect(states[i]).toBe('present');
        });
        expect(sorted(replayed)).toEqual(sorted(end));
        for (const { decision } of judge(window, end)) expect(decision.kind).toBe('present');
      }),
      RUNS,
    );
  });

  test('a held transaction names one that is not replayed, one before it unless it is unclear', () => {
    fc.assert(
      fc.property(story, (told) => {
        const { restored, window } = playStory(told);
        const decided = judge(window, restored);
        decided.forEach(({ decision }, i) => {
          if (decision.kind !== 'held') return;
          const by = window.findIndex(({ id: name }) => name === decision.by);
          if (decision.because !== 'unclear') expect(by).toBeLessThan(i);
          expect(['conflict', 'held']).toContain(decided[by]!.decision.kind);
        });
      }),
      RUNS,
    );
  });

  test('the states of the changes add up and never contradict their transaction', () => {
    fc.assert(
      fc.property(story, (told) => {
        const { restored, window } = playStory(told);
        judge(window, restored).forEach(({ decision, changes }, i) => {
          expect(changes.length).toBe(window[i]!.changes.length);
          if (decision.kind === 'missing' || decision.kind === 'present') {
            expect(new Set(changes)).toEqual(new Set([decision.kind]));
          }
          if (decision.kind === 'conflict') expect(changes).toContain('conflict');
          expect(decision.kind === 'held' && changes.includes('missing')).toBe(false);
        });
      }),
      RUNS,
    );
  });
});

function sorted(world: World): [number, Row][] {
  return [...world].sort(([a], [b]) => a - b);
}

// Steps side by side: never before what they wait for, never two on a worker, and a fault ends it in good order.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sideBySide } from '../../src/replay/side-by-side.ts';
import { stepOrder } from '../../src/replay/step-order.ts';
import { type Action, footprint, play, type World } from '../diff/window-model.ts';

const graph = fc
  .array(fc.array(fc.nat(30), { maxLength: 3 }), { maxLength: 30 })
  .map((lists) => lists.map((list, i) => [...new Set(list.filter((before) => before < i))]));

test('each step runs once, behind all it waits for, and no worker has two', async () => {
  await fc.assert(
    fc.asyncProperty(
      graph,
      fc.integer({ min: 1, max: 5 }),
      fc.infiniteStream(fc.nat(2)),
      async (conditions, workers, delays) => {
        const ended = new Set<number>();
        const busy = new Set<number>();
        const all = await sideBySide(
          conditions,
          workers,
          () => false,
          async (step, worker) => {
            expect(busy.has(worker)).toBe(false);
            busy.add(worker);
            for (const before of conditions[step]!) expect(ended.has(before)).toBe(true);
            for (let i = delays.next().value ?? 0; i > 0; i--) await Promise.resolve();
            expect(ended.has(step)).toBe(false);
            ended.add(step);
            busy.delete(worker);
          },
        );
        expect(all).toBe(true);
        expect(ended.size).toBe(conditions.length);
      },
    ),
    { numRuns: 500 },
  );
});

test('handed over, a step is followed on its worker at once, by what waits for it alone too; others wait for its end', async () => {
  await fc.assert(
    fc.asyncProperty(
      graph,
      fc.integer({ min: 1, max: 4 }),
      fc.infiniteStream(fc.nat(3)),
      async (conditions, workers, delays) => {
        const ended = new Set<number>();
        const workerOf = new Map<number, number>();
        const active = new Map<number, number>();
        const all = await sideBySide(
          conditions,
          workers,
          () => false,
          async (step, worker, handedOver) => {
            expect(workerOf.has(step)).toBe(false);
            expect(active.has(worker)).toBe(false);
            for (const before of conditions[step]!) {
              // Not ended, it stands before this one on the same worker, handed over.
              expect(ended.has(before) || workerOf.get(before) === worker).toBe(true);
            }
            workerOf.set(step, worker);
            active.set(worker, step);
            for (let i = delays.next().value ?? 0; i > 0; i--) await Promise.resolve();
            active.delete(worker);
            if ((delays.next().value ?? 0) > 0) handedOver();
            for (let i = delays.next().value ?? 0; i > 0; i--) await Promise.resolve();
            ended.add(step);
          },
        );
        expect(all).toBe(true);
        expect(ended.size).toBe(conditions.length);
      },
    ),
    { numRuns: 1000 },
  );
});

test('what waits for a step handed over begins before it ends, and nothing begins once stopped', async () => {
  const log: string[] = [];
  let stop = false;
  const all = await sideBySide(
    [[], [0], [1], [2]],
    2,
    () => stop,
    async (step, worker, handedOver) => {
      log.push(`begin ${step} on ${worker}`);
      if (step === 2) stop = true;
      handedOver();
      await new Promise((resolve) => setTimeout(resolve, 5));
      log.push(`end ${step}`);
    },
  );
  expect(all).toBe(false);
  expect(log.slice(0, 3)).toEqual(['begin 0 on 0', 'begin 1 on 0', 'begin 2 on 0']);
  expect(log.slice(3).sort()).toEqual(['end 0', 'end 1', 'end 2']);
});

test('after a fault nothing new begins, what is under way ends, and the fault is told', async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const run = sideBySide(
    [[], [], [], [0]],
    2,
    () => false,
    async (step) => {
      begun.push(step);
      if (step === 0) throw new Error('no');
      await new Promise((resolve) => setTimeout(resolve, 20));
      ended.push(step);
    },
  );
  await expect(run).rejects.toThrow('no');
  expect(begun).toEqual([0, 1]);
  expect(ended).toEqual([1]);
});

test('stopped: it says that not all ran', async () => {
  let stop = false;
  const begun: number[] = [];
  const all = await sideBySide(
    [[], [], []],
    1,
    () => stop,
    async (step) => {
      begun.push(step);
      stop = true;
    },
  );
  expect(all).toBe(false);
  expect(begun).toEqual([0]);
});

const id = fc.integer({ min: 1, max: 5 });
const row = fc.record({
  value: fc.nat(3),
  code: fc.option(fc.integer({ min: 1, max: 3 })),
  parent: fc.option(id),
});
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ kind: fc.constant('insert' as const), id, row }),
  fc.record({ kind: fc.constant('update' as const), id, row }),
  fc.record({ kind: fc.constant('move' as const), id, to: id }),
  fc.record({ kind: fc.constant('delete' as const), id }),
);

test('transactions that share nothing but reads may pass each other, and any order they allow ends alike', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(action, { minLength: 1, maxLength: 3 }), { maxLength: 12 }),
      fc.infiniteStream(fc.nat(50)),
      (told, choices) => {
        const world: World = new Map();
        const window = play(world, told, 'w');
        const conditions = stepOrder(window.map(footprint));
        const ended = new Set<number>();
        const other: World = new Map();
        while (ended.size < window.length) {
          const able = window
            .map((_, i) => i)
            .filter((i) => !ended.has(i) && conditions[i]!.every((before) => ended.has(before)));
          const next = able[(choices.next().value ?? 0) % able.length]!;
          // Applied by the world's own rules: a parent, a free key, a free value must be there when it is needed.
          for (const { beforeId, before, afterId, after } of window[next]!.changes) {
            if (before && beforeId !== afterId) other.delete(beforeId!);
            if (after) {
              expect(afterId !== beforeId && other.has(afterId!)).toBe(false);
              expect(
                after.code !== null &&
                  [...other].some(([key, { code }]) => key !== afterId && code === after.code),
              ).toBe(false);
              expect(
                after.parent === null || after.parent === afterId || other.has(after.parent) || !world,
              ).toBe(true);
              other.set(afterId!, after);
            }
          }
          ended.add(next);
        }
        const sorted = (one: World) => [...one].sort(([a], [b]) => a - b);
        expect(sorted(other)).toEqual(sorted(world));
      },
    ),
    { numRuns: 5000 },
  );
});

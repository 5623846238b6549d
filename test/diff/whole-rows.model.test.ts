// Random histories over a table without any key, and over one with automatic ids: judged, replayed by counting, judged
// again; what counts as sent again is told a second time, slowly.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Transaction } from '../../src/binlog/transaction.ts';
import { decide } from '../../src/diff/decide.ts';
import { footprints } from '../../src/diff/footprints.ts';
import { ImageWatch } from '../../src/diff/image-watch.ts';
import { KeyNormaliser } from '../../src/diff/key-normaliser.ts';
import { likelyRetries } from '../../src/diff/likely-retries.ts';
import { WHOLE_ROW } from '../../src/diff/occurrences.ts';
import type { RestoredChanges } from '../../src/diff/restored-changes.ts';
import { lookUpFacts } from '../../src/diff/restored-facts.ts';
import type { RestoredReader, RestoredRow } from '../../src/diff/restored-reader.ts';
import { netOnRestored, wholeRowRetries, withNets } from '../../src/diff/whole-rows.ts';
import type { RowChange, WindowTransaction } from '../../src/diff/window-rows.ts';
import { WindowSlots } from '../../src/diff/window-slots.ts';
import type { WindowTable } from '../../src/diff/window-table.ts';
import type { ColumnDefinition, TableDefinition } from '../../src/server/catalogue.ts';

const column = (name: string, more: Partial<ColumnDefinition> = {}) =>
  ({
    name,
    dataType: 'int',
    columnType: 'int',
    charset: null,
    generated: null,
    default: null,
    ...more,
  }) as ColumnDefinition;

function tableOf(name: string, columns: ColumnDefinition[], primaryKey: string[] | null): WindowTable {
  const definition = {
    schema: 'm',
    table: name,
    columns,
    primaryKey,
    uniqueKeys: [],
    foreignKeys: [],
    referencedBy: [],
    wholeRows: primaryKey ? null : { index: null, indexed: null, rows: 0 },
  } as unknown as TableDefinition;
  return {
    name: `m.${name}`,
    schema: 'm',
    table: name,
    definition,
    columns: [],
    definitions: columns,
    primaryKey: primaryKey ? { name: 'PRIMARY', columns: [0] } : { name: WHOLE_ROW, columns: [] },
    uniqueKeys: [],
    foreignKeys: [],
    referencedBy: [],
  };
}

const bag = tableOf('bag', [column('content')], null);
const item = tableOf('item', [column('id', { autoIncrement: true }), column('a'), column('b')], ['id']);

interface Step {
  take: number | null;
  put: number | null;
}
/** How many there are of each content. */
type Bag = Map<number, number>;
type History = { id: string; steps: Step[] };

/** As a server would: whoever takes must find. False, and no trace, otherwise. */
function apply(world: Bag, steps: readonly Step[]): boolean {
  const draft = new Map(world);
  for (const { take, put } of steps) {
    if (take !== null) {
      if ((draft.get(take) ?? 0) === 0) return false;
      draft.set(take, draft.get(take)! - 1);
    }
    if (put !== null) draft.set(put, (draft.get(put) ?? 0) + 1);
  }
  world.clear();
  for (const [content, count] of draft) if (count > 0) world.set(content, count);
  return true;
}

function play(world: Bag, transactions: readonly (readonly Step[])[], name: string): History[] {
  const histories: History[] = [];
  for (const steps of transactions) {
    if (apply(world, steps)) histories.push({ id: `${name}:${histories.length + 1}`, steps: [...steps] });
  }
  return histories;
}

const content = fc.integer({ min: 1, max: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ take: fc.constant(null), put: content }) },
  { weight: 2, arbitrary: fc.record({ take: content, put: fc.constant(null) }) },
  { weight: 2, arbitrary: fc.record({ take: content, put: content }) },
);
const transactions = (maxLength: number) =>
  fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { maxLength });
const story = fc.record({
  before: transactions(5),
  failed: transactions(6),
  own: transactions(3),
  retried: fc.integer({ min: 0, max: 3 }),
});
const inserts = fc.array(
  content.map((put) => [{ take: null, put }]),
  { maxLength: 6 },
);

const text = (value: number | null) => (value === null ? null : [String(value)]);
const rowsOf = ({ steps }: History): RowChange[] =>
  steps.map(({ take, put }) => ({ table: bag, before: text(take), after: text(put) }));

/** The restored primary's log, as its witness: real watches, filled by hand. */
function witness(
  log: { history: { id: string; rows: RowChange[] }; replay: boolean }[],
  wanted: Iterable<RowChange>,
): RestoredChanges {
  const watches = new Map<string, ImageWatch>();
  const normaliser = new KeyNormaliser(null as never);
  const answer = (watch: ImageWatch): void => {
    watch.begin(normaliser);
    let number = 0;
    for (const { history, replay } of log) {
      number += 1;
      for (const { table, before, after } of history.rows) {
        if (table !== watch.table) continue;
        const pick = (row: (string | null)[] | null) => row && watch.columns.map((i) => row[i]!);
        const op = before ? (after ? 'update' : 'delete') : 'insert';
        const key = () => (table === item ? [(after ?? before)![0]!] : []);
        const seen = { transaction: history.id, committedAt: number, number, op, replay, key } as const;
        watch.see(pick(before), pick(after), seen, normaliser);
      }
    }
    watch.end();
  };
  const changes = {
    watch(table: WindowTable, columns: readonly number[]) {
      const name = `${table.name} ${columns}`;
      const watch = watches.get(name) ?? new ImageWatch(table, columns, 'exact');
      watches.set(name, watch);
      return watch;
    },
    async settle() {
      for (const watch of watches.values()) answer(watch);
    },
    blind: () => null,
  };
  for (const { table, before, after } of wanted) {
    if (table !== bag) continue;
    for (const row of [before, after]) if (row) changes.watch(bag, [0]).want(row);
  }
  return changes as unknown as RestoredChanges;
}

const readerOf = (rows: () => RestoredRow[]): RestoredReader => ({
  async rows(lookUps, take) {
    for (const lookUp of lookUps) {
      // More than was asked for may come, as from a server that compares by collation.
      const keys = new Set(lookUp.keys.map((key) => key.join()));
      await take(
        lookUp,
        lookUp.wholeRows
          ? rows()
          : rows().filter((row) => keys.has(lookUp.columns.map((i) => row[i]).join())),
      );
    }
  },
  collationKeys: async (_, list) => list,
  definitions: async () => new Map(),
  rowsByExpression: async () => 'no such keys',
  nextKey: async () => 0n,
});

const windowOf = (histories: readonly { id: string; rows: RowChange[] }[]): WindowTransaction[] =>
  histories.map(({ id, rows }, i) => ({
    transaction: {
      id,
      committedAt: i,
      changes: rows.map(({ before }) => ({ kind: before ? 'update' : 'insert' })),
    } as unknown as Transaction,
    rows,
    unsupported: [],
    differs: [],
  }));

/** As diffWindow() does it. `replayed`: what the restored primary remembers. */
async function judge(
  window: readonly History[],
  world: Bag,
  own: readonly History[],
  replayed: readonly History[],
) {
  const rows = windowOf(window.map((one) => ({ id: one.id, rows: rowsOf(one) })));
  const log = [
    ...own.map((one) => ({ one, replay: false })),
    ...replayed.map((one) => ({ one, replay: true })),
  ];
  const changes = witness(
    log.map(({ one, replay }) => ({ history: { id: one.id, rows: rowsOf(one) }, replay })),
    window.flatMap(rowsOf),
  );
  await changes.settle();
  const reader = readerOf(() =>
    [...world].flatMap(([value, count]) => Array.from({ length: count }, () => [String(value)])),
  );
  const normaliser = new KeyNormaliser(reader);
  const slots = new WindowSlots(normaliser);
  const { transactions: prints, foreignKeys } = footprints(rows, slots, new Map());
  const found = await lookUpFacts(prints, foreignKeys, slots, reader, normaliser);
  const facts = withNets(found, slots, netOnRestored([bag], slots, changes));
  const known = new Set(replayed.map(({ id }) => id));
  const first = decide(prints, facts);
  for (const [i, print] of prints.entries())
    print.applied = first[i]!.decision.kind !== 'present' && known.has(print.id);
  const second = decide(prints, facts);
  for (const [i, marks] of wholeRowRetries(rows, prints, second, slots, changes)) {
    if (known.has(prints[i]!.id)) prints[i]!.applied = true;
    else
      prints[i]!.retries = marks.map((one) => ({
        ...one,
        restored: one.restored && slots.contentOf(one.restored),
      }));
  }
  return decide(prints, facts).map(({ decision }) => decision);
}

const RUNS = { numRuns: 2_000 };
const sorted = (world: Bag) => [...world].sort(([a], [b]) => a - b);

describe('rows without a key', () => {
  test('what is missing applies whole and in order; then nothing is missing, and what was replayed is present', async () => {
    await fc.assert(
      fc.asyncProperty(story, async ({ before, failed, own, retried }) => {
        const start: Bag = new Map();
        play(start, before, 'start');
        const window = play(new Map(start), failed, 'window');
        const world: Bag = new Map(start);
        const again = play(
          world,
          window.slice(0, retried).map(({ steps }) => steps),
          'again',
        );
        const log = [...again, ...play(world, own, 'own')];
        const replayed: History[] = [];
        for (let looks = 0; ; looks++) {
          expect(looks).toBeLessThanOrEqual(window.length);
          const decided = await judge(window, world, log, replayed);
          for (const { id } of replayed) {
            expect(decided[window.findIndex((one) => one.id === id)]!.kind).toBe('present');
          }
          const missing = window.filter((_, i) => decided[i]!.kind === 'missing');
          if (missing.length === 0) break;
          for (const one of missing) {
            expect(apply(world, one.steps)).toBe(true);
            replayed.push(one);
          }
        }
      }),
      RUNS,
    );
  });

  test('where the restored primary wrote nothing, the replay makes it what the failed primary was', async () => {
    await fc.assert(
      fc.asyncProperty(story, async ({ before, failed }) => {
        const start: Bag = new Map();
        play(start, before, 'start');
        const end: Bag = new Map(start);
        const window = play(end, failed, 'window');
        const world: Bag = new Map(start);
        const decided = await judge(window, world, [], []);
        window.forEach((one, i) => {
          expect(['missing', 'present']).toContain(decided[i]!.kind);
          if (decided[i]!.kind === 'missing') expect(apply(world, one.steps)).toBe(true);
        });
        expect(sorted(world)).toEqual(sorted(end));
      }),
      RUNS,
    );
  });

  test('a window of inserts never comes twice: with what the restored primary wrote itself there are as many as on either side', async () => {
    await fc.assert(
      fc.asyncProperty(inserts, inserts, async (failed, own) => {
        const window = play(new Map(), failed, 'window');
        const world: Bag = new Map();
        const log = play(world, own, 'own');
        const ownCount = new Map(world);
        const decided = await judge(window, world, log, []);
        const sentAgain = new Map<number, number>();
        window.forEach((one, i) => {
          const put = one.steps[0]!.put!;
          if (decided[i]!.kind === 'missing') apply(world, one.steps);
          else sentAgain.set(put, (sentAgain.get(put) ?? 0) + 1);
        });
        for (const value of [1, 2, 3]) {
          const failedCount = window.filter(({ steps }) => steps[0]!.put === value).length;
          const ours = ownCount.get(value) ?? 0;
          expect(world.get(value) ?? 0).toBe(Math.max(ours, failedCount));
          // Never dropped silently: each that was not replayed is a conflict.
          expect(sentAgain.get(value) ?? 0).toBe(Math.min(ours, failedCount));
        }
        for (const decision of decided) expect(['missing', 'conflict']).toContain(decision.kind);
      }),
      RUNS,
    );
  });
});

describe('inserts with automatic ids', () => {
  const row = fc.record({
    id: fc.integer({ min: 1, max: 8 }),
    a: fc.integer({ min: 1, max: 2 }),
    b: content,
  });
  const list = fc.uniqueArray(row, { maxLength: 6, selector: ({ id }) => id });

  test('are likely retries exactly where a slow look finds the same under another id, and not too often', async () => {
    await fc.assert(
      fc.asyncProperty(
        list,
        list,
        fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
        async (failed, own, missing) => {
          const rowOf = ({ id, a, b }: { id: number; a: number; b: number }) => [
            String(id),
            String(a),
            String(b),
          ];
          const history = (name: string) => (one: (typeof failed)[number], i: number) => {
            return { id: `${name}:${i}`, rows: [{ table: item, before: null, after: rowOf(one) }] };
          };
          const window = failed.map(history('window'));
          const changes = witness(
            own.map(history('own')).map((one) => ({ history: one, replay: false })),
            [],
          );
          const decided = window.map((_, i) => ({
            decision: { kind: missing[i] ? 'missing' : 'present' } as const,
            changes: [],
          }));
          const { found } = await likelyRetries(
            windowOf(window),
            [item],
            decided,
            changes,
            readerOf(() => own.map(rowOf)),
          );

          const same = (one: (typeof failed)[number], other: (typeof failed)[number]) =>
            one.a === other.a && one.b === other.b;
          failed.forEach((one, i) => {
            const twins = own.filter((other) => same(one, other));
            const elsewhere = twins.filter(
              ({ id }) => !failed.some((other) => other.id === id && same(one, other)),
            );
            const often = twins.length > 2 || failed.filter((other) => same(one, other)).length > 2;
            const expected = missing[i] === true && elsewhere.length > 0 && !often;
            expect(found.has(i)).toBe(expected);
            if (!expected) return;
            expect(elsewhere.map(rowOf)).toContainEqual(found.get(i)![0]!.restored);
          });
        },
      ),
      RUNS,
    );
  });
});

// What each rule makes of each kind of conflict: the cells of the table in docs/conflicts.md, one by one, on small histories.
import { describe, expect, test } from 'vitest';
import { parsePolicy } from '../../src/policy/parse-policy.ts';
import { modelChange, resolve } from './policy-model.ts';
import { type Action, apply, play, type Row, type World } from './window-model.ts';

const row = (value: number, code: number | null = null, parent: number | null = null): Row => ({
  value,
  code,
  parent,
});
const insert = (id: number, of: Row): Action => ({ kind: 'insert', id, row: of });
const update = (id: number, of: Row): Action => ({ kind: 'update', id, row: of });
const drop = (id: number): Action => ({ kind: 'delete', id });
const move = (id: number, to: number): Action => ({ kind: 'move', id, to });

interface Story {
  start?: [number, Row][];
  failed: Action[][];
  restored?: Action[][];
  policy: string;
}

/** Each transaction's state (resolved ones with what is written), and the restored primary after the replay. */
async function outcome({ start = [], failed, restored = [], policy }: Story) {
  const before: World = new Map(start);
  const window = play(new Map(before), failed, 'w');
  expect(window).toHaveLength(failed.length);
  const world: World = new Map(before);
  expect(play(world, restored, 'r')).toHaveLength(restored.length);
  const decided = await resolve(window, world, parsePolicy(`version: 1\n${policy}`, 'p'));
  const states = decided.map(({ decision, resolved }, i) => {
    const kind = decision.kind === 'present' && resolved ? 'kept' : decision.kind;
    if (kind === 'missing') {
      const changes = resolved?.writes.map((write) => modelChange(write.row)) ?? window[i]!.changes;
      expect(apply(world, { changes })).toBe(true);
    }
    if (decision.kind !== 'conflict') return kind;
    return decision.findings.map((one) => [one.kind, one.undecided ?? ''].join(' ').trim()).join(', ');
  });
  const rows = [...world]
    .sort(([a], [b]) => a - b)
    .map(([id, { value, code, parent }]) => [id, value, code, parent].join('/'));
  return { states, rows, decided };
}

const rule = (name: string): string => `tables: { m.item: { on-conflict: ${name} } }`;
/** The state or the kind; why no rule could decide it is asked where it matters. */
const starting = (text: unknown) =>
  typeof text === 'string' ? expect.stringMatching(new RegExp(`^${text}`)) : text;
const NOT = 'p:2:34';

describe('changed-on-restored', () => {
  const story = {
    start: [[1, row(1, 1)]] as [number, Row][],
    failed: [[update(1, row(2, 1))]],
    restored: [[update(1, row(1, 3))]],
  };
  test.each([
    ['hold', ['changed-on-restored'], ['1/1/3/']],
    ['keep-restored', ['kept'], ['1/1/3/']],
    ['take-failed', ['missing'], ['1/2/1/']],
    ['merge-columns', ['missing'], ['1/2/3/']],
    ['rekey', ['changed-on-restored'], ['1/1/3/']],
  ])('%s', async (name, states, rows) => {
    expect(await outcome({ ...story, policy: rule(name) })).toMatchObject({
      states: states.map(starting),
      rows,
    });
  });

  test('both changed one column: merge-columns can’t, unless the column has a rule', async () => {
    const both = { ...story, restored: [[update(1, row(5, 3))]] };
    expect(await outcome({ ...both, policy: rule('merge-columns') })).toMatchObject({
      states: [`changed-on-restored ${NOT}, merge-columns: both sides changed value`],
    });
    for (const [name, result] of [
      ['add', '1/6/3/'],
      ['keep-restored', '1/5/3/'],
      ['take-failed', '1/2/3/'],
    ]) {
      const policy = `tables: { m.item: { on-conflict: merge-columns, columns: { value: ${name} } } }`;
      expect(await outcome({ ...both, policy })).toMatchObject({
        states: ['missing']
          .slice(name === 'keep-restored' ? 1 : 0)
          .concat(name === 'keep-restored' ? ['kept'] : []),
        rows: [result],
      });
    }
  });

  test('a column’s rule alone: the other columns must not have changed', async () => {
    const policy = 'tables: { m.item: { columns: { value: add } } }';
    expect(await outcome({ ...story, restored: [[update(1, row(5, 1))]], policy })).toMatchObject({
      states: ['missing'],
      rows: ['1/6/1/'],
    });
    expect(await outcome({ ...story, restored: [[update(1, row(5, 3))]], policy })).toMatchObject({
      states: ['changed-on-restored p:2:1, hold: no rule says what becomes of code'].map(() =>
        expect.stringContaining('no rule says what becomes of code'),
      ),
    });
  });

  test('a delete of a row that was changed: taken or left out, never merged', async () => {
    const gone = { ...story, failed: [[drop(1)]] };
    expect(await outcome({ ...gone, policy: rule('take-failed') })).toMatchObject({
      states: ['missing'],
      rows: [],
    });
    expect(await outcome({ ...gone, policy: rule('keep-restored') })).toMatchObject({
      states: ['kept'],
      rows: ['1/1/3/'],
    });
    expect(await outcome({ ...gone, policy: rule('merge-columns') })).toMatchObject({
      states: [`changed-on-restored ${NOT}, merge-columns: a row that is gone on one side can’t be merged`],
    });
  });

  test('several steps of one row in one transaction are each taken', async () => {
    const failed = [[update(1, row(2, 1)), update(1, row(3, 1))], [update(1, row(3, 2))]];
    expect(await outcome({ ...story, failed, policy: rule('take-failed') })).toMatchObject({
      states: ['missing', 'missing'],
      rows: ['1/3/2/'],
    });
  });

  test('later changes of a row that is kept are judged against what is kept', async () => {
    const failed = [[update(1, row(2, 1))], [update(1, row(3, 1))]];
    const policy = `${rule('keep-restored')}\ndecisions: { "w:2": take-failed }`;
    expect(await outcome({ ...story, failed, policy })).toMatchObject({
      states: ['kept', 'missing'],
      rows: ['1/3/1/'],
    });
  });

  test('a merged row takes a unique value that another row has: its conflict', async () => {
    const start: [number, Row][] = [
      [1, row(1, 1)],
      [2, row(1)],
    ];
    const failed = [[update(1, row(1, 4))]];
    const restored = [[update(1, row(2, 1))], [update(2, row(1, 4))]];
    expect(await outcome({ start, failed, restored, policy: rule('merge-columns') })).toMatchObject({
      states: [
        `changed-on-restored, unique-taken ${NOT}, merge-columns: another row has the value, and a rule changes no row that the transaction does not name`,
      ],
      rows: ['1/2/1/', '2/1/4/'],
    });
  });
});

describe('deleted-on-restored', () => {
  const story = {
    start: [[1, row(1)]] as [number, Row][],
    failed: [[update(1, row(2))]],
    restored: [[drop(1)]],
  };
  test.each([
    ['hold', ['deleted-on-restored'], []],
    ['keep-restored', ['kept'], []],
    ['take-failed', ['missing'], ['1/2//']],
    ['merge-columns', ['deleted-on-restored'], []],
  ])('%s', async (name, states, rows) => {
    expect(await outcome({ ...story, policy: rule(name) })).toMatchObject({
      states: states.map(starting),
      rows,
    });
  });
});

describe('key-taken', () => {
  const story = {
    failed: [[insert(1, row(1))], [insert(2, row(2, null, 1))], [update(1, row(3))]],
    restored: [[insert(1, row(9))]],
  };
  test.each([
    ['hold', ['key-taken', 'held', 'held'], ['1/9//']],
    ['take-failed', ['missing', 'missing', 'missing'], ['1/3//', '2/2//1']],
    // What refers to the row that was left out must not be hung on the other one.
    [
      'keep-restored',
      ['kept', `parent-missing ${NOT}, hold: `, 'kept'].map((s, i) =>
        i === 1 ? expect.stringMatching(/^parent-missing/) : s,
      ),
      ['1/9//'],
    ],
    // The new key is beyond both sides' and a gap; the child and the later update follow.
    ['rekey', ['missing', 'missing', 'missing'], ['1/9//', '2/2//1003', '1003/3//']],
  ])('%s', async (name, states, rows) => {
    expect(await outcome({ ...story, policy: rule(name) })).toMatchObject({
      states: states.map(starting),
      rows,
    });
  });

  test('children of the same transaction follow a new key; a left-out parent holds it whole', async () => {
    const failed = [[insert(1, row(1)), insert(2, row(2, null, 1)), insert(3, row(3, null, 2))]];
    expect(await outcome({ ...story, failed, policy: rule('rekey') })).toMatchObject({
      states: ['missing'],
      rows: ['1/9//', '2/2//1004', '3/3//2', '1004/1//'],
    });
    expect(await outcome({ ...story, failed, policy: rule('keep-restored') })).toMatchObject({
      states: [expect.stringMatching(/^key-taken, parent-missing .*no rule can bring back/)],
      rows: ['1/9//'],
    });
  });

  test('the row came and went: nothing is written, whatever is there stays', async () => {
    const failed = [[insert(1, row(1)), drop(1), insert(5, row(5))]];
    for (const name of ['take-failed', 'keep-restored']) {
      expect(await outcome({ ...story, failed, policy: rule(name) })).toMatchObject({
        states: ['missing'],
        rows: ['1/9//', '5/5//'],
      });
    }
  });

  test('a row that moves onto a taken key is only kept out', async () => {
    const start: [number, Row][] = [[4, row(4)]];
    const moved = { ...story, start, failed: [[move(4, 1)]] };
    expect(await outcome({ ...moved, policy: rule('take-failed') })).toMatchObject({
      states: [`key-taken ${NOT}, take-failed: the transaction gave the row another key`],
    });
    expect(await outcome({ ...moved, policy: rule('keep-restored') })).toMatchObject({
      states: ['kept'],
      rows: ['1/9//', '4/4//'],
    });
  });
});

describe('what no rule may spread', () => {
  test('unique-taken: left out or held', async () => {
    const story = { failed: [[insert(1, row(1, 7)), insert(3, row(3))]], restored: [[insert(2, row(2, 7))]] };
    expect(await outcome({ ...story, policy: rule('take-failed') })).toMatchObject({
      states: [expect.stringMatching(/^unique-taken .*take-failed: another row has the value/)],
      rows: ['2/2/7/'],
    });
    expect(await outcome({ ...story, policy: rule('keep-restored') })).toMatchObject({
      states: ['missing'],
      rows: ['2/2/7/', '3/3//'],
    });
    expect(await outcome({ ...story, policy: 'decisions: { "w:1": take-failed }' })).toMatchObject({
      states: [expect.stringContaining('another row has the value')],
    });
  });

  test('children-exist: the delete is left out, or held', async () => {
    const story = {
      start: [[1, row(1)]] as [number, Row][],
      failed: [[drop(1)]],
      restored: [[insert(2, row(2, null, 1))]],
    };
    expect(await outcome({ ...story, policy: rule('take-failed') })).toMatchObject({
      states: [expect.stringMatching(/^children-exist .*rows that only the restored primary has/)],
    });
    expect(await outcome({ ...story, policy: rule('keep-restored') })).toMatchObject({
      states: ['kept'],
      rows: ['1/1//', '2/2//1'],
    });
  });

  test('parent-missing stays', async () => {
    const story = {
      start: [[1, row(1)]] as [number, Row][],
      failed: [[insert(2, row(2, null, 1))]],
      restored: [[drop(1)]],
    };
    for (const name of ['take-failed', 'keep-restored']) {
      expect(await outcome({ ...story, policy: rule(name) })).toMatchObject({
        states: [expect.stringMatching(/^parent-missing/)],
        rows: [],
      });
    }
    expect(await outcome({ ...story, policy: 'decisions: { "w:1": keep-restored }' })).toMatchObject({
      states: ['kept'],
      rows: [],
    });
  });
});

describe('partly-present', () => {
  const story = {
    start: [
      [1, row(10)],
      [2, row(10)],
    ] as [number, Row][],
    failed: [[update(1, row(5)), update(2, row(15))]],
    restored: [[update(1, row(5))]],
  };
  test.each([
    ['hold', ['partly-present.*, partly-present'], ['1/5//', '2/10//']],
    ['keep-restored', ['kept'], ['1/5//', '2/10//']],
    ['take-failed', ['missing'], ['1/5//', '2/15//']],
    ['merge-columns', ['partly-present.*, partly-present'], ['1/5//', '2/10//']],
  ])('%s', async (name, states, rows) => {
    expect(await outcome({ ...story, policy: rule(name) })).toMatchObject({
      states: states.map(starting),
      rows,
    });
  });

  test('a row of its own conflict is decided by that, the half by its own rule', async () => {
    const both = { ...story, restored: [[update(1, row(5))], [update(2, row(3))]] };
    const kinds = (half: string) =>
      `tables: { m.item: { on-conflict: { changed-on-restored: take-failed, partly-present: ${half} } } }`;
    expect(await outcome({ ...both, policy: kinds('hold') })).toMatchObject({
      states: [expect.stringContaining('changed-on-restored')],
    });
    expect(await outcome({ ...both, policy: kinds('take-failed') })).toMatchObject({
      states: ['missing'],
      rows: ['1/5//', '2/15//'],
    });
    expect(await outcome({ ...both, policy: kinds('keep-restored') })).toMatchObject({
      states: ['missing'],
      rows: ['1/5//', '2/15//'],
    });
  });
});

describe('a decision for one transaction', () => {
  const story = {
    start: [[1, row(1)]] as [number, Row][],
    failed: [[update(1, row(2))], [insert(2, row(2))], [update(1, row(3))]],
    restored: [[update(1, row(9))]],
  };
  test('stands above the table’s rule and the default', async () => {
    const policy = `default: keep-restored\n${rule('take-failed')}\ndecisions: { "w:1": hold }`;
    expect(await outcome({ ...story, policy })).toMatchObject({
      states: ['changed-on-restored', 'missing', 'held'],
    });
  });
  test('holds what could be replayed, and what builds on it', async () => {
    const { states, decided } = await outcome({
      ...story,
      restored: [],
      policy: 'decisions: { "w:1": hold }',
    });
    expect(states).toEqual(['held', 'missing', 'held']);
    expect(
      decided.map(({ decision }) => (decision.kind === 'held' ? [decision.by, decision.because] : null)),
    ).toEqual([['w:1', 'decision'], null, ['w:1', 'same-row']]);
  });
  test('leaves a transaction out whole, also one without a conflict', async () => {
    const failed = [[update(1, row(2)), insert(2, row(2))], [insert(3, row(3, null, 2))]];
    expect(
      await outcome({ ...story, failed, restored: [], policy: 'decisions: { "w:1": keep-restored }' }),
    ).toMatchObject({
      states: ['kept', expect.stringMatching(/^parent-missing/)],
      rows: ['1/1//'],
    });
  });
});

test('the rule’s place, and the four rows, are told', async () => {
  const { decided } = await outcome({
    start: [[1, row(1, 1)]],
    failed: [[update(1, row(2, 1))]],
    restored: [[update(1, row(1, 3))]],
    policy: rule('merge-columns'),
  });
  expect(decided[0]!.resolved!.rows).toEqual([
    {
      kind: 'changed-on-restored',
      change: 0,
      rule: { rule: 'merge-columns', place: 'p:2:34' },
      columns: new Map(),
      before: ['1', '1', '1', null],
      after: ['1', '2', '1', null],
      restored: ['1', '1', '3', null],
      result: ['1', '2', '3', null],
    },
  ]);
});

test('a row that moved on and went is not brought back by half of its way', async () => {
  const { states, rows } = await outcome({
    failed: [[insert(2, row(0))], [move(2, 4)], [drop(4)]],
    restored: [[insert(2, row(7))]],
    policy: `default: take-failed\ntables: { m.item: { on-conflict: { key-taken: rekey } } }`,
  });
  expect(states).toEqual(['missing', 'missing', 'missing']);
  expect(rows).toEqual(['2/7//']);
});

test('a row that moved onto a taken key and went from there is deleted, or held: not left where it was', async () => {
  const story = {
    start: [[2, row(0)]] as [number, Row][],
    failed: [[move(2, 4), drop(4)]],
    restored: [[insert(4, row(9))]],
  };
  expect(await outcome({ ...story, policy: rule('rekey') })).toMatchObject({
    states: [expect.stringContaining('the row has no key that can be given anew')],
    rows: ['2/0//', '4/9//'],
  });
});

test('no second row where the restored primary has what refers to it: it may be this one, changed since', async () => {
  const failed = [[insert(6, row(0))], [insert(1, row(0, null, 6))]];
  const story = {
    failed,
    restored: [[insert(6, row(0))], [insert(1, row(0, null, 6))], [update(6, row(5))]],
  };
  expect(await outcome({ ...story, policy: rule('rekey') })).toMatchObject({
    states: [expect.stringContaining('it may be this very row, changed since'), 'present'],
    rows: ['1/0//6', '6/5//'],
  });
});

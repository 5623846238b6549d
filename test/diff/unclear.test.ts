// A row that came and went again: where nothing but a transaction in conflict could tell whether it has been there.
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/diff/decide.ts';
import { type Action, factsOf, footprint, play, type Row, type World } from './window-model.ts';

const row = (value: number): Row => ({ value, code: null, parent: null });
const insert = (id: number): Action => ({ kind: 'insert', id, row: row(0) });

function judge(start: [number, Row][], failed: Action[][], restored: [number, Row][]) {
  const window = play(new Map(start), failed, 'window');
  const world: World = new Map(restored);
  return decide(
    window.map((history) => ({ ...footprint(history), applied: false })),
    factsOf(world),
  ).map(({ decision }) => decision);
}

describe('an insert whose row went away again in a transaction that is in conflict', () => {
  test('is held where that one is there in part', () => {
    // Moved and, beside it, a row deleted that the restored primary has deleted by itself.
    const decisions = judge(
      [[9, row(5)]],
      [
        [insert(1)],
        [
          { kind: 'delete', id: 9 },
          { kind: 'move', id: 1, to: 3 },
        ],
      ],
      [],
    );
    expect(decisions[0]).toMatchObject({ kind: 'held', by: 'window:2', because: 'unclear' });
    expect(decisions[1]).toMatchObject({
      kind: 'conflict',
      findings: [{ kind: 'partly-present' }, { kind: 'partly-present' }, { kind: 'partly-present' }],
    });
  });

  test("is held where somebody else wrote that one's other row", () => {
    const decisions = judge(
      [[9, row(5)]],
      [
        [insert(1)],
        [
          { kind: 'update', id: 9, row: row(6) },
          { kind: 'delete', id: 1 },
        ],
      ],
      [[9, row(7)]],
    );
    expect(decisions[0]).toMatchObject({ kind: 'held', by: 'window:2', because: 'unclear' });
    expect(decisions[1]).toMatchObject({ kind: 'conflict', findings: [{ kind: 'changed-on-restored' }] });
  });

  test('is present where another row of its own shows it', () => {
    const decisions = judge(
      [[9, row(5)]],
      [
        [insert(1), insert(2)],
        [
          { kind: 'update', id: 9, row: row(6) },
          { kind: 'delete', id: 1 },
        ],
      ],
      [
        [9, row(7)],
        [2, row(0)],
      ],
    );
    expect(decisions.map(({ kind }) => kind)).toEqual(['present', 'conflict']);
  });

  test('is missing where another row of its own is', () => {
    const decisions = judge(
      [
        [2, row(4)],
        [9, row(5)],
      ],
      [
        [insert(1), { kind: 'update', id: 2, row: row(8) }],
        [
          { kind: 'update', id: 9, row: row(6) },
          { kind: 'delete', id: 1 },
        ],
      ],
      [
        [2, row(4)],
        [9, row(7)],
      ],
    );
    expect(decisions.map(({ kind }) => kind)).toEqual(['missing', 'conflict']);
  });

  test('holds what builds on it', () => {
    const decisions = judge(
      [[9, row(5)]],
      [
        [insert(1)],
        [{ kind: 'update', id: 1, row: row(2) }],
        [
          { kind: 'update', id: 9, row: row(6) },
          { kind: 'delete', id: 1 },
        ],
      ],
      [[9, row(7)]],
    );
    expect(decisions.map(({ kind }) => kind)).toEqual(['held', 'held', 'conflict']);
  });

  test('asks nobody where the row simply came and went', () => {
    const decisions = judge([], [[insert(1)], [{ kind: 'delete', id: 1 }]], []);
    expect(decisions.map(({ kind }) => kind)).toEqual(['present', 'present']);
  });
});

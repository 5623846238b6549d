// A small world for testing the decision: random histories on both primaries over rows, unique values and a foreign
// key, played by the plainest possible rules. The oracle of the diff's tests; shares no code with src/diff.
import type { ChangeFootprint, RestoredFacts, TransactionFootprint } from '../../src/diff/footprint.ts';

/** Table `item`: primary key id, unique code (null: none), refers to `parent` (null: none) of table `item` itself. */
export interface Row {
  value: number;
  code: number | null;
  parent: number | null;
}
export type World = Map<number, Row>;

export type Action =
  | { kind: 'insert'; id: number; row: Row }
  | { kind: 'update'; id: number; row: Row }
  | { kind: 'move'; id: number; to: number }
  | { kind: 'delete'; id: number };

export interface Change {
  kind: 'insert' | 'update' | 'delete';
  beforeId: number | null;
  before: Row | null;
  afterId: number | null;
  after: Row | null;
}

/** The change the action makes, or null where the world's constraints refuse it. The world is changed. */
export function act(world: World, action: Action): Change | null {
  const before = world.get(action.id) ?? null;
  const codeFree = (code: number | null, except: number): boolean =>
    code === null || ![...world].some(([id, row]) => id !== except && row.code === code);
  const parentThere = (row: Row, own: number): boolean =>
    row.parent === null || row.parent === own || world.has(row.parent);
  const hasChildren = [...world].some(([id, row]) => id !== action.id && row.parent === action.id);
  switch (action.kind) {
    case 'insert':
      if (before || !codeFree(action.row.code, -1) || !parentThere(action.row, -1)) return null;
      world.set(action.id, action.row);
      return { kind: 'insert', beforeId: null, before: null, afterId: action.id, after: action.row };
    case 'update':
      if (!before || same(before, action.row)) return null;
      if (!codeFree(action.row.code, action.id) || !parentThere(action.row, -1)) return null;
      world.set(action.id, action.row);
      return { kind: 'update', beforeId: action.id, before, afterId: action.id, after: action.row };
    case 'move':
      if (!before || world.has(action.to) || hasChildren || before.parent === action.id) return null;
      world.delete(action.id);
      world.set(action.to, before);
      return { kind: 'update', beforeId: action.id, before, afterId: action.to, after: before };
    case 'delete':
      if (!before || hasChildren || before.parent === action.id) return null;
      world.delete(action.id);
      return { kind: 'delete', beforeId: action.id, before, afterId: null, after: null };
  }
}

export interface History {
  id: string;
  changes: Change[];
}

/** Plays transactions of actions; those that the constraints refuse leave no trace. */
export function play(world: World, transactions: readonly (readonly Action[])[], name: string): History[] {
  const histories: History[] = [];
  for (const actions of transactions) {
    const draft = new Map(world);
    const changes = actions.map((action) => act(draft, action)).filter((change) => change !== null);
    if (changes.length === 0) continue;
    world.clear();
    for (const [id, row] of draft) world.set(id, row);
    histories.push({ id: `${name}:${histories.length + 1}`, changes });
  }
  return histories;
}

/** Applies a transaction as a server would: every change must find its before image. False, and no trace, otherwise. */
export function apply(world: World, { changes }: Pick<History, 'changes'>): boolean {
  const draft = new Map(world);
  for (const { beforeId, before, afterId, after } of changes) {
    if (before && !same(draft.get(beforeId!) ?? null, before)) return false;
    if (before && beforeId !== afterId) draft.delete(beforeId!);
    if (after) {
      if (afterId !== beforeId && draft.has(afterId!)) return false;
      if (after.code !== null && [...draft].some(([id, row]) => id !== afterId && row.code === after.code))
        return false;
      draft.set(afterId!, after);
    }
  }
  for (const row of draft.values()) if (row.parent !== null && !draft.has(row.parent)) return false;
  world.clear();
  for (const [id, row] of draft) world.set(id, row);
  return true;
}

export function same(one: Row | null, other: Row | null): boolean {
  if (!one || !other) return one === other;
  return one.value === other.value && one.code === other.code && one.parent === other.parent;
}

const rowSlot = (id: number): number => id;
const CODES = 1000;
const codeSlot = (code: number): number => CODES + code;
/** Small numbers, different for rows that differ. */
const content = (row: Row | null): number | null =>
  row ? (row.value * 100 + (row.code ?? 99)) * 100 + (row.parent ?? 99) : null;

export function footprint({ id, changes }: History): TransactionFootprint {
  return { id, unsupported: [], differs: [], applied: false, changes: changes.map(changeFootprint) };
}

function changeFootprint({ beforeId, before, afterId, after }: Change): ChangeFootprint {
  const rows =
    beforeId === afterId
      ? [{ slot: rowSlot(beforeId!), from: content(before), to: content(after) }]
      : [
          ...(beforeId === null ? [] : [{ slot: rowSlot(beforeId), from: content(before), to: null }]),
          ...(afterId === null ? [] : [{ slot: rowSlot(afterId), from: null, to: content(after) }]),
        ];
  const moved = beforeId !== afterId;
  const codeMoved = moved || before?.code !== after?.code;
  const parentMoved = moved || before?.parent !== after?.parent;
  return {
    rows,
    unique: codeMoved
      ? [
          ...(before?.code == null
            ? []
            : [{ slot: codeSlot(before.code), from: rowSlot(beforeId!), to: null }]),
          ...(after?.code == null ? [] : [{ slot: codeSlot(after.code), from: null, to: rowSlot(afterId!) }]),
        ]
      : [],
    references: parentMoved
      ? [
          ...(beforeId === null
            ? []
            : [
                {
                  foreignKey: 0,
                  child: rowSlot(beforeId),
                  parent: null,
                  left: before?.parent == null ? null : rowSlot(before.parent),
                },
              ]),
          ...(afterId === null
            ? []
            : [
                {
                  foreignKey: 0,
                  child: rowSlot(afterId),
                  parent: after?.parent == null ? null : rowSlot(after.parent),
                  left: null,
                },
              ]),
        ]
      : [],
    vanishing:
      beforeId !== null && moved ? [{ slot: rowSlot(beforeId), foreignKeys: [0], unchecked: false }] : [],
    counted: [],
  };
}

export function factsOf(world: World): RestoredFacts {
  return {
    value(slot) {
      if (slot < CODES) return content(world.get(slot) ?? null);
      const holder = [...world].find(([, row]) => row.code === slot - CODES);
      return holder ? rowSlot(holder[0]) : null;
    },
    children: (_, parent) =>
      [...world]
        .filter(([, row]) => row.parent === parent)
        .map(([id]) => ({ slot: rowSlot(id), name: `item ${id}` })),
  };
}

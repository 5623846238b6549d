// The small world of window-model.ts behind the interfaces that a policy's resolution works on: a table, its rows as the
// window has them, and a reader that answers from the world. Decides nothing.
import type { Transaction } from '../../src/binlog/transaction.ts';
import { footprints } from '../../src/diff/footprints.ts';
import { KeyNormaliser } from '../../src/diff/key-normaliser.ts';
import type { Remembered } from '../../src/diff/resolution.ts';
import { resolveWindow } from '../../src/diff/resolve-window.ts';
import { lookUpFacts } from '../../src/diff/restored-facts.ts';
import type { RestoredReader, RestoredRow } from '../../src/diff/restored-reader.ts';
import type { RowChange, WindowTransaction } from '../../src/diff/window-rows.ts';
import { WindowSlots } from '../../src/diff/window-slots.ts';
import type { WindowTable } from '../../src/diff/window-table.ts';
import type { Policy } from '../../src/policy/policy.ts';
import type { TableDefinition } from '../../src/server/catalogue.ts';
import { columnDefinition } from '../columns.ts';
import type { Change, History, Row, World } from './window-model.ts';

export const TABLE = 'm.item';

const foreignKey = {
  name: 'parent',
  columns: ['parent'],
  parentSchema: 'm',
  parentTable: 'item',
  parentColumns: ['id'],
  onDelete: 'RESTRICT',
  onUpdate: 'RESTRICT',
} as const;

const definition: TableDefinition = {
  schema: 'm',
  table: 'item',
  kind: 'table',
  engine: 'InnoDB',
  transactional: true,
  columns: [
    columnDefinition('id', 'int', { autoIncrement: true }),
    ...['value', 'code', 'parent'].map((name) => columnDefinition(name, 'int')),
  ],
  primaryKey: ['id'],
  primaryKeyHasPrefix: false,
  indexes: [['id'], ['code'], ['parent']],
  wholeRows: null,
  uniqueKeys: [
    {
      name: 'code',
      columns: [{ name: 'code', prefixLength: null }],
      nullable: true,
      functional: false,
      expressions: [],
      searchable: true,
    },
  ],
  foreignKeys: [{ ...foreignKey, columns: ['parent'], parentColumns: ['id'] }],
  referencedBy: [{ ...foreignKey, schema: 'm', table: 'item', columns: ['parent'], parentColumns: ['id'] }],
  referencesKnown: true,
  triggers: [],
  triggersKnown: true,
  definitionDigest: '',
};

const table: WindowTable = {
  name: TABLE,
  schema: 'm',
  table: 'item',
  definition,
  columns: [],
  definitions: definition.columns,
  primaryKey: { name: 'PRIMARY', columns: [0] },
  uniqueKeys: [{ name: 'code', columns: [2] }],
  foreignKeys: [{ name: 'parent', columns: [3], parent: TABLE, parentColumns: ['id'] }],
  referencedBy: [{ ...definition.referencedBy[0]!, positions: [0] }],
};

const text = (value: number | null): string | null => (value === null ? null : String(value));
const number = (value: string | null): number | null => (value === null ? null : Number(value));

function values(id: number, { value, code, parent }: Row): (string | null)[] {
  return [text(id), text(value), text(code), text(parent)];
}

function rowChange({ beforeId, before, afterId, after }: Change): RowChange {
  return {
    table,
    before: before && values(beforeId!, before),
    after: after && values(afterId!, after),
  };
}

/** The model's change that a row change of the resolution stands for. */
export function modelChange({ before, after }: Pick<RowChange, 'before' | 'after'>): Change {
  const row = (of: (string | null)[] | null): Row | null =>
    of && { value: Number(of[1]), code: number(of[2]!), parent: number(of[3]!) };
  return {
    kind: before ? (after ? 'update' : 'delete') : 'insert',
    beforeId: before && Number(before[0]),
    before: row(before),
    afterId: after && Number(after[0]),
    after: row(after),
  };
}

function readerOf(world: World): RestoredReader {
  const rows = (): RestoredRow[] => [...world].map(([id, row]) => values(id, row));
  return {
    async rows(lookUps, take) {
      for (const lookUp of lookUps) {
        const keys = new Set(lookUp.keys.map((key) => key.join()));
        const found = rows().filter((row) => keys.has(lookUp.columns.map((i) => row[i]).join()));
        await take(lookUp, found);
      }
    },
    collationKeys: async (_, list) => list,
    definitions: async () => new Map(),
    rowsByExpression: async () => 'no such keys',
    nextKey: async () => BigInt(Math.max(0, ...world.keys()) + 1),
  };
}

export interface Earlier {
  applied: ReadonlySet<string>;
  remembered: ReadonlyMap<string, Remembered>;
}

export async function resolve(
  history: readonly History[],
  world: World,
  policy: Policy | null,
  { applied, remembered }: Earlier = { applied: new Set(), remembered: new Map() },
) {
  const reader = readerOf(world);
  const window = history.map(
    ({ id, changes }): WindowTransaction => ({
      transaction: { id, changes: [] as Transaction['changes'] } as Transaction,
      rows: changes.map(rowChange),
      unsupported: [],
      differs: [],
    }),
  );
  const normaliser = new KeyNormaliser(reader);
  const slots = new WindowSlots(normaliser);
  const prints = footprints(window, slots, new Map([[TABLE, definition]]));
  for (const print of prints.transactions) print.applied = applied.has(print.id);
  const facts = await lookUpFacts(prints.transactions, prints.foreignKeys, slots, reader, normaliser);
  const { decided } = await resolveWindow({
    window,
    tables: new Set([table]),
    prints,
    slots,
    facts,
    reader,
    normaliser,
    policy,
    uncertain: new Set(),
    remembered: (index) => remembered.get(history[index]!.id) ?? null,
  });
  return decided;
}

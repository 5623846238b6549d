// A server in small, for random schemas: tables with composite keys, unique keys, NULLs, a collation, and foreign keys to
// whatever columns, played by the plainest possible rules. The oracle of schema.model.test.ts; shares no code with src/diff.

export interface ModelTable {
  /** Of each column: whether its values are texts, which the collation compares without case or trailing spaces. */
  texts: boolean[];
  primaryKey: number[];
  uniqueKeys: number[][];
  foreignKeys: { columns: number[]; parent: number; parentColumns: number[] }[];
}
export type Schema = ModelTable[];
export type Row = readonly (string | null)[];
/** By table: its rows. */
export type World = Row[][];

export type Action =
  | { kind: 'insert'; table: number; row: Row }
  /** Of the table's rows the one that `which` falls on; only these columns change. */
  /** As `update`, but the row goes and comes again: REPLACE. */
  | { kind: 'update' | 'replace'; table: number; which: number; row: Row; columns: number[] }
  | { kind: 'delete'; table: number; which: number };

export interface Change {
  table: number;
  before: Row | null;
  after: Row | null;
}

export interface History {
  id: string;
  changes: Change[];
}

export function collated(value: string): string {
  return value.toLowerCase().replace(/ +$/, '');
}

/** null where a value is NULL: equal to nothing. */
function keyOf(columns: readonly number[], row: Row): string | null {
  const values = columns.map((i) => row[i]!);
  return values.includes(null as never) ? null : values.map((value) => collated(value!)).join('|');
}

/** Whether the parents of every row are there. */
function hasParents(schema: Schema, world: World): boolean {
  return schema.every(({ foreignKeys }, table) =>
    foreignKeys.every(({ columns, parent, parentColumns }) =>
      world[table]!.every((row) => {
        const key = keyOf(columns, row);
        return key === null || world[parent]!.some((other) => keyOf(parentColumns, other) === key);
      }),
    ),
  );
}

export function same(one: Row | null, other: Row | null): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/**
 * Makes the change as a server would, which asks at every row; false, and no trace, where it refuses. Whether parents are
 * there is for the caller to ask.
 */
function change(schema: Schema, world: World, { table, before, after }: Change): boolean {
  const rows = world[table]!;
  const at = before ? rows.findIndex((row) => same(row, before)) : -1;
  if (before && at < 0) return false;
  const others = rows.filter((_, i) => i !== at);
  const { primaryKey, uniqueKeys } = schema[table]!;
  if (after) {
    if (primaryKey.some((i) => after[i] === null)) return false;
    for (const columns of [primaryKey, ...uniqueKeys]) {
      const key = keyOf(columns, after);
      if (key !== null && others.some((row) => keyOf(columns, row) === key)) return false;
    }
  }
  const next = world.map((all, i) => (i === table ? [...others, ...(after ? [after] : [])] : all));
  // Nobody may refer to what goes, though another parent has the same value, and though it only changes its spelling.
  for (const [child, { foreignKeys }] of schema.entries()) {
    for (const { columns, parent, parentColumns } of foreignKeys) {
      if (parent !== table || !before) continue;
      const key = keyOf(parentColumns, before);
      if (key === null || (after && parentColumns.every((i) => before[i] === after[i]))) continue;
      if (next[child]!.some((row) => row !== after && keyOf(columns, row) === key)) return false;
      // A row that refers to itself may not go, either.
      if (child === table && keyOf(columns, before) === key) return false;
    }
  }
  world[table] = next[table]!;
  return true;
}

function act(schema: Schema, world: World, action: Action): Change[] {
  const rows = world[action.table]!;
  const found = action.kind === 'insert' || rows.length === 0 ? null : rows[action.which % rows.length]!;
  if (action.kind !== 'insert' && !found) return [];
  const made: Change =
    action.kind === 'insert'
      ? { table: action.table, before: null, after: action.row }
      : action.kind === 'delete'
        ? { table: action.table, before: found, after: null }
        : {
            table: action.table,
            before: found,
            after: found!.map((value, i) => (action.columns.includes(i) ? action.row[i]! : value)),
          };
  if (same(made.before, made.after) && action.kind !== 'replace') return [];
  const steps =
    action.kind === 'replace'
      ? [
          { ...made, after: null },
          { ...made, before: null },
        ]
      : [made];
  const draft = [...world];
  if (!steps.every((one) => change(schema, draft, one)) || !hasParents(schema, draft)) return [];
  world[action.table] = draft[action.table]!;
  return steps;
}

/** Plays transactions of actions; those that the constraints refuse leave no trace. */
export function play(
  schema: Schema,
  world: World,
  transactions: readonly (readonly Action[])[],
  name: string,
): History[] {
  const histories: History[] = [];
  for (const actions of transactions) {
    const changes = actions.flatMap((action) => act(schema, world, action));
    if (changes.length > 0) histories.push({ id: `${name}:${histories.length + 1}`, changes });
  }
  return histories;
}

/**
 * Applies a logged transaction: every change must find its before image, and in the end every row its parents (a cascade that
 * is logged brings child rows first). False, and no trace, otherwise.
 */
export function apply(schema: Schema, world: World, { changes }: Pick<History, 'changes'>): boolean {
  const draft = [...world];
  if (!changes.every((one) => change(schema, draft, one)) || !hasParents(schema, draft)) return false;
  world.splice(0, world.length, ...draft);
  return true;
}

export function sorted(world: World): string[][] {
  return world.map((rows) => rows.map((row) => JSON.stringify(row)).sort());
}

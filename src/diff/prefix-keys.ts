// Unique keys over the beginning of a column: whose beginnings the restored primary has given to other rows is looked for
// behind the decision, of what it would replay. Rows that the window itself touches by then are left to the replay's own look.
import type { ColumnDefinition, UniqueKey } from '../server/catalogue.ts';
import { batches } from '../server/key-batches.ts';
import { ORED_KEYS } from '../server/key-look-up.ts';
import type { DecidedTransaction } from './decision.ts';
import { ELSEWHERE, type RetryMark, type Slot } from './footprint.ts';
import type { KeyNormaliser } from './key-normaliser.ts';
import type { LookUp, RestoredReader, RestoredRow } from './restored-reader.ts';
import { packRow } from './row-text.ts';
import type { WindowTransaction } from './window-rows.ts';
import { pick, type WindowSlots } from './window-slots.ts';
import type { WindowTable } from './window-table.ts';

export interface PrefixKey {
  name: string;
  columns: number[];
  /** Characters (bytes of binary types) of each column; null: all of it. */
  lengths: (number | null)[];
}

/** Of these a character's bytes are told from the next one's without a table. */
const CHARSETS = new Set(['utf8mb3', 'utf8mb4', 'ascii', 'latin1', 'binary']);

export function isSearchablePrefix(key: UniqueKey, columns: readonly ColumnDefinition[]): boolean {
  return (
    key.searchable &&
    !key.functional &&
    key.columns.some((part) => part.prefixLength !== null) &&
    key.columns.every(({ name, prefixLength }) => {
      const column = columns.find((one) => one.name === name);
      if (!column || prefixLength === null) return column !== undefined;
      // BINARY's values end in zeros that are no part of them here.
      return column.dataType !== 'binary' && CHARSETS.has(column.charset ?? 'binary');
    })
  );
}

export function prefixKeys({ definition: { columns, uniqueKeys } }: WindowTable): PrefixKey[] {
  return uniqueKeys
    .filter((key) => isSearchablePrefix(key, columns))
    .map((key) => ({
      name: key.name,
      columns: key.columns.map(({ name }) => columns.findIndex((column) => column.name === name)),
      lengths: key.columns.map(({ prefixLength }) => prefixLength),
    }));
}

/** The first `length` characters of a canonical value: of UTF-8, bytes that begin none are not counted. */
export function beginning({ charset }: ColumnDefinition, value: string, length: number | null): string {
  if (length === null || value.length <= length) return value;
  if (charset !== 'utf8mb3' && charset !== 'utf8mb4') return value.slice(0, length);
  let characters = 0;
  for (let i = 0; i < value.length; i++) {
    if ((value.charCodeAt(i) & 0xc0) === 0x80) continue;
    characters += 1;
    if (characters > length) return value.slice(0, i);
  }
  return value;
}

interface Asked {
  transaction: number;
  change: number;
  table: WindowTable;
  key: PrefixKey;
  values: string[];
}

export interface TakenPrefixes {
  /** By the transaction's index. */
  marks: Map<number, RetryMark[]>;
  /** The restored primary's row behind each mark's slot (packRow). */
  rows: Map<Slot, string>;
}

export async function takenPrefixes(
  window: Iterable<WindowTransaction>,
  tables: Iterable<WindowTable>,
  decided: readonly DecidedTransaction[],
  slots: WindowSlots,
  reader: RestoredReader,
  normaliser: KeyNormaliser,
): Promise<TakenPrefixes> {
  const taken: TakenPrefixes = { marks: new Map(), rows: new Map() };
  const keysOf = new Map([...tables].map((table) => [table, prefixKeys(table)]));
  if (![...keysOf.values()].some((keys) => keys.length > 0)) return taken;
  const { asked, firstTouch } = gather(window, decided, keysOf, slots);
  for (const { table, key, values } of asked) want(normaliser, table, key.columns, values);
  await normaliser.settle();
  const bySlot = Map.groupBy(asked, ({ table, key, values }) =>
    slots.ofValues(table.definition, key.name, key.columns, values),
  );
  await reader.rows(lookUps(asked), async ({ asked: { table, key } }, found) => {
    const { definition, primaryKey } = table;
    const named = found.map((row) => ({ row, values: beginnings(table, key, row) }));
    for (const { row, values } of named) {
      if (values) want(normaliser, table, key.columns, values);
      want(normaliser, table, primaryKey.columns, pick(primaryKey.columns, row) ?? []);
    }
    await normaliser.settle();
    for (const { row, values } of named) {
      const slot = values && slots.find(definition, key.name, key.columns, values);
      const own = rowSlot(table, row, slots);
      for (const one of (slot !== null && slot !== undefined && bySlot.get(slot)) || []) {
        if (own !== undefined && (firstTouch.get(own) ?? Infinity) <= one.transaction) continue;
        taken.rows.set(slot!, packRow(row));
        const list = taken.marks.get(one.transaction) ?? [];
        list.push({ kind: 'unique-taken', change: one.change, slot: slot!, restored: ELSEWHERE });
        taken.marks.set(one.transaction, list);
      }
    }
  });
  return taken;
}

function gather(
  window: Iterable<WindowTransaction>,
  decided: readonly DecidedTransaction[],
  keysOf: ReadonlyMap<WindowTable, PrefixKey[]>,
  slots: WindowSlots,
): { asked: Asked[]; firstTouch: Map<Slot, number> } {
  const asked: Asked[] = [];
  const firstTouch = new Map<Slot, number>();
  let transaction = 0;
  for (const { rows } of window) {
    for (const [change, one] of rows.entries()) {
      const keys = one ? (keysOf.get(one.table) ?? []) : [];
      if (!one || keys.length === 0) continue;
      const { table, before, after } = one;
      const isReplayed = decided[transaction]!.decision.kind === 'missing';
      for (const row of [before, after]) {
        const slot = row && rowSlot(table, row, slots);
        if (typeof slot === 'number' && !firstTouch.has(slot) && isReplayed)
          firstTouch.set(slot, transaction);
      }
      if (!after || !isReplayed) continue;
      for (const key of keys) {
        const values = beginnings(table, key, after);
        const old = before && beginnings(table, key, before);
        if (!values || old?.join('\0') === values.join('\0')) continue;
        asked.push({ transaction, change, table, key, values });
      }
    }
    transaction += 1;
  }
  return { asked, firstTouch };
}

/** undefined where a column is NULL: it is in no unique key then. */
function beginnings(
  { definitions }: WindowTable,
  { columns, lengths }: PrefixKey,
  row: RestoredRow,
): string[] | undefined {
  const values = pick(columns, row);
  return values?.map((value, i) => beginning(definitions[columns[i]!]!, value, lengths[i]!));
}

function want(
  normaliser: KeyNormaliser,
  { definitions }: WindowTable,
  columns: readonly number[],
  values: readonly string[],
): void {
  for (const [i, value] of values.entries()) normaliser.want(definitions[columns[i]!]!, value);
}

/** undefined where the window does not touch the row. */
export function rowSlot(
  { definition, primaryKey }: WindowTable,
  row: RestoredRow,
  slots: WindowSlots,
): Slot | undefined {
  const key = primaryKey.columns.length > 0 ? pick(primaryKey.columns, row) : null;
  return key ? slots.find(definition, primaryKey.name, primaryKey.columns, key) : undefined;
}

function* lookUps(asked: readonly Asked[]): Generator<LookUp & { asked: Asked }> {
  for (const group of Map.groupBy(asked, ({ key }) => key).values()) {
    const first = group[0]!;
    const { table, key } = first;
    const keys = [...new Map(group.map(({ values }) => [packRow(values), values])).values()];
    for (const batch of batches(keys, ORED_KEYS)) {
      yield {
        asked: first,
        definition: table.definition,
        columns: key.columns,
        prefixes: prefixes(table, key),
        index: key.name,
        keys: batch,
        written: false,
      };
    }
  }
}

/** Whether a value is as long as the key looks at: more may follow then. */
function prefixes(
  { definitions }: WindowTable,
  { columns, lengths }: PrefixKey,
): ((value: string) => boolean)[] {
  return lengths.map((length, i) => (value) => {
    if (length === null) return false;
    // One character less is shorter, if the value is as long as that.
    return beginning(definitions[columns[i]!]!, value, length - 1) !== value;
  });
}

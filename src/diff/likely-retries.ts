// Looks in the restored primary's own log for what the application sent there again: inserts of the window whose content
// it has under another automatic id. Finds and shows; whether they are one thing, a person decides.

import { batches } from '../server/key-batches.ts';
import { keysALookUp } from '../server/key-look-up.ts';
import type { DecidedTransaction } from './decision.ts';
import type { OwnChange, RestoredChanges, Sightings } from './restored-changes.ts';
import type { LookUp, RestoredReader } from './restored-reader.ts';
import { isDistinguishing, momentsAgree, type RetryColumns, retryColumns } from './retry-evidence.ts';
import { packRow } from './row-text.ts';
import type { WindowTransaction } from './window-rows.ts';
import { pick } from './window-slots.ts';
import type { WindowTable } from './window-table.ts';

/** An insert of the window. */
interface WindowInsert {
  /** Index of its transaction in the window, and of the change in it. */
  transaction: number;
  change: number;
  table: WindowTable;
  /** Made when it is asked for: most inserts are of tables without automatic ids, or like no other. */
  row: () => Row;
  /** Microseconds since 1970. */
  committedAt: number;
  /** Whether the replay would write it; the others only say which rows are known by their own id. */
  isMissing: boolean;
}

export interface LikelyRetry {
  change: number;
  /** The restored primary's row as it is now, canonical; null: it was deleted there since. */
  restored: Row | null;
  /** Who wrote it there. */
  changedBy: OwnChange[];
}

interface Hit extends Omit<WindowInsert, 'row'> {
  row: Row;
  columns: RetryColumns;
  content: Row;
  seen: Sightings;
}

/** What is written again and again (a click, a heartbeat) says nothing of a retry: either side wrote it more often. */
const OFTEN = 2;

type Row = readonly (string | null)[];

export interface LikelyRetries {
  /** By the transaction's index; of each insert the latest row that looks like it. */
  found: Map<number, LikelyRetry[]>;
  /** Tables of which that can't be told for certain, and why. */
  untold: Map<string, string>;
}

/** Goes through the window only where it has such tables, and twice only where something was found. `decided` is index-aligned with it. */
export async function likelyRetries(
  window: Iterable<WindowTransaction>,
  tables: Iterable<WindowTable>,
  decided: readonly DecidedTransaction[],
  changes: RestoredChanges,
  reader: RestoredReader,
): Promise<LikelyRetries> {
  const columns = new Map<WindowTable, RetryColumns>();
  for (const table of tables) {
    const found = retryColumns(table);
    if (found) columns.set(table, found);
  }
  const untold = new Map<string, string>();
  const found = new Map<number, LikelyRetry[]>();
  if (columns.size === 0) return { found, untold };
  const watch = (table: WindowTable) => changes.watch(table, columns.get(table)!.content, 'exact');
  const asked = new Set<WindowTable>();
  let hasAsked = false;
  for (const { table, row, isMissing } of windowInserts(window, decided, columns)) {
    if (!isMissing) continue;
    asked.add(table);
    if (hasAsked && changes.isUnreadable) {
      if (asked.size === columns.size) break;
      continue;
    }
    const retry = columns.get(table)!;
    const values = row();
    if (!isDistinguishing(table, retry, values)) continue;
    watch(table).want(pickAll(retry.content, values));
    hasAsked = true;
  }
  await changes.settle();
  for (const table of asked) {
    const blind = changes.blind(table);
    if (blind !== null) untold.set(table.name, blind);
  }
  if (![...asked].some((table) => watch(table).hasSeen)) return { found, untold };

  const hits: Hit[] = [];
  for (const insert of windowInserts(window, decided, columns)) {
    const watched = watch(insert.table);
    if (!watched.hasSeen) continue;
    const retry = columns.get(insert.table)!;
    const row = insert.row();
    const content = pickAll(retry.content, row);
    const seen = watched.of(content);
    if (seen.count > 0) hits.push({ ...insert, row, columns: retry, content, seen });
  }
  const candidates = rowsElsewhere(hits);
  const rows = await restoredRows(candidates, reader);
  for (const { hit, key, by } of candidates) {
    const { transaction, change, table } = hit;
    const restored = rows.get(rowId(table, key)) ?? null;
    const at = by.committedAt;
    if (restored && !momentsAgree(hit.columns, hit, { row: restored, committedAt: at })) continue;
    const list = found.get(transaction) ?? [];
    // The latest one comes first: the others would say the same again.
    if (!list.some((one) => one.change === change)) list.push({ change, restored, changedBy: [by] });
    found.set(transaction, list);
  }
  return { found, untold };
}

/** Of the tables that are asked for. */
function* windowInserts(
  window: Iterable<WindowTransaction>,
  decided: readonly DecidedTransaction[],
  asked: ReadonlyMap<WindowTable, RetryColumns>,
): Generator<WindowInsert> {
  let i = 0;
  for (const { transaction, rows } of window) {
    const isMissing = decided[i]!.decision.kind === 'missing';
    const { committedAt, changes } = transaction;
    for (const [change, one] of rows.entries()) {
      if (!one || changes[change]!.kind !== 'insert' || !asked.has(one.table)) continue;
      const row = (): Row => one.after!;
      yield { transaction: i, change, table: one.table, row, committedAt, isMissing };
    }
    i += 1;
  }
}

interface Candidate {
  hit: Hit;
  /** The restored primary's row: not the insert's own. */
  key: string[];
  by: OwnChange;
}

function rowsElsewhere(hits: readonly Hit[]): Candidate[] {
  // What the restored primary has under the very same id is no second row: it is judged as that row.
  const own = new Set<string>();
  const times = new Map<string, number>();
  for (const { table, content, row } of hits) {
    own.add(identity(table, keyOf(table, row), content));
    const name = rowId(table, content);
    times.set(name, (times.get(name) ?? 0) + 1);
  }
  return hits.flatMap((hit) => {
    const { table, content, seen, isMissing } = hit;
    if (!isMissing || seen.count > OFTEN || times.get(rowId(table, content))! > OFTEN) return [];
    return seen.last
      .filter(({ op, key }) => op === 'insert' && key !== null && !own.has(identity(table, key, content)))
      .map(({ key, transaction, committedAt, number }): Candidate => {
        return { hit, key: key as string[], by: { transaction, committedAt, number, op: 'insert' } };
      });
  });
}

async function restoredRows(
  candidates: readonly Candidate[],
  reader: RestoredReader,
): Promise<Map<string, Row>> {
  const rows = new Map<string, Row>();
  const lookUps = function* (): Generator<LookUp & { table: WindowTable }> {
    for (const [table, list] of Map.groupBy(candidates, ({ hit }) => hit.table)) {
      const { definition, primaryKey } = table;
      const all = [...new Map(list.map(({ key }) => [packRow(key), key])).values()];
      const { columns, name: index } = primaryKey;
      for (const keys of batches(all, keysALookUp(definition, columns)))
        yield { table, definition, columns, index, keys, written: false };
    }
  };
  await reader.rows(lookUps(), ({ table }, found) => {
    for (const row of found) rows.set(rowId(table, keyOf(table, row)), row);
  });
  return rows;
}

function pickAll(columns: readonly number[], row: Row): Row {
  return columns.map((i) => row[i]!);
}

function keyOf(table: WindowTable, row: Row): string[] {
  return pick(table.primaryKey.columns, row)!;
}

function rowId(table: WindowTable, key: Row): string {
  return `${table.name}\0${packRow(key)}`;
}

function identity(table: WindowTable, key: Row | null, content: Row): string {
  return `${table.name}\0${key && packRow(key)}\0${packRow(content)}`;
}

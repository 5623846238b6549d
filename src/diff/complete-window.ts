// Completes the images of a window that was logged with MINIMAL or NOBLOB: from the restored primary's rows, where its
// own log proves that it has not written them since the failover. What that does not prove stays as it is, with the reason.
// Judges nothing else; windows of whole images are not looked at.
import type { KeptTransactions } from '../binlog/kept-transactions.ts';
import type { Change, Transaction } from '../binlog/transaction.ts';
import { transactionDigest } from '../plan/transaction-digest.ts';
import { tableName } from '../plan/window-counts.ts';
import { batches } from '../server/key-batches.ts';
import { keysALookUp } from '../server/key-look-up.ts';
import type { RestoredChanges } from './restored-changes.ts';
import type { LookUp, RestoredReader, RestoredRow } from './restored-reader.ts';
import { type Gap, isGap, RowCompletion, rowKey, rowName } from './row-completion.ts';
import type { TableMatcher } from './table-matcher.ts';
import { pick } from './window-slots.ts';
import type { WindowTable } from './window-table.ts';

export interface CompletionFacts {
  flavor: 'mysql' | 'mariadb';
  reader: RestoredReader;
  /** The restored primary's own log. */
  changes: RestoredChanges;
  /** Ids of those that are on the restored primary already, replayed. */
  applied: (transactions: readonly Transaction[]) => Promise<ReadonlySet<string>>;
  /** Why the failed primary may not have had all that the restored one had at the failover; null: it had. */
  mayHaveLacked: string | null;
}

/** By transaction, then by change. `applied`: on the restored primary already, nothing to complete. */
export type Gaps = ReadonlyMap<number, ReadonlyMap<number, Gap | 'applied'>>;

interface Needed {
  table: WindowTable;
  key: string[];
  /** The restored primary's row; undefined: it has none. */
  row?: RestoredRow;
  /** A replayed change came after one that is not: whose state the row is in can't be told. */
  mixed: boolean;
  seen: boolean;
}

export async function completeWindow(
  transactions: KeptTransactions,
  tables: TableMatcher,
  facts: CompletionFacts,
): Promise<Gaps> {
  const gaps = new Map<number, Map<number, Gap | 'applied'>>();
  if (!transactions.hasPartial) return gaps;
  const { names, partial } = findPartial(transactions);
  const changes = (): Generator<TableChange> => changesOf(transactions, names, tables);
  const applied = await facts.applied([...partial.values()]);
  const needed = neededRows(changes(), applied);
  // The rows first, their log then: whoever writes in between is seen in the log.
  await readRows(needed.values(), facts.reader);
  for (const { table, key } of needed.values()) facts.changes.wantRow(table, key);
  await facts.changes.settle();

  const completion = new RowCompletion(facts.flavor, {
    firstRow: (table, key) => firstRow(needed.get(rowName(table, key)), table, key, facts),
    defaultsGap: (table) => defaultsGap(table, facts.changes),
  });
  for (const { t, c, id, table, change } of changes()) {
    const isPartial = transactions.isPartial(t, c);
    const note = (gap: Gap | 'applied'): void => {
      const known = gaps.get(t) ?? new Map<number, Gap | 'applied'>();
      gaps.set(t, known.set(c, gap));
    };
    if (applied.has(id)) {
      // What it left is what the restored primary's row is now.
      completion.forget(table, change);
      if (isPartial) note('applied');
      continue;
    }
    const images = completion.complete(table, change);
    if (!isPartial) continue;
    if (isGap(images)) note(images);
    else transactions.complete(t, c, images, partial.get(t)!.loggedDigest!);
  }
  return gaps;
}

interface TableChange {
  /** The transaction's and the change's number. */
  t: number;
  c: number;
  id: string;
  table: WindowTable;
  change: Change;
}

/** Which tables have partial images, and the transactions that have them, without their changes. */
function findPartial(transactions: KeptTransactions): {
  names: Set<string>;
  partial: Map<number, Transaction>;
} {
  const names = new Set<string>();
  const partial = new Map<number, Transaction>();
  let t = 0;
  for (const transaction of transactions) {
    const own = transaction.changes.filter((_, c) => transactions.isPartial(t, c));
    for (const { table } of own) names.add(tableName(table));
    if (own.length > 0)
      partial.set(t, { ...transaction, changes: [], loggedDigest: transactionDigest(transaction) });
    t += 1;
  }
  return { names, partial };
}

/** Every change of these tables, whole ones too. */
function* changesOf(
  transactions: KeptTransactions,
  names: ReadonlySet<string>,
  tables: TableMatcher,
): Generator<TableChange> {
  let t = 0;
  for (const { id, changes } of transactions) {
    for (const [c, change] of changes.entries()) {
      if (!names.has(tableName(change.table))) continue;
      const found = tables.match(change.table);
      if (found.kind === 'table') yield { t, c, id, table: found.table, change };
    }
    t += 1;
  }
}

/** The rows that are written, by their keys. */
function neededRows(changes: Iterable<TableChange>, applied: ReadonlySet<string>): Map<string, Needed> {
  const needed = new Map<string, Needed>();
  for (const { id, table, change } of changes) {
    const { before, after } = change;
    const keys = [before && rowKey(table, before), after && rowKey(table, after, before)];
    for (const key of keys) {
      if (!key || key.length === 0) continue;
      const name = rowName(table, key);
      const known = needed.get(name) ?? { table, key, mixed: false, seen: false };
      if (applied.has(id)) known.mixed ||= known.seen;
      else known.seen = true;
      needed.set(name, known);
    }
  }
  return needed;
}

async function readRows(needed: Iterable<Needed>, reader: RestoredReader): Promise<void> {
  const wanted = [...needed];
  const lookUps: (LookUp & { wanted: Map<string, Needed> })[] = [];
  for (const list of Map.groupBy(wanted, ({ table }) => table).values()) {
    const { definition, primaryKey } = list[0]!.table;
    const { columns, name: index } = primaryKey;
    for (const batch of batches(list, keysALookUp(definition, columns))) {
      const byName = new Map(batch.map((one) => [rowName(one.table, one.key), one]));
      const keys = batch.map(({ key }) => key);
      lookUps.push({ definition, columns, index, keys, written: false, wanted: byName });
    }
  }
  await reader.rows(lookUps, ({ wanted: byName, columns }, rows) => {
    for (const row of rows) {
      const table = byName.values().next().value!.table;
      const one = byName.get(rowName(table, pick(columns, row)!));
      if (one) one.row = row;
    }
  });
}

/** What proves that this is the row that the failed primary found, or the first thing that does not. */
function firstRow(
  needed: Needed | undefined,
  table: WindowTable,
  key: string[],
  { changes, mayHaveLacked }: CompletionFacts,
): RestoredRow | Gap {
  const gap = (why: string): Gap => ({ why: `${table.name}: ${ONLY_SOME}, and ${why}` });
  const silent = table.definition.foreignKeys.find(
    ({ onDelete, onUpdate }) => isSilent(onDelete) || isSilent(onUpdate),
  );
  if (silent) return gap(`foreign key ${silent.name} can change it without a trace in a log`);
  const blind = changes.blind(table);
  if (blind !== null) {
    return gap(`whether the restored primary wrote the row since the failover can’t be told: ${blind}`);
  }
  const by = changes.touched(table, key);
  if (by.length > 0) {
    const why = `${ONLY_SOME}, and the restored primary has written the row since the failover`;
    return { why, touched: { key, restored: needed?.row ?? null, by } };
  }
  if (mayHaveLacked !== null) return gap(mayHaveLacked);
  if (!needed || needed.mixed) return gap('a later change of it is on the restored primary already');
  return needed.row ?? gap('the restored primary has no such row');
}

const ONLY_SOME = 'the log has only some of the row’s columns (binlog_row_image is not FULL)';

function defaultsGap(table: WindowTable, changes: RestoredChanges): Gap | null {
  const blind = changes.blind(table);
  const altered =
    changes.statements(table).length > 0 ? 'the table was altered there since the failover' : null;
  // A table without a key is not asked about.
  const keyless = table.primaryKey.columns.length === 0 ? 'it has no key' : null;
  const why = keyless ?? blind ?? altered;
  if (why === null) return null;
  return { why: `${table.name}: ${ONLY_SOME}, and the others’ defaults can’t be told: ${why}` };
}

/** RESTRICT and NO ACTION change no row. */
function isSilent(action: string): boolean {
  return action !== 'RESTRICT' && action !== 'NO ACTION';
}

// The diff's stages in order: read the window's rows, name their slots, look them up, decide. Asks the restored
// primary only through a RestoredReader.
import type { KeptTransactions } from '../binlog/kept-transactions.ts';
import type { Transaction } from '../binlog/transaction.ts';
import { tableName } from '../plan/window-counts.ts';
import { checkPolicy } from '../policy/check-policy.ts';
import type { Policy } from '../policy/policy.ts';
import type { TableDefinition } from '../server/catalogue.ts';
import { alignColumns } from './align-columns.ts';
import { completeWindow } from './complete-window.ts';
import { decide } from './decide.ts';
import type { DecidedTransaction } from './decision.ts';
import { footprints, wantKeys } from './footprints.ts';
import { KeyNormaliser } from './key-normaliser.ts';
import { watchChildren } from './old-children.ts';
import { rekeyWarnings } from './plan-resolution.ts';
import type { Remembered } from './resolution.ts';
import { resolveWindow } from './resolve-window.ts';
import { RestoredChanges, type RestoredLog } from './restored-changes.ts';
import { type LookedUp, lookUpFacts } from './restored-facts.ts';
import type { RestoredReader } from './restored-reader.ts';
import { lookAgain } from './second-look.ts';
import { statementTarget } from './statement-reach.ts';
import { TableMatcher } from './table-matcher.ts';
import { tableWarnings } from './table-warnings.ts';
import { foundConflicts, noteWhoChanged, untold } from './who-changed.ts';
import { netOnRestored, readWholeRows, withNets } from './whole-rows.ts';
import type { WindowForeignKey } from './window-foreign-keys.ts';
import { WindowRows } from './window-rows.ts';
import { WindowSlots } from './window-slots.ts';

/**
 * What the restored primary remembers of transactions beside their rows. A GTID that it has executed proves nothing
 * about rows (it may have been recorded empty); the rows in its own log under that GTID do.
 */
export interface Witness {
  /**
   * What an earlier replay, under a policy, made of the transaction; null: it went in as it was logged, or not at all.
   * Itself null where nothing of the kind is remembered.
   */
  remembered: ((transaction: Transaction) => Remembered | null) | null;
  isExecuted: (transaction: Transaction) => boolean;
  /** Which of these tables had columns altered on the restored primary since the failover; `untold`: why nobody knows of more. */
  alteredOnRestored: (
    tables: ReadonlySet<string>,
  ) => Promise<{ altered: ReadonlySet<string>; untold: string | null }>;
  /** Which of these the restored primary's log holds with rows: replayed there, whatever live traffic did since. */
  appliedOnRestored: (transactions: readonly Transaction[]) => Promise<ReadonlySet<string>>;
  /** The restored primary's own log, for a window of these transactions. */
  restoredLog: (transactions: Iterable<Transaction>) => RestoredLog;
  flavor: 'mysql' | 'mariadb';
  /** Why the failed primary may not have had all that the restored one had at the failover; null: it had. */
  mayHaveLacked: string | null;
}

export interface WindowDiff {
  window: WindowRows;
  /** Index-aligned with `window`. */
  decided: readonly DecidedTransaction[];
  slots: WindowSlots;
  foreignKeys: WindowForeignKey[];
  facts: LookedUp;
  definitions: ReadonlyMap<string, TableDefinition>;
  /** What a person should know beside the states; each a full sentence. */
  warnings: string[];
  policy: Policy | null;
  remembered: (transaction: Transaction) => Remembered | null;
  /** Gives the disk's room back, if some was taken: its rows can't be read after. */
  close: () => void;
}

export async function diffWindow(
  transactions: KeptTransactions,
  reader: RestoredReader,
  charsetOf: (collationId: number) => string | undefined,
  witness: Witness,
  policy: Policy | null = null,
): Promise<WindowDiff> {
  const { isExecuted, appliedOnRestored, alteredOnRestored, restoredLog } = witness;
  const { tables } = transactions;
  const definitions = await windowDefinitions([...tables, ...statementTables(transactions)], reader);
  alignColumns(transactions, definitions, witness.flavor);
  if (policy) await checkAgainst(policy, transactions, definitions, reader);
  const nameless = new Set(tables.filter((table) => !table.hasNames).map(tableName));
  const { altered, untold: unseen } =
    nameless.size > 0 ? await alteredOnRestored(nameless) : { altered: new Set<string>(), untold: null };
  const changes = new RestoredChanges(restoredLog(transactions), reader, charsetOf, transactions.store);
  const matcher = new TableMatcher(definitions, charsetOf, altered);
  const gaps = await completeWindow(transactions, matcher, {
    ...witness,
    reader,
    changes,
    applied: async (partial) => {
      const executed = partial.filter(isExecuted);
      return executed.length > 0 ? appliedOnRestored(executed) : new Set();
    },
  });
  const window = new WindowRows(transactions, matcher, gaps, transactions);
  const normaliser = new KeyNormaliser(reader, transactions.store);
  wantKeys(window, normaliser);
  await normaliser.settle();
  const slots = new WindowSlots(normaliser, transactions.store, window.images);
  const unknownRows = await readWholeRows(window, definitions, changes);
  const named = footprints(window, slots, definitions, unknownRows);
  const { transactions: prints, foreignKeys } = named;
  const found = await lookUpFacts(prints, foreignKeys, slots, reader, normaliser);
  let facts = withNets(found, slots, netOnRestored(window.tables, slots, changes));
  for (const [i, list] of gaps) {
    if ([...list.values()].includes('applied')) prints[i]!.applied = true;
  }
  let decided = decide(prints, facts);
  const doubtful: Transaction[] = [];
  const uncertain = new Set<string>();
  decided.forEach(({ decision }, i) => {
    const transaction = transactions.at(i)!;
    if (decision.kind !== 'present' && isExecuted(transaction)) doubtful.push(transaction);
  });
  if (doubtful.length > 0) {
    const applied = await appliedOnRestored(doubtful);
    for (const print of prints) print.applied ||= applied.has(print.id);
    for (const { id } of doubtful) if (!applied.has(id)) uncertain.add(id);
    if (applied.size > 0) decided = decide(prints, facts);
  }
  const second = await lookAgain(
    { window, prints, slots, facts, reader, normaliser, changes, decided },
    witness,
  );
  facts = second.facts;
  if (prints.some((print) => print.retries)) decided = decide(prints, facts);
  const remembered = witness.remembered ?? (() => null);
  if (policy || witness.remembered) {
    ({ decided, facts } = await resolveWindow({
      ...{
        window,
        tables: window.tables,
        prints: named,
        slots,
        facts,
        reader,
        normaliser,
        policy,
        uncertain,
      },
      remembered: (index) => remembered(transactions.at(index)!),
    }));
  }
  const noteOldChildren = watchChildren(decided, changes);
  const warnings = [
    ...untold(
      new Map([...nameless].flatMap((name) => (unseen === null ? [] : [[name, unseen]]))),
      (tables) =>
        `whether the restored primary altered ${tables} since the failover, whose columns the log does not name (binlog_row_metadata=FULL),`,
    ),
    ...(await noteWhoChanged(foundConflicts(window, decided, facts), slots, changes)),
    ...untold(second.untold, (tables) => `whether the application sent inserts into ${tables} again`),
  ];
  noteOldChildren();
  return {
    window,
    decided,
    slots,
    foreignKeys,
    facts,
    definitions,
    warnings: [
      ...warnings,
      ...tableWarnings(window.tables, foreignKeys, second.unasked),
      ...rekeyWarnings(window, decided),
    ],
    policy,
    remembered,
    close() {
      slots.close();
      changes.close();
    },
  };
}

/** The policy's own tables are asked for, too: a rule for one that the window does not touch is no mistake. */
async function checkAgainst(
  policy: Policy,
  transactions: KeptTransactions,
  definitions: ReadonlyMap<string, TableDefinition>,
  reader: RestoredReader,
): Promise<void> {
  const others = [...policy.tables.keys()].filter((name) => !definitions.has(name));
  const named = others.map(asTable);
  const known = new Map([...definitions, ...(named.length > 0 ? await reader.definitions(named) : [])]);
  const ids = new Set<string>();
  if (policy.decisions.size > 0) for (const { id } of transactions) ids.add(id);
  checkPolicy(policy, known, ids);
}

function statementTables({ undecoded }: KeptTransactions): { schema: string; table: string }[] {
  return undecoded.flatMap((one) => {
    const name = one.reason === 'statement' ? statementTarget(one) : null;
    return name === null ? [] : [asTable(name)];
  });
}

function asTable(name: string): { schema: string; table: string } {
  const dot = name.indexOf('.');
  return { schema: name.slice(0, dot), table: name.slice(dot + 1) };
}

/** The window's tables, and those on the other end of their foreign keys. */
export async function windowDefinitions(
  tables: Iterable<{ schema: string; table: string }>,
  reader: RestoredReader,
): Promise<Map<string, TableDefinition>> {
  const named = new Map<string, { schema: string; table: string }>();
  for (const { schema, table } of tables) named.set(tableName({ schema, table }), { schema, table });
  const definitions = await reader.definitions([...named.values()]);
  const related = new Map<string, { schema: string; table: string }>();
  for (const { foreignKeys, referencedBy } of definitions.values()) {
    for (const key of foreignKeys) {
      related.set(`${key.parentSchema}.${key.parentTable}`, {
        schema: key.parentSchema,
        table: key.parentTable,
      });
    }
    for (const key of referencedBy)
      related.set(`${key.schema}.${key.table}`, { schema: key.schema, table: key.table });
  }
  for (const name of definitions.keys()) related.delete(name);
  for (const [name, definition] of await reader.definitions([...related.values()]))
    definitions.set(name, definition);
  return definitions;
}

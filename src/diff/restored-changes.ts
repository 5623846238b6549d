// What the restored primary itself did to rows of the window's tables since the failover: its own log, read once for
// all that was asked by then. Holds only what was asked for. Never judges, and never counts the replay's writes as its own.
import type { ByteStoreOptions } from '../binlog/byte-store.ts';
import type { Change, Transaction } from '../binlog/transaction.ts';
import { rowsOf } from '../binlog/transaction-group.ts';
import { tableName } from '../plan/window-counts.ts';
import { ReconcileError } from '../reconcile-error.ts';
import type { TableDefinition } from '../server/catalogue.ts';
import { changesRowsUnseen } from './ddl-tables.ts';
import { imageColumns } from './image-columns.ts';
import { ImageWatch, KEPT, type Sightings } from './image-watch.ts';
import { KeyNormaliser } from './key-normaliser.ts';
import type { RestoredReader } from './restored-reader.ts';
import { statementReach } from './statement-reach.ts';
import { type MatchedTable, matchTable, type WindowTable } from './window-table.ts';

/** The restored primary's log since the failover. */
export interface RestoredLog {
  /** From the failover to now, in commit order; a text says why it can't be read. */
  read: (() => AsyncIterable<Transaction>) | string;
  /** Whether a transaction of that log is a replay's or an undo's, or one of the window's that came by replication. */
  isReplay(transaction: Transaction): boolean;
}

/** A transaction of the restored primary's own. */
export interface OwnChange {
  transaction: string;
  /** Microseconds since 1970. */
  committedAt: number;
  /** Its number in the log: MariaDB's commit times are whole seconds. */
  number: number;
  /** `statement`: DDL, TRUNCATE or a logged statement, which may have touched every row of the table. */
  op: Change['kind'] | 'statement';
}

/** Rows of the log that are matched at once: their keys go to the server in one question. */
const BATCH = 5_000;

export class RestoredChanges {
  readonly #log: RestoredLog;
  readonly #store: ByteStoreOptions;
  readonly #reader: RestoredReader;
  readonly #charsetOf: (collationId: number) => string | undefined;
  /** By table's name on the restored primary, then by the columns that are watched. */
  readonly #watches = new Map<string, Map<string, ImageWatch>>();
  readonly #statements = new Map<string, OwnChange[]>();
  readonly #blind = new Map<string, string>();
  readonly #matched = new Map<string, MatchedTable>();

  /** `store`: where bytes go that are too many for memory. */
  constructor(
    log: RestoredLog,
    reader: RestoredReader,
    charsetOf: (collationId: number) => string | undefined,
    store: ByteStoreOptions = {},
  ) {
    this.#store = store;
    this.#log = log;
    this.#reader = reader;
    this.#charsetOf = charsetOf;
  }

  /** Gives the disk's room back, if some was taken: nothing can be asked after. */
  close(): void {
    for (const watches of this.#watches.values()) for (const watch of watches.values()) watch.close();
  }

  /** Asks about the row with this primary key: settle() reads, then touched() answers. */
  wantRow(table: WindowTable, key: readonly string[]): void {
    this.watchRows(table).want(key);
  }

  /** The restored primary's own transactions that wrote the row, last first; the latest few of them. */
  touched(table: WindowTable, key: readonly string[]): readonly OwnChange[] {
    const { last } = this.watchRows(table).of(key);
    const statements = [...this.statements(table), ...(this.#statements.get('*') ?? [])];
    const all = [...last, ...statements].sort((a, b) => b.number - a.number);
    return all
      .filter((one, i) => all.findIndex(({ transaction }) => transaction === one.transaction) === i)
      .slice(0, KEPT);
  }

  /** Nothing that is asked will be answered: to ask once is enough, to be told why. */
  get isUnreadable(): boolean {
    return typeof this.#log.read === 'string';
  }

  /** Why touched() may not know all about the table's rows; null: it does. */
  blind(table: WindowTable): string | null {
    return this.#blind.get(fullName(table)) ?? this.#blind.get('*') ?? null;
  }

  /** The statements (DDL and such) that the restored primary ran on the table; the latest few. */
  statements(table: WindowTable): readonly OwnChange[] {
    const { schema } = table.definition;
    return [fullName(table), `${schema}.*`].flatMap((name) => this.#statements.get(name) ?? []);
  }

  watchRows(table: WindowTable): ImageWatch {
    return this.watch(table, table.primaryKey.columns, 'collation');
  }

  /** The images of a table by some columns' values: equal by the columns' collations, or exactly. */
  watch(table: WindowTable, columns: readonly number[], equal: 'collation' | 'exact'): ImageWatch {
    const watches = this.#watches.get(fullName(table)) ?? new Map<string, ImageWatch>();
    this.#watches.set(fullName(table), watches);
    const name = `${equal}:${columns.join()}`;
    const known = watches.get(name);
    if (known) return known;
    const watch = new ImageWatch(table, columns, equal, this.#store);
    watches.set(name, watch);
    return watch;
  }

  /**
   * Reads the log where something was asked that no reading has answered. Throws only where it was interrupted: a log
   * that can't be read leaves every table blind().
   */
  async settle(): Promise<void> {
    const asked = new Map<string, ImageWatch[]>();
    const normaliser = new KeyNormaliser(this.#reader);
    for (const [table, watches] of this.#watches) {
      const open = [...watches.values()].filter((watch) => watch.isAsked);
      if (open.length === 0) continue;
      asked.set(table, open);
      for (const watch of open) watch.wantAsked(normaliser);
    }
    if (asked.size === 0) return;
    await normaliser.settle();
    for (const watches of asked.values()) for (const watch of watches) watch.begin(normaliser);
    this.#statements.clear();
    try {
      if (typeof this.#log.read === 'string') this.#blind.set('*', this.#log.read);
      else await this.#read(this.#log.read(), asked);
    } catch (cause) {
      if (cause instanceof ReconcileError && cause.code === 'interrupted') throw cause;
      this.#blind.set(
        '*',
        `its log can’t be read (${cause instanceof Error ? cause.message : String(cause)})`,
      );
    }
    for (const watches of asked.values()) for (const watch of watches) watch.end();
  }

  async #read(log: AsyncIterable<Transaction>, asked: ReadonlyMap<string, ImageWatch[]>): Promise<void> {
    const tables = new Set(asked.keys());
    let rows: (() => void)[] = [];
    let normaliser = new KeyNormaliser(this.#reader);
    const flush = async (): Promise<void> => {
      await normaliser.settle();
      for (const match of rows) match();
      rows = [];
      // A new one each time: it remembers every value it was ever asked for.
      normaliser = new KeyNormaliser(this.#reader);
    };
    let number = 0;
    for await (const transaction of log) {
      number += 1;
      const replay = this.#log.isReplay(transaction);
      if (!replay) this.#noteStatements(transaction, number);
      const { id, committedAt } = transaction;
      for (const change of changesTo(transaction, tables)) {
        const table = this.#matchedTable(change);
        if (!table) continue;
        for (const watch of asked.get(tableName(change.table))!) {
          const before = change.before && imageColumns(watch.columns, table, change.before);
          const after = change.after && imageColumns(watch.columns, table, change.after, change.before);
          if (before === undefined || after === undefined) {
            this.#blind.set(tableName(change.table), `its log has only some of the columns of a row (${id})`);
            continue;
          }
          const keys = normaliser;
          const key = (change.after ?? change.before)!;
          const primary = () => imageColumns(table.primaryKey.columns, table, key, change.before) ?? null;
          const seen = { transaction: id, committedAt, number, op: change.kind, replay, key: primary };
          if (!watch.isCollated) watch.see(before, after, seen, keys);
          else {
            watch.normalise(before, after, keys);
            rows.push(() => watch.see(before, after, seen, keys));
          }
        }
        if (rows.length >= BATCH) await flush();
      }
    }
    await flush();
  }

  /** The log's table map as the table is now; undefined where it was another table then, which leaves it blind. */
  #matchedTable({ table: map }: Change): WindowTable | undefined {
    const name = tableName(map);
    const watched = this.#watches.get(name)!.values().next().value!.table;
    const content = map.body.toString('latin1', TABLE_ID_AND_FLAGS);
    const found = this.#matched.get(content) ?? matchTable(map, watched.definition, this.#charsetOf);
    this.#matched.set(content, found);
    if (found.kind === 'table') return found.table;
    this.#blind.set(name, `its log shows another table than there is now (${found.why})`);
    return undefined;
  }

  #noteStatements({ id, committedAt, undecoded }: Transaction, number: number): void {
    for (const one of undecoded) {
      if (one.reason !== 'ddl' && one.reason !== 'statement') {
        this.#blind.set(
          '*',
          `its log has something that can’t be read (${one.reason} at ${one.file}:${one.position})`,
        );
        continue;
      }
      if (one.reason === 'ddl' && !changesRowsUnseen(one.detail)) continue;
      for (const name of statementReach(one, this.#definitions())) {
        const list = this.#statements.get(name) ?? [];
        this.#statements.set(name, list);
        if (list.at(-1)?.number !== number)
          list.push({ transaction: id, committedAt, number, op: 'statement' });
        // Live traffic can be nothing but statements, and each conflict names them.
        if (list.length > KEPT) list.shift();
        // Which rows it wrote, and what they were, is nowhere.
        if (one.reason === 'statement' && !this.#blind.has(name))
          this.#blind.set(
            name,
            `its log has statements, which show no rows (${id}; binlog_format is not ROW there)`,
          );
      }
    }
  }

  /** Of the tables that are watched, by their names in its log. */
  #definitions(): ReadonlyMap<string, TableDefinition> {
    const definitions = new Map<string, TableDefinition>();
    for (const [name, watches] of this.#watches)
      for (const { table } of watches.values()) definitions.set(name, table.definition);
    return definitions;
  }
}

const TABLE_ID_AND_FLAGS = 8;

export type { Sightings };

/** As the restored primary's own log names it. */
function fullName({ definition: { schema, table } }: WindowTable): string {
  return `${schema}.${table}`;
}

/** Changes of other tables are never split. */
function* changesTo(transaction: Transaction, tables: ReadonlySet<string>): Generator<Change> {
  const events = rowsOf(transaction);
  if (events.length === 0) {
    for (const change of transaction.changes) if (tables.has(tableName(change.table))) yield change;
    return;
  }
  for (const rows of events) {
    if (!tables.has(tableName(rows.table))) continue;
    for (let i = 0; i < rows.count; i++) yield rows.change(i);
  }
}

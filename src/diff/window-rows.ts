// The window's changes as canonical rows of known tables, transaction by transaction. Makes a row's values while
// somebody looks at them and keeps none; decides nothing.
import { hasPartialImage } from '../binlog/kept-change.ts';
import { eachChange, type KeptTransactions, type Transactions } from '../binlog/kept-transactions.ts';
import type { Change, Transaction } from '../binlog/transaction.ts';
import { tableName } from '../plan/window-counts.ts';
import type { TableDefinition } from '../server/catalogue.ts';
import type { Gaps } from './complete-window.ts';
import type { Difference } from './footprint.ts';
import { KeptSides, KeptTexts } from './kept-sides.ts';
import { WHOLE_ROW } from './occurrences.ts';
import { hasOneForm } from './one-form.ts';
import type { Gap } from './row-completion.ts';
import type { WindowImages } from './row-contents.ts';
import { LoggedSides, type RowSides, ValueSides } from './row-sides.ts';
import { imageValues } from './row-text.ts';
import { TableMatcher } from './table-matcher.ts';
import { touchedRow } from './touched-row.ts';
import { unfindable, type WindowTable } from './window-table.ts';

export interface RowChange {
  readonly table: WindowTable;
  /** Made anew each time: hold it while you need it. */
  readonly before: (string | null)[] | null;
  readonly after: (string | null)[] | null;
  /** The same from the log's bytes; not there where no log has them. */
  readonly logged?: RowSides;
  /** Whether its rows event leaves foreign keys unchecked. */
  readonly unchecked?: boolean;
}

export interface WindowTransaction {
  transaction: Transaction;
  /** Index-aligned with transaction.changes; null where the change can't be judged by its row: what follows says why. */
  rows: (RowChange | null)[];
  unsupported: string[];
  /** Changes that are conflicts whatever the restored primary's rows are. */
  differs: Difference[];
}

/** What a change can't be judged for, if so. */
interface Faults {
  unsupported: string[];
  differs: WindowTransaction['differs'];
}

const NO_FAULTS: Faults = { unsupported: [], differs: [] };

export class WindowRows implements Iterable<WindowTransaction> {
  readonly transactions: Transactions;
  /** Of rows that are told apart by the log's bytes; null: none are. */
  readonly images: WindowImages | null;
  readonly #tables: TableMatcher;
  /** Of the transactions that have some. */
  readonly #faults = new Map<number, Faults>();
  /** Tables whose rows are told apart by the log's bytes. */
  readonly #comparable: ReadonlySet<WindowTable>;

  /**
   * `gaps`: of changes whose images lack columns, what completeWindow() says of them. `kept`: who keeps the changes of
   * all of them; rows are then told apart by the log's bytes, where they can. Else by their texts.
   */
  constructor(
    transactions: Transactions,
    tables: TableMatcher,
    gaps: Gaps = new Map(),
    kept: KeptTransactions | null = null,
  ) {
    this.transactions = transactions;
    this.#tables = tables;
    const changedBy = new Map<string, string>();
    let index = 0;
    for (const transaction of transactions) {
      const faults = findFaults(transaction, tables, changedBy, gaps.get(index));
      if (faults.unsupported.length > 0 || faults.differs.length > 0) this.#faults.set(index, faults);
      index += 1;
    }
    this.images = kept && new KeptTexts(kept, tables);
    this.#comparable = kept && !kept.isReordered ? comparableTables(tables.matched) : new Set();
  }

  get length(): number {
    return this.transactions.length;
  }

  /** The restored primary's tables that the window's rows can be read as. */
  get tables(): ReadonlySet<WindowTable> {
    return this.#tables.matched;
  }

  at(index: number): WindowTransaction {
    const transaction = this.transactions.at(index)!;
    const rowOf = (change: Change): RowChange | null => {
      const found = this.#tables.match(change.table);
      return found.kind === 'table' && !hasPartialImage(change)
        ? new DecodedChange(found.table, change, this.#comparable.has(found.table))
        : null;
    };
    return new LookedAt(transaction, rowOf, this.#faults.get(index) ?? NO_FAULTS);
  }

  *[Symbol.iterator](): Generator<WindowTransaction> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }
}

/** Whoever writes a transaction as it was logged looks at none of its rows: they are made for who does. */
class LookedAt implements WindowTransaction {
  readonly transaction: Transaction;
  readonly unsupported: string[];
  readonly differs: Difference[];
  readonly #rowOf: (change: Change) => RowChange | null;
  #rows: (RowChange | null)[] | null = null;

  constructor(
    transaction: Transaction,
    rowOf: (change: Change) => RowChange | null,
    { unsupported, differs }: Faults,
  ) {
    this.transaction = transaction;
    this.unsupported = unsupported;
    this.differs = differs;
    this.#rowOf = rowOf;
  }

  get rows(): (RowChange | null)[] {
    this.#rows ??= this.transaction.changes.map(this.#rowOf);
    return this.#rows;
  }

  *each(): Generator<RowChange | null> {
    for (const change of eachChange(this.transaction)) yield this.#rowOf(change);
  }
}

/** Its rows one after the other, for whoever needs each once: a transaction can have a hundred thousand. */
export function eachRow(window: WindowTransaction): Iterable<RowChange | null> {
  return window instanceof LookedAt ? window.each() : window.rows;
}

const NO_FOREIGN_KEY_CHECKS = 2;

class DecodedChange implements RowChange {
  readonly table: WindowTable;
  readonly #change: Change;
  readonly #isComparable: boolean;

  constructor(table: WindowTable, change: Change, isComparable: boolean) {
    this.table = table;
    this.#change = change;
    this.#isComparable = isComparable;
  }

  get unchecked(): boolean {
    return (this.#change.flags & NO_FOREIGN_KEY_CHECKS) !== 0;
  }

  get before(): (string | null)[] | null {
    const { before } = this.#change;
    return before && imageValues(before, this.table.columns);
  }

  get after(): (string | null)[] | null {
    const { after } = this.#change;
    return after && imageValues(after, this.table.columns);
  }

  get logged(): RowSides {
    if (this.#isComparable) return new KeptSides(this.table, this.#change);
    const { before, after, place } = this.#change;
    return new LoggedSides(this.table, before, after, place);
  }
}

/**
 * Of tables that the log describes in one way only: a value of a VARCHAR that was made longer in the window has two forms.
 */
function comparableTables(tables: ReadonlySet<WindowTable>): ReadonlySet<WindowTable> {
  const described = new Map<string, number>();
  const nameOf = ({ schema, table }: WindowTable): string => `${schema}\0${table}`;
  for (const table of tables) described.set(nameOf(table), (described.get(nameOf(table)) ?? 0) + 1);
  return new Set(
    [...tables].filter(
      (table) =>
        described.get(nameOf(table)) === 1 &&
        table.primaryKey.name !== WHOLE_ROW &&
        table.columns.every(hasOneForm),
    ),
  );
}

export function rowSides(change: RowChange): RowSides {
  return change.logged ?? new ValueSides(change);
}

export function readWindowRows(
  transactions: Transactions,
  catalogue: ReadonlyMap<string, TableDefinition>,
  charsetOf: (collationId: number) => string | undefined,
  kept: KeptTransactions | null = null,
): WindowRows {
  return new WindowRows(transactions, new TableMatcher(catalogue, charsetOf, new Set()), new Map(), kept);
}

/** `changedBy`: which statement of the window changed a table, up to here; '*': every one. */
function findFaults(
  transaction: Transaction,
  tables: TableMatcher,
  changedBy: Map<string, string>,
  gaps: ReadonlyMap<number, Gap | 'applied'> | undefined,
): Faults {
  const unsupported = new Set<string>();
  const differs: Faults['differs'] = [];
  for (const { reason, detail, file, position } of transaction.undecoded) {
    unsupported.add(`${reason} at ${file}:${position}: ${detail}`);
  }
  let index = -1;
  for (const change of eachChange(transaction)) {
    index += 1;
    const found = tables.match(change.table);
    if (changedBy.size > 0) {
      const name = tableName(change.table);
      const ddl = changedBy.get(name) ?? changedBy.get(`${change.table.schema}.*`);
      const any = changedBy.get('*');
      if (ddl !== undefined)
        unsupported.add(`${name} was changed by the statement in ${ddl}, earlier in the window`);
      else if (any !== undefined)
        unsupported.add(
          `${name} may have been changed by the statement in ${any}, earlier in the window: which tables it changed can't be told from its text`,
        );
    }
    if (found.kind === 'unsupported') unsupported.add(found.why);
    else if (found.kind === 'differs') differs.push({ change: index, why: found.why });
    else if (change.kind !== 'insert' && unfindable(found.table)) unsupported.add(unfindable(found.table)!);
    else if (hasPartialImage(change)) {
      const gap = gaps?.get(index);
      if (gap === undefined) {
        unsupported.add(
          `${tableName(change.table)}: the log has only some of the row's columns (binlog_row_image is not FULL)`,
        );
      } else if (gap !== 'applied') {
        if (gap.touched) differs.push(touchedRow(found.table, change, index, gap.why, gap.touched));
        else unsupported.add(gap.why);
      }
    }
  }
  for (const undecoded of transaction.undecoded) {
    for (const name of tables.reachOf(undecoded)) changedBy.set(name, transaction.id);
  }
  return { unsupported: [...unsupported], differs };
}

// The window's changes as canonical rows of known tables, transaction by transaction. Makes a row's values while
// somebody looks at them and keeps none; decides nothing.
import { hasPartialImage } from '../binlog/kept-changes.ts';
import type { Transactions } from '../binlog/kept-transactions.ts';
import type { Change, Transaction } from '../binlog/transaction.ts';
import { tableName } from '../plan/window-counts.ts';
import type { TableDefinition } from '../server/catalogue.ts';
import type { Gaps } from './complete-window.ts';
import type { Difference } from './footprint.ts';
import type { Gap } from './row-completion.ts';
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
  readonly #tables: TableMatcher;
  /** Of the transactions that have some. */
  readonly #faults = new Map<number, Faults>();

  /** `gaps`: of changes whose images lack columns, what completeWindow() says of them. */
  constructor(transactions: Transactions, tables: TableMatcher, gaps: Gaps = new Map()) {
    this.transactions = transactions;
    this.#tables = tables;
    const changedBy = new Map<string, string>();
    let index = 0;
    for (const transaction of transactions) {
      const faults = findFaults(transaction, tables, changedBy, gaps.get(index));
      if (faults.unsupported.length > 0 || faults.differs.length > 0) this.#faults.set(index, faults);
      index += 1;
    }
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
    const rows = transaction.changes.map((change): RowChange | null => {
      const found = this.#tables.match(change.table);
      return found.kind === 'table' && !hasPartialImage(change)
        ? new DecodedChange(found.table, change)
        : null;
    });
    return { transaction, rows, ...(this.#faults.get(index) ?? NO_FAULTS) };
  }

  *[Symbol.iterator](): Generator<WindowTransaction> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }
}

const NO_FOREIGN_KEY_CHECKS = 2;

class DecodedChange implements RowChange {
  readonly table: WindowTable;
  readonly #change: Change;

  constructor(table: WindowTable, change: Change) {
    this.table = table;
    this.#change = change;
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
    const { before, after, place } = this.#change;
    return new LoggedSides(this.table, before, after, place);
  }
}

export function rowSides(change: RowChange): RowSides {
  return change.logged ?? new ValueSides(change);
}

export function readWindowRows(
  transactions: Transactions,
  catalogue: ReadonlyMap<string, TableDefinition>,
  charsetOf: (collationId: number) => string | undefined,
  altered: ReadonlySet<string> = new Set(),
): WindowRows {
  return new WindowRows(transactions, new TableMatcher(catalogue, charsetOf, altered));
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
  transaction.changes.forEach((change, index) => {
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
  });
  for (const undecoded of transaction.undecoded) {
    for (const name of tables.reachOf(undecoded)) changedBy.set(name, transaction.id);
  }
  return { unsupported: [...unsupported], differs };
}

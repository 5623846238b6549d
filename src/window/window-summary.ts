// What a window holds, counted as it is read: transactions, changes by table, distinct rows, commit times, what was not
// decoded. Keeps no transaction and no row.
import type { LoggedRows } from '../binlog/rows-event.ts';
import type { TableMap } from '../binlog/table-map.ts';
import type { Transaction, Undecoded } from '../binlog/transaction.ts';
import { rowsOf } from '../binlog/transaction-group.ts';
import { RowIndex } from './row-index.ts';

export interface TableSummary {
  table: string;
  insert: number;
  update: number;
  delete: number;
  distinctRows: number;
}

/** A log in statement format is all of these: so many are listed, and each so far. The rest is counted. */
const LISTED = 1000;
const DETAIL = 2000;

export class WindowSummary {
  transactions = 0;
  changes = 0;
  bytes = 0;
  /** Microseconds since 1970. */
  firstCommit: number | null = null;
  lastCommit: number | null = null;
  /** A GTID of a transaction of the log's own server, where it has one. */
  ownGtid: string | null = null;
  undecoded = 0;
  readonly listed: Undecoded[] = [];
  private readonly byName = new Map<string, TableSummary & { number: number }>();
  private readonly byMap = new WeakMap<TableMap, TableSummary & { number: number }>();
  private readonly index = new RowIndex();

  /** A whole transaction, or one that comes in parts, part after part. */
  add(transaction: Transaction): void {
    for (const rows of rowsOf(transaction)) this.addRows(rows);
    for (const one of transaction.undecoded) {
      if (++this.undecoded > LISTED) continue;
      const { detail } = one;
      this.listed.push(detail.length > DETAIL ? { ...one, detail: `${detail.slice(0, DETAIL)}…` } : one);
    }
    if (transaction.part !== true) this.end(transaction);
  }

  /** By name. */
  get tables(): TableSummary[] {
    return [...this.byName.values()]
      .map(({ number, ...counts }) => counts)
      .sort((a, b) => (a.table < b.table ? -1 : 1));
  }

  private addRows(rows: LoggedRows): void {
    const counts = this.countsOf(rows.table);
    counts[rows.kind] += rows.count;
    counts.distinctRows += this.index.countNew(rows, counts.number);
    this.changes += rows.count;
  }

  private end({ committedAt, bytes, gtid, origin }: Transaction): void {
    this.transactions += 1;
    this.bytes += bytes;
    if (this.ownGtid === null && origin === 'own') this.ownGtid = gtid;
    if (committedAt <= 0) return;
    if (this.firstCommit === null || committedAt < this.firstCommit) this.firstCommit = committedAt;
    if (this.lastCommit === null || committedAt > this.lastCommit) this.lastCommit = committedAt;
  }

  private countsOf(table: TableMap): TableSummary & { number: number } {
    let counts = this.byMap.get(table);
    if (counts !== undefined) return counts;
    const name = `${table.schema}.${table.table}`;
    counts = this.byName.get(name);
    if (counts === undefined) {
      counts = {
        table: name,
        insert: 0,
        update: 0,
        delete: 0,
        distinctRows: 0,
        number: this.byName.size + 1,
      };
      this.byName.set(name, counts);
    }
    this.byMap.set(table, counts);
    return counts;
  }
}

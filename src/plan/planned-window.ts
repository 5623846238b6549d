// A plan's transactions while it is loaded and after: their rows as bytes and a few numbers a change, a transaction an
// object while somebody looks at it. Of their lines it keeps what is not rows, and that only where there is something to say.

import { DecodeFault } from '../binlog/byte-cursor.ts';
import type { ByteStoreOptions } from '../binlog/byte-store.ts';
import { KeptTransactions } from '../binlog/kept-transactions.ts';
import { integers } from '../binlog/number-list.ts';
import { parseTableMap, type TableMap } from '../binlog/table-map.ts';
import type { Transaction } from '../binlog/transaction.ts';
import { ReconcileError } from '../reconcile-error.ts';
import { decodeBase64, decodedSize } from './base64-bytes.ts';
import { IsoTimes } from './iso-times.ts';
import { KeptLines } from './kept-lines.ts';
import { type PlanHeader, type PlanTable, type PlanTransaction, TRANSACTION_STATES } from './plan.ts';
import { damagedPlan, type NamedPlan } from './plan-faults.ts';
import type { PlanReader } from './plan-file.ts';
import type { ScannedChange } from './scanned-change.ts';
import { tableName } from './window-counts.ts';

export interface PlannedTransaction {
  readonly id: string;
  readonly gtid: string | null;
  /** Its line; the lists of its changes are empty. */
  readonly planned: PlanTransaction;
  readonly state: PlanTransaction['state'];
  /** null where the plan does not hold the rows of every change (they could not be read). */
  readonly transaction: Transaction | null;
  /** As the failed primary logged it: the same, unless a policy resolved it. */
  readonly source: Transaction | null;
  /** With those of the logged changes that the plan does hold. */
  readable(): Transaction;
  /** Its line whole, of a transaction that could not be read. */
  line(): PlanTransaction;
}

/** Bytes. A replay goes through them in more than one order. */
const ROWS_IN_MEMORY = 64 << 20;

const EXECUTED = 8;
/** Some change's rows are not in the plan. */
const UNREADABLE = 16;
const SOURCE_UNREADABLE = 32;
const STATE = 7;
const NO_SOURCE = -1;
/** What every line has. */
const PLAIN = new Set(['type', 'id', 'gtid', 'state', 'start', 'end', 'committed', 'executed', 'changes']);

/** Takes the lines of a plan as scanPlanFile() tells them. */
export class PlannedWindow implements PlanReader {
  readonly tables: PlanTable[] = [];
  readonly transactions: PlannedTransaction[] = [];
  readonly #file: NamedPlan;
  readonly #maps = new Map<number, TableMap>();
  readonly written: KeptTransactions;
  /** Of those that a policy resolved. */
  readonly #sources: KeptTransactions;
  readonly #sourceOf = integers();
  readonly #lines: KeptLines;
  readonly #marks = integers();
  #flavor: PlanHeader['failed']['flavor'] = 'mysql';
  #serverId = 0;
  /** Of the transaction whose changes are being told: what its line lacks, or what is wrong with one. */
  #unreadable = { changes: false, source: false };
  #fault: string | null = null;
  readonly #times = new IsoTimes();

  constructor(path: string, store: ByteStoreOptions = {}, kind: NamedPlan['kind'] = 'plan') {
    this.#file = { path, kind };
    this.written = new KeptTransactions({ bound: ROWS_IN_MEMORY, ...store });
    this.#sources = new KeptTransactions(store);
    this.#lines = new KeptLines(store);
  }

  header({ failed }: PlanHeader): void {
    this.#flavor = failed.flavor;
    this.#serverId = failed.serverId;
  }

  table(table: PlanTable): void {
    this.tables.push(table);
    try {
      this.#maps.set(table.id, parseTableMap(Buffer.from(table.tableMap, 'base64'), this.#flavor));
    } catch (cause) {
      throw damagedPlan(this.#file, `the description of table ${table.table} can't be read`, cause);
    }
  }

  change(list: 'changes' | 'source', change: Readonly<ScannedChange>, line: Buffer): void {
    if (change.table < 0) this.#unreadable[list] = true;
    else this.#fault ??= this.#keep(list === 'source' ? this.#sources : this.written, change, line);
  }

  transaction(planned: PlanTransaction, line: Buffer): void {
    const { id, gtid, start, end, state, executed, source } = planned;
    if (this.#fault !== null) throw damagedPlan(this.#file, `transaction ${id} ${this.#fault}`);
    if (gtid !== null && gtid !== id) throw damagedPlan(this.#file, `transaction ${id} has the GTID ${gtid}`);
    const unreadable = this.#unreadable;
    this.#unreadable = { changes: false, source: false };
    const committedAt = this.#times.micros(planned.committed);
    const rest = { serverId: this.#serverId, origin: 'own' as const, undecoded: [], bytes: 0 };
    const { loggedDigest } = planned;
    const digest = loggedDigest === undefined ? {} : { loggedDigest };
    const head = { id, gtid, start, end, committedAt, ...rest, ...digest };
    this.written.addHead(head);
    this.#sourceOf.push(source ? this.#sources.length : NO_SOURCE);
    if (source) this.#sources.addHead(head);
    const index = this.transactions.length;
    this.#marks.push(
      TRANSACTION_STATES.indexOf(state) |
        (executed ? EXECUTED : 0) |
        (unreadable.changes ? UNREADABLE : 0) |
        (unreadable.source ? SOURCE_UNREADABLE : 0),
    );
    if (state === 'unsupported' || unreadable.changes || unreadable.source) this.#lines.add(index, line);
    else if (saysMore(planned)) this.#lines.add(index, Buffer.from(JSON.stringify(planned)));
    this.transactions.push(new Planned(this, index));
  }

  planned(index: number): PlanTransaction {
    const line = this.#lines.get(index);
    if (line) return { ...line, changes: [], ...(line.source ? { source: [] } : {}) };
    const { id, gtid, start, end, committedAt } = this.written.at(index)!;
    return {
      ...{ type: 'transaction', id, gtid, state: this.state(index), start, end },
      committed: this.#times.text(committedAt > 0 ? committedAt : null),
      executed: (this.#marks.at(index) & EXECUTED) !== 0,
      changes: [],
    };
  }

  state(index: number): PlanTransaction['state'] {
    return TRANSACTION_STATES[this.#marks.at(index) & STATE]!;
  }

  line(index: number): PlanTransaction {
    const line = this.#lines.get(index);
    if (!line) throw new ReconcileError('internal', 'a line of the plan that was not kept');
    return line;
  }

  writtenAt(index: number): Transaction | null {
    return (this.#marks.at(index) & UNREADABLE) === 0 ? this.written.at(index)! : null;
  }

  source(index: number): Transaction | null {
    if (this.#sourceOf.at(index) === NO_SOURCE) return this.writtenAt(index);
    return (this.#marks.at(index) & SOURCE_UNREADABLE) === 0 ? this.readable(index) : null;
  }

  readable(index: number): Transaction {
    const source = this.#sourceOf.at(index);
    return source === NO_SOURCE ? this.written.at(index)! : this.#sources.at(source)!;
  }

  close(): void {
    for (const kept of [this.written, this.#sources, this.#lines]) kept.close();
  }

  /** What is wrong with it, if something is. */
  #keep(kept: KeptTransactions, change: Readonly<ScannedChange>, line: Buffer): string | null {
    const { op, flags, beforeAt, beforeEnd, afterAt, afterEnd } = change;
    const table = this.#maps.get(change.table);
    if (!table) return `names table ${change.table}, which the plan lacks`;
    const room = kept.room(decodedSize(beforeEnd - beforeAt) + decodedSize(afterEnd - afterAt));
    const before = beforeAt < 0 ? -1 : decodeBase64(line, beforeAt, beforeEnd, room.bytes, room.at);
    const middle = room.at + Math.max(before, 0);
    const after = afterAt < 0 ? -1 : decodeBase64(line, afterAt, afterEnd, room.bytes, middle);
    if (before < 0 !== beforeAt < 0 || after < 0 !== afterAt < 0)
      return `has a row of ${tableName(table)} that is no base64`;
    if (before < 0 && after < 0) return `lacks a row of ${tableName(table)}`;
    try {
      kept.addWhole({ kind: op!, table, flags }, room, before, after);
      return null;
    } catch (fault) {
      if (!(fault instanceof DecodeFault || fault instanceof RangeError)) throw fault;
      return `has a row that does not fit ${tableName(table)}: ${fault.message}`;
    }
  }
}

function saysMore(planned: PlanTransaction): boolean {
  for (const name in planned) if (!PLAIN.has(name)) return true;
  return false;
}

class Planned implements PlannedTransaction {
  readonly #window: PlannedWindow;
  readonly #index: number;

  constructor(window: PlannedWindow, index: number) {
    this.#window = window;
    this.#index = index;
  }

  get id(): string {
    return this.#window.written.idAt(this.#index);
  }

  get gtid(): string | null {
    return this.#window.written.gtidAt(this.#index);
  }

  get planned(): PlanTransaction {
    return this.#window.planned(this.#index);
  }

  get state(): PlanTransaction['state'] {
    return this.#window.state(this.#index);
  }

  get transaction(): Transaction | null {
    return this.#window.writtenAt(this.#index);
  }

  get source(): Transaction | null {
    return this.#window.source(this.#index);
  }

  readable(): Transaction {
    return this.#window.readable(this.#index);
  }

  line(): PlanTransaction {
    return this.#window.line(this.#index);
  }
}

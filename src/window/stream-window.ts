// Reads a window transaction by transaction and keeps none: what a look at any log needs. A transaction too big to be
// held comes in parts, before anybody knows whether it was committed. Never compares, never counts.
import type { Account } from '../binlog/account.ts';
import type { FormatDescription } from '../binlog/format-description.ts';
import type { Transaction } from '../binlog/transaction.ts';
import { readTransactions } from '../binlog/transaction-reader.ts';
import { ReconcileError } from '../reconcile-error.ts';
import { gtidPredicate } from './gtid-predicate.ts';
import { openSource } from './open-source.ts';
import { refuseStopInside } from './read-window.ts';
import { isEmpty, isWanted } from './wanted-tables.ts';
import type { LogPosition, WindowRequest } from './window-request.ts';

/** Bytes of rows that are held until their transaction's end is known. */
const HELD = 4 * 1024 * 1024;

export interface StreamedWindow {
  account: Account;
  format: FormatDescription | null;
  /** Where transactions start that came in parts, and turned out to be no part of the window: torn, or not asked for. */
  outside: ReadonlySet<string>;
}

export interface WindowTaker {
  take(transaction: Transaction): Promise<void> | void;
  /** Behind many of them. */
  pause?(): Promise<void> | void;
}

/**
 * Gives each transaction of the window to `taker`, in order. One that comes in parts is given part by part, except where
 * `known` says that it is outside; its last part is given only if it is in the window.
 */
export async function streamWindow(
  request: WindowRequest,
  taker: WindowTaker,
  signal: AbortSignal,
  known: ReadonlySet<string> = new Set(),
): Promise<StreamedWindow> {
  const source = await openSource(request);
  const skipGtid = request.start.kind === 'gtids' ? gtidPredicate(request.start.gtidSet) : undefined;
  const reading = readTransactions(source, {
    partBytes: HELD,
    ...(skipGtid ? { skipGtid } : {}),
    ...(request.stopDatetime === undefined ? {} : { stopDatetime: request.stopDatetime }),
  });
  const parts = new OpenParts(request);
  for await (const batch of reading.batches()) {
    if (signal.aborted)
      throw new ReconcileError('interrupted', 'interrupted while reading the log; nothing was changed');
    for (const transaction of batch) {
      // With no restored primary to ask, what was replicated is taken to have come from it.
      if (transaction.origin === 'replicated') continue;
      if (!parts.inWindow(transaction) || known.has(parts.last)) continue;
      const taken = taker.take(transaction);
      if (taken !== undefined) await taken;
    }
    const paused = taker.pause?.();
    if (paused !== undefined) await paused;
  }
  parts.end();
  refuseStopInside(reading.account, request.stop);
  return { account: reading.account, format: reading.format, outside: parts.outside };
}

/** Follows the transaction that comes in parts, from which more is to come. */
class OpenParts {
  readonly outside = new Set<string>();
  /** Where the transaction at hand starts, if it comes in parts; else ''. */
  last = '';
  private readonly request: WindowRequest;
  private open = false;
  private wanted = false;

  constructor(request: WindowRequest) {
    this.request = request;
  }

  /** Whether it is, or as a part may be, in the window. */
  inWindow(transaction: Transaction): boolean {
    if (transaction.part !== true && !this.open) {
      this.last = '';
      return isWanted(transaction, this.request);
    }
    const start = placeName(transaction.start);
    if (this.open && start !== this.last) {
      this.end();
      return this.inWindow(transaction);
    }
    if (!this.open) this.wanted = false;
    this.last = start;
    // Its last part may be empty.
    this.wanted ||= !isEmpty(transaction) && isWanted(transaction, this.request);
    this.open = transaction.part === true;
    if (this.open || this.wanted) return true;
    this.outside.add(start);
    return false;
  }

  /** No more of it comes. */
  end(): void {
    if (this.open) this.outside.add(this.last);
    this.open = false;
  }
}

export function placeName({ file, position }: LogPosition): string {
  return `${file}:${position}`;
}

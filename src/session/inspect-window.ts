// What is in a log, with nothing but the log at hand: the account, the transactions, changes by table; every change as
// a row where asked. Compares nothing and asks no other server.
import type { Transaction } from '../binlog/transaction.ts';
import { isoTime } from '../plan/window-counts.ts';
import { ReconcileError } from '../reconcile-error.ts';
import { type FailoverRecord, loadRecord } from '../record/failover-record.ts';
import { RowLines } from '../report/row-lines.ts';
import type { InspectOutcome, InspectRequest } from '../requests.ts';
import { connectServer } from '../server/connection.ts';
import { failedServer, planAccount } from '../window/describe-window.ts';
import { parsePosition } from '../window/log-position.ts';
import { boundsOf } from '../window/read-window.ts';
import { placeName, type StreamedWindow, streamWindow } from '../window/stream-window.ts';
import type { WindowRequest, WindowStart } from '../window/window-request.ts';
import { WindowSummary } from '../window/window-summary.ts';
import { askedWindow } from './asked-window.ts';

export async function inspectWindow(request: InspectRequest): Promise<InspectOutcome> {
  const record = request.record === undefined ? null : await loadRecord(request.record);
  const live = request.binlog.length === 0;
  if (live && !request.failed) {
    throw new ReconcileError('usage', 'nothing to inspect: neither a server nor binlog files are named', {
      hint: 'Give --binlog FILE|DIR, or --failed HOST:PORT.',
    });
  }
  const failed = live ? await connectServer(request.failed!) : null;
  try {
    const start: WindowStart =
      request.startPosition !== undefined
        ? { kind: 'position', ...parsePosition(request.startPosition, '--start-position'), gtidSet: null }
        : request.startGtidSet !== undefined
          ? { kind: 'gtids', gtidSet: request.startGtidSet }
          : record
            ? { kind: 'position', ...record.new.coordinates }
            : { kind: 'beginning' };
    const asked = askedWindow(request, failed, start);
    const { window, summary } = await (request.onRows
      ? giveRows(asked, request, request.onRows)
      : summarise(asked, request));
    return outcome(request, asked, window, summary, record);
  } finally {
    await failed?.close();
  }
}

interface Inspected {
  window: StreamedWindow;
  summary: WindowSummary;
}

/** Counts as it reads. Only where a big transaction turns out to be torn, or not asked for, is all of it read again. */
async function summarise(asked: WindowRequest, { signal, progress }: InspectRequest): Promise<Inspected> {
  let outside: ReadonlySet<string> = new Set();
  for (;;) {
    const summary = new WindowSummary();
    const window = await streamWindow(
      asked,
      {
        take: (transaction) => summary.add(transaction),
        pause: () => progress.count('transactions read', summary.transactions),
      },
      signal,
      outside,
    );
    if (window.outside.size === outside.size) return { window, summary };
    outside = window.outside;
  }
}

/** A transaction that comes in parts is given when its end is known: it is read again for that. */
async function giveRows(
  asked: WindowRequest,
  { signal, progress }: InspectRequest,
  onRows: (lines: Buffer[]) => Promise<void>,
): Promise<Inspected> {
  const summary = new WindowSummary();
  const lines = new RowLines();
  const give = (transaction: Transaction): Promise<void> | undefined => {
    summary.add(transaction);
    lines.add(transaction);
    return lines.isFull ? print() : undefined;
  };
  const print = async (): Promise<void> => {
    const blocks = lines.take();
    await onRows(blocks);
    lines.giveBack(blocks);
  };
  let inParts = '';
  const window = await streamWindow(
    asked,
    {
      take(transaction) {
        const { start, end } = transaction;
        if (transaction.part) inParts = placeName(start);
        else if (inParts === '' || inParts !== placeName(start)) return give(transaction);
        else return readAgain({ ...asked, start: { kind: 'position', ...start, gtidSet: null }, stop: end });
      },
      pause: () => progress.count('transactions read', summary.transactions),
    },
    signal,
  );
  await print();
  return { window, summary };

  async function readAgain(whole: WindowRequest): Promise<void> {
    await streamWindow(whole, { take: give }, signal);
  }
}

function outcome(
  { binlog }: InspectRequest,
  asked: WindowRequest,
  { account, format }: StreamedWindow,
  summary: WindowSummary,
  record: FailoverRecord | null,
): InspectOutcome {
  const { firstCommit, lastCommit, transactions, changes, bytes, undecoded, listed, ownGtid } = summary;
  const milliseconds = ((lastCommit ?? 0) - (firstCommit ?? 0)) / 1000;
  return {
    kind: 'inspect',
    source: binlog.length === 0 ? 'live' : 'files',
    header: {
      failed: failedServer({ format, transactions: [{ origin: 'own', gtid: ownGtid }] }, record?.new ?? null),
      window: {
        ...boundsOf(account, asked.start),
        firstCommit: isoTime(firstCommit),
        lastCommit: isoTime(lastCommit),
        seconds: Math.round(milliseconds) / 1000,
        transactions,
        changes,
        bytes,
        tornTail: account.tornTail !== null,
      },
      account: planAccount({ account, transactions: [{ undecoded: listed }] }, true),
      tables: summary.tables.map((counts) => ({ ...counts, conflict: 0 })),
      undecoded,
      warnings:
        account.goesOnIn === null || asked.stop || asked.stopDatetime !== undefined
          ? []
          : [
              `The log goes on in ${account.goesOnIn}, which was not given: what stands there was not looked at.`,
            ],
    },
  };
}

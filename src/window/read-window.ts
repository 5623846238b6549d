// Reads the window: opens the log live or from files, keeps what the failed primary committed on its own behalf, and
// brings the account along. Never compares anything with the restored primary.
import type { Account } from '../binlog/account.ts';
import type { FormatDescription } from '../binlog/format-description.ts';
import { KeptTransactions } from '../binlog/kept-transactions.ts';
import type { Transaction } from '../binlog/transaction.ts';
import { readTransactions } from '../binlog/transaction-reader.ts';
import { ReconcileError } from '../reconcile-error.ts';
import { gtidPredicate } from './gtid-predicate.ts';
import { openSource } from './open-source.ts';
import { isWanted, tablesOf } from './wanted-tables.ts';
import type { LogPosition, WindowRequest } from './window-request.ts';

export interface Window {
  /** In commit order. */
  transactions: KeptTransactions;
  account: Account;
  /** Who wrote the log; null where a window is empty and its server sent nothing at all. */
  format: FormatDescription | null;
  /** Server ids of all who wrote a file of it. */
  writers: ReadonlySet<number>;
  start: LogPosition;
  end: LogPosition;
  /** Replicated from another server and known to the restored primary, or not asked for: no part of the window. */
  leftOut: { replicated: number; otherTables: number };
  /** Of the tables asked for, those that the log does not have. */
  unseenTables: ReadonlySet<string>;
  /** Under a third server's id, and not known to be on the restored primary: part of the window. */
  fromElsewhere: number;
}

export interface ReadHooks {
  /** Where a temporary file may be made, if the window is too big for memory. */
  folder: string;
  signal: AbortSignal;
  progress: (transactions: number) => void;
  /** Whether the restored primary certainly has a transaction that another server wrote. */
  restoredHas: (transaction: Pick<Transaction, 'gtid' | 'serverId'>) => boolean;
}

export async function readWindow(request: WindowRequest, hooks: ReadHooks): Promise<Window> {
  const source = await openSource(request);
  const skip = request.start.kind === 'gtids' ? gtidPredicate(request.start.gtidSet) : undefined;
  const reading = readTransactions(source, {
    ...(skip ? { skipGtid: skip } : {}),
    ...(request.stopDatetime === undefined ? {} : { stopDatetime: request.stopDatetime }),
  });
  const transactions = new KeptTransactions({ folder: hooks.folder });
  const leftOut = { replicated: 0, otherTables: 0 };
  const unseenTables = new Set(request.tables);
  let fromElsewhere = 0;
  for await (const batch of reading.batches()) {
    if (hooks.signal.aborted)
      throw new ReconcileError('interrupted', 'interrupted while reading the log; nothing was changed');
    for (const transaction of batch) {
      if (transaction.origin === 'replicated') {
        if (hooks.restoredHas(transaction)) {
          leftOut.replicated += 1;
          continue;
        }
        fromElsewhere += 1;
      }
      if (unseenTables.size > 0) for (const name of tablesOf(transaction)) unseenTables.delete(name);
      if (isWanted(transaction, request)) transactions.add(transaction);
      else leftOut.otherTables += 1;
    }
    hooks.progress(transactions.length);
  }
  const { account, format, writers } = reading;
  refuseStopInside(account, request.stop);
  refuseMissingFile(account, request);
  return {
    transactions,
    account,
    format,
    writers,
    ...boundsOf(account, request.start),
    leftOut,
    unseenTables,
    fromElsewhere,
  };
}

/** Somebody copied the one file that the record names, and the window goes on in the next: never call that whole. */
function refuseMissingFile({ goesOnIn, files }: Account, { stop, stopDatetime }: WindowRequest): void {
  if (goesOnIn === null || stop !== undefined || stopDatetime !== undefined) return;
  const last = files.at(-1)!;
  throw new ReconcileError(
    'purged',
    `${last.file} ends by going on in ${goesOnIn}, which is not among the files`,
    {
      hint: `Give ${goesOnIn} too, with --binlog; or, to leave it out on purpose, --stop-position ${last.file}:${last.to}.`,
    },
  );
}

/** A stop in the middle of a transaction would make a torn tail of it: half of what was asked for would be missing. */
export function refuseStopInside({ tornTails }: Account, stop: WindowRequest['stop']): void {
  const torn = tornTails.find(
    ({ file, position, bytes }) =>
      file === stop?.file && position < stop.position && position + bytes >= stop.position,
  );
  if (!torn || !stop) return;
  throw new ReconcileError('input', `${stop.file}:${stop.position} is in the middle of a transaction`, {
    hint: `It begins at ${torn.file}:${torn.position}: stop there, or behind its end.`,
  });
}

/** From where the window was asked for to the end of its last transaction. */
export function boundsOf(
  account: Account,
  asked: WindowRequest['start'],
): { start: LogPosition; end: LogPosition } {
  const { files } = account.upToLastTransaction();
  const first = files[0];
  const last = files.at(-1);
  const start = asked.kind === 'position' ? asked : first && { file: first.file, position: first.from };
  if (!start) {
    throw new ReconcileError('input', 'the log holds nothing: not even a format description', {
      hint: 'Give the binlog files of the failed primary, from the recorded one on.',
    });
  }
  const from = { file: start.file, position: start.position };
  return { start: from, end: last ? { file: last.file, position: last.to } : from };
}

// What is in a log, with nothing but the log at hand: the account, the transactions, changes by table; every change as
// a row where asked. Compares nothing and asks no other server.
import type { Change, Transaction } from '../binlog/transaction.ts';
import { imageValues } from '../diff/row-text.ts';
import { tableCounts, tableName, windowCounts } from '../plan/window-counts.ts';
import { ReconcileError } from '../reconcile-error.ts';
import { loadRecord } from '../record/failover-record.ts';
import type { InspectedRow, InspectOutcome, InspectRequest } from '../requests.ts';
import { connectServer } from '../server/connection.ts';
import { failedServer, planAccount } from '../window/describe-window.ts';
import { parsePosition } from '../window/log-position.ts';
import { readWindow } from '../window/read-window.ts';
import type { WindowStart } from '../window/window-request.ts';

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
    const window = await readWindow(
      {
        origin: failed ? { kind: 'live', server: failed } : { kind: 'files', paths: request.binlog },
        start,
        stop:
          request.stopPosition === undefined
            ? undefined
            : parsePosition(request.stopPosition, '--stop-position'),
        stopDatetime: request.stopDatetime,
        tables: request.tables,
        ignoreTables: request.ignoreTables,
      },
      {
        signal: request.signal,
        progress: (transactions) => request.progress.count('transactions read', transactions),
        restoredHas: null,
      },
    );
    if (request.onRow) for (const transaction of window.transactions) giveRows(transaction, request.onRow);
    return {
      kind: 'inspect',
      source: live ? 'live' : 'files',
      header: {
        failed: failedServer(window, record?.new ?? null),
        window: {
          start: window.start,
          end: window.end,
          ...windowCounts(window.transactions),
          tornTail: window.account.tornTail !== null,
        },
        account: planAccount(window, true),
        tables: tableCounts(window.transactions, () => false),
        warnings: [],
      },
    };
  } finally {
    await failed?.close();
  }
}

/** Values as canonical text, under the columns' names where the log has them, else under their numbers from 1. */
function giveRows({ id, changes }: Transaction, onRow: (row: InspectedRow) => void): void {
  for (const change of changes) {
    onRow({
      transaction: id,
      table: tableName(change.table),
      op: change.kind,
      before: rowValues(change, change.before),
      after: rowValues(change, change.after),
    });
  }
}

function rowValues({ table }: Change, image: Change['before']): Record<string, string | null> | null {
  if (!image) return null;
  const columns = table.columns.map(({ type, meta, unsigned, collation }) => ({
    type,
    meta,
    unsigned: unsigned ?? false,
    binary: collation === null || collation === 63,
  }));
  const values = imageValues(image, columns);
  if (!values) return null;
  return Object.fromEntries(
    table.columns.map(({ name }, i) => [
      name ?? String(i + 1),
      values[i] === null ? null : Buffer.from(values[i]!, 'latin1').toString('utf8'),
    ]),
  );
}

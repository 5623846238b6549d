// Reads the restored primary's own binary log: the second witness. It shows which of the window's transactions were
// applied there, and which rows live traffic changed. Never judges. The decoder is loaded only where something is read: a
// replay seldom needs it.
import type { Transaction, Undecoded } from '../binlog/transaction.ts';
import type { Server } from '../server/connection.ts';
import { binaryLogs } from '../server/coordinates.ts';
import { gtidPredicate } from './gtid-predicate.ts';
import type { LogPosition } from './window-request.ts';

/** Where to begin: behind a position, or with all that is in no GTID set (and with `also`, whether it is in the set or not). */
export type RestoredLogStart = LogPosition | { gtidSet: string; also: ReadonlySet<string> };

/** To the end the log has now. Throws as the live source does: 'purged', 'privilege', 'connection'. */
export async function* readRestoredLog(
  restored: Server,
  from: RestoredLogStart,
): AsyncGenerator<Transaction> {
  if ('also' in from) return yield* readBehindGtids(restored, from);
  const files = await binaryLogs(restored);
  const last = files.at(-1)!;
  if (last.name === from.file && last.size === from.position) return;
  const { readTransactions } = await import('../binlog/transaction-reader.ts');
  const { openLiveSource } = await import('../binlog/live-source.ts');
  const source = await openLiveSource({
    connection: restored.connectionOptions,
    start: { kind: 'position', file: from.file, position: from.position },
    stop: { file: last.name, position: last.size },
    files,
  });
  for await (const batch of readTransactions(source).batches()) yield* batch;
}

async function* readBehindGtids(
  restored: Server,
  { gtidSet, also }: Extract<RestoredLogStart, { gtidSet: string }>,
): AsyncGenerator<Transaction> {
  const { readTransactions } = await import('../binlog/transaction-reader.ts');
  const { openSource } = await import('./open-source.ts');
  const origin = { kind: 'live', server: restored } as const;
  const nothingLeftOut = { stop: undefined, stopDatetime: undefined, tables: [], ignoreTables: [] };
  const source = await openSource({ origin, start: { kind: 'gtids', gtidSet }, ...nothingLeftOut });
  const isKnown = gtidPredicate(gtidSet);
  const skipGtid = (gtid: string): boolean => isKnown(gtid) && !also.has(gtid);
  for await (const batch of readTransactions(source, { skipGtid }).batches()) yield* batch;
}

/** Every statement that the log holds as a statement (DDL), with its default schema. */
export async function statementsInLog(
  restored: Server,
  from: RestoredLogStart,
): Promise<Pick<Undecoded, 'reason' | 'detail' | 'schema'>[]> {
  const statements: Undecoded[] = [];
  for await (const { undecoded } of readRestoredLog(restored, from)) {
    for (const one of undecoded) if (one.reason === 'ddl' || one.reason === 'statement') statements.push(one);
  }
  return statements;
}

/** Which of `gtids` the log holds with rows in them. */
export async function appliedInLog(
  restored: Server,
  from: RestoredLogStart,
  gtids: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const applied = new Set<string>();
  for await (const { gtid, changes } of readRestoredLog(restored, from)) {
    if (gtid !== null && gtids.has(gtid) && changes.length > 0) applied.add(gtid);
  }
  return applied;
}

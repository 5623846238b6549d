// What the tests of the binlog reader share: connections, coordinates, whole readings, values of a row.
import { createHash } from 'node:crypto';
import { type Connection, createConnection } from 'mysql2/promise';
import { logValue, type ValueColumn } from '../../src/binlog/column-value.ts';
import type { EventSource, RawEvent } from '../../src/binlog/raw-event.ts';
import { valueEnd } from '../../src/binlog/row-image.ts';
import { ABSENT_VALUE, NULL_VALUE, type RowImage, type Transaction } from '../../src/binlog/transaction.ts';
import { type ReaderOptions, readTransactions } from '../../src/binlog/transaction-reader.ts';
import { ReconcileError } from '../../src/reconcile-error.ts';
import type { SandboxServer } from '../sandbox/index.ts';

export interface Coordinates {
  file: string;
  position: number;
}

export const servers = [
  {
    name: 'MySQL 9.7',
    flavor: 'mysql',
    version: '9.7',
    args: ['--gtid-mode=ON', '--enforce-gtid-consistency=ON'],
  },
  { name: 'MariaDB 10.11', flavor: 'mariadb', version: '10.11', args: [] },
  { name: 'MariaDB 11.8', flavor: 'mariadb', version: '11.8', args: [] },
] as const;

export function connectTo(
  { host, port, user, password }: SandboxServer,
  options: object = {},
): Promise<Connection> {
  return createConnection({ host, port, user, password, multipleStatements: true, ...options });
}

export async function endOf(server: SandboxServer): Promise<Coordinates> {
  const sql = server.flavor === 'mysql' ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS';
  const [status] = await server.query(sql);
  return { file: String(status!.File), position: Number(status!.Position) };
}

export async function logsOf(server: SandboxServer): Promise<{ name: string; size: number }[]> {
  const rows = await server.query('SHOW BINARY LOGS');
  return rows.map((row) => ({ name: String(row.Log_name), size: Number(row.File_size) }));
}

export async function eventsOf(source: EventSource): Promise<RawEvent[]> {
  const events: RawEvent[] = [];
  for await (const batch of source.batches()) events.push(...batch);
  await source.close();
  return events;
}

export async function transactionsOf(source: EventSource, options: ReaderOptions = {}) {
  const reading = readTransactions(source, options);
  const transactions: Transaction[] = [];
  for await (const transaction of reading.transactions()) transactions.push(transaction);
  return { transactions, account: reading.account };
}

/** undefined: not logged. */
export function valuesOf(image: RowImage, columns: readonly ValueColumn[]): (string | null | undefined)[] {
  return columns.map((column, i) => {
    const start = image.offsets[i]!;
    if (start === ABSENT_VALUE) return undefined;
    if (start === NULL_VALUE) return null;
    return logValue(column, image.bytes, start, valueEnd(image, i));
  });
}

/** One hash over places and bytes: equal where every event is. */
export function digestOf(events: readonly RawEvent[]): string {
  const hash = createHash('sha1');
  for (const { file, position, bytes } of events)
    hash.update(`${file}:${position}:${bytes.length}\n`).update(bytes);
  return `${events.length} events ${hash.digest('hex')}`;
}

/** What `action` fails with, which has to be a ReconcileError. */
export async function failure(action: Promise<unknown>): Promise<ReconcileError> {
  const error = await action.then(
    () => new Error('it did not fail'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof ReconcileError) return error;
  throw error;
}

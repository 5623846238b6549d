// A name for a transaction's content, beside its id: file positions (and MariaDB's GTIDs) repeat once a log is reset or a
// server is built anew, and a journal that took another transaction for a replayed one would lose it in silence.
import { createHash } from 'node:crypto';
import type { Transaction } from '../binlog/transaction.ts';
import { encodeImage } from './row-image.ts';

/** 16 hex digits over the time of its commit and every change's table, kind and images. */
export function transactionDigest({
  committedAt,
  changes,
  loggedDigest,
}: Pick<Transaction, 'committedAt' | 'changes' | 'loggedDigest'>): string {
  if (loggedDigest !== undefined) return loggedDigest;
  // The same statements at the same place of another log, as in a drill played twice, were committed at another time.
  const hash = createHash('sha256').update(`${committedAt}\n`);
  for (const { kind, table, before, after } of changes) {
    const columns = table.columns.length;
    const images = [before, after].map((image) => (image ? encodeImage(image, columns) : ''));
    hash.update(`${kind} ${table.schema}.${table.table} ${images.join(' ')}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

/** What the journal keeps a transaction under. */
export function journalKey(
  transaction: Pick<Transaction, 'id' | 'committedAt' | 'changes' | 'loggedDigest'>,
): string {
  return `${transaction.id} ${transactionDigest(transaction)}`;
}

// A name for a transaction's content, beside its id: file positions (and MariaDB's GTIDs) repeat once a log is reset, and
// a journal that took another transaction for a replayed one would lose it in silence.
import { createHash } from 'node:crypto';
import type { Transaction } from '../binlog/transaction.ts';
import { encodeImage } from './row-image.ts';

/** 16 hex digits over every change's table, kind and images. */
export function transactionDigest({ changes }: Pick<Transaction, 'changes'>): string {
  const hash = createHash('sha256');
  for (const { kind, table, before, after } of changes) {
    const columns = table.columns.length;
    const images = [before, after].map((image) => (image ? encodeImage(image, columns) : ''));
    hash.update(`${kind} ${table.schema}.${table.table} ${images.join(' ')}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

/** What the journal keeps a transaction under. */
export function journalKey(transaction: Pick<Transaction, 'id' | 'changes'>): string {
  return `${transaction.id} ${transactionDigest(transaction)}`;
}

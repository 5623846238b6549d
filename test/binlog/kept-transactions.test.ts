// What is kept of a window is what was read: whole and partial images, of logs that real servers wrote.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openFileSource } from '../../src/binlog/file-source.ts';
import { wholeImage } from '../../src/binlog/kept-change.ts';
import { KeptTransactions } from '../../src/binlog/kept-transactions.ts';
import { permutedImage, permutedTableMap } from '../../src/binlog/permuted-table-map.ts';
import type { Change, RowImage, Transaction } from '../../src/binlog/transaction.ts';
import { encodeImage } from '../../src/plan/row-image.ts';
import { transactionsOf } from './reading.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');

function image(one: RowImage | null) {
  if (!one) return null;
  const size = one.offsets.at(-1)!;
  return { offsets: [...one.offsets], bytes: one.bytes.toString('hex', 0, size) };
}

function content({ kind, flags, table, before, after }: Change) {
  return { kind, flags, table: `${table.schema}.${table.table}`, before: image(before), after: image(after) };
}

function head({ changes: _, ...rest }: Transaction) {
  return rest;
}

describe.each(readdirSync(FIXTURES))('%s', (name) => {
  test.each([
    ['in memory', 64 << 20],
    ['in the file, but for the last piece', 1],
  ])('%s', async (_, bound) => {
    const { transactions } = await transactionsOf(
      await openFileSource({ paths: [join(FIXTURES, name)], start: { kind: 'beginning' }, stop: undefined }),
    );
    expect(transactions.length).toBeGreaterThan(10);
    const kept = new KeptTransactions({ bound });
    // Often enough to fill pieces of the store.
    for (let turn = 0; turn < 20; turn++) for (const transaction of transactions) kept.add(transaction);
    expect(kept.length).toBe(20 * transactions.length);
    let partial = 0;
    let index = 0;
    for (const transaction of kept) {
      const original = transactions[index % transactions.length]!;
      expect(head(transaction)).toEqual({
        id: original.id,
        gtid: original.gtid,
        start: { file: original.start.file, position: original.start.position },
        end: { file: original.end.file, position: original.end.position },
        serverId: original.serverId,
        origin: original.origin,
        committedAt: original.committedAt,
        undecoded: original.undecoded,
        bytes: original.bytes,
      });
      if (index < transactions.length || index % 7 === 0) {
        expect(transaction.changes.map(content)).toEqual(original.changes.map(content));
      }
      for (const change of transaction.changes) {
        for (const side of ['before', 'after'] as const) {
          const whole = wholeImage(change, side)?.toString('base64');
          if (whole !== undefined)
            expect(whole).toBe(encodeImage(change[side]!, change.table.columns.length));
        }
      }
      partial += transaction.changes.filter(({ after }) => after?.offsets.includes(-2)).length;
      index += 1;
    }
    if (name.startsWith('mysql')) expect(partial, 'no partial image was among them').toBeGreaterThan(0);
    expect(kept.at(kept.length)).toBeUndefined();
    kept.close();
  });

  test('rows in another order of columns, and completed ones', async () => {
    const flavor = name.startsWith('mysql') ? 'mysql' : 'mariadb';
    const { transactions } = await transactionsOf(
      await openFileSource({ paths: [join(FIXTURES, name)], start: { kind: 'beginning' }, stop: undefined }),
    );
    const kept = new KeptTransactions();
    for (const transaction of transactions) kept.add(transaction);
    for (const [number, map] of [...kept.tables].entries()) {
      const order = map.columns.map((_, i) => map.columns.length - 1 - i);
      kept.reorder(number, order, permutedTableMap(map, order, flavor));
    }
    const turned = (one: RowImage | null) =>
      one &&
      image(
        permutedImage(
          one,
          [...one.offsets.keys()]
            .slice(1)
            .reverse()
            .map((i) => i - 1),
        ),
      );
    for (const [t, { changes }] of [...kept].entries()) {
      for (const [c, change] of changes.entries()) {
        const { before, after, table } = transactions[t]!.changes[c]!;
        expect([image(change.before), image(change.after)]).toEqual([turned(before), turned(after)]);
        expect(change.table.columns).toEqual([...table.columns].reverse());
        // What is kept is in the log's order: no plan may have it as it stands.
        expect(wholeImage(change, change.kind === 'delete' ? 'before' : 'after')).toBe(null);
        if (!kept.isPartial(t, c)) continue;
        const nulls = {
          bytes: Buffer.alloc(0),
          offsets: new Int32Array(table.columns.length + 1).fill(-1, 0, -1),
        };
        kept.complete(t, c, { before: change.before && nulls, after: change.after && nulls }, 'as logged');
        const completed = kept.at(t)!;
        expect([kept.isPartial(t, c), completed.loggedDigest]).toEqual([false, 'as logged']);
        expect(image(completed.changes[c]!.after ?? completed.changes[c]!.before)).toEqual(image(nulls));
        expect(completed.changes[c]!.table.columns).toEqual(change.table.columns);
      }
    }
    kept.close();
  });
});

// Tables and rows that real servers logged, with their columns in another order: nothing is lost, and the way back leads
// to the same bytes.
import { describe, expect, it } from 'vitest';
import { openFileSource } from '../../src/binlog/file-source.ts';
import { permutedImage, permutedTableMap } from '../../src/binlog/permuted-table-map.ts';
import { parseTableMap } from '../../src/binlog/table-map.ts';
import { transactionsOf, valuesOf } from './reading.ts';

describe.each([
  ['mysql-9.7', 'mysql'],
  ['mariadb-11.8', 'mariadb'],
] as const)('%s', (folder, flavor) => {
  it('tables and rows turned around', async () => {
    const source = await openFileSource({
      paths: [`${import.meta.dirname}/fixtures/${folder}`],
      start: { kind: 'beginning' },
    });
    const { transactions } = await transactionsOf(source);
    const changes = transactions.flatMap((transaction) => transaction.changes);
    expect(changes.length).toBeGreaterThan(20);
    for (const { table, before, after } of changes) {
      const order = table.columns.map((_, i) => table.columns.length - 1 - i);
      const turned = permutedTableMap(table, order, flavor);
      expect(turned.columns).toEqual([...table.columns].reverse());
      expect([turned.schema, turned.table, turned.hasNames]).toEqual([
        table.schema,
        table.table,
        table.hasNames,
      ]);
      // What a server reads of it, who asks his own table for names and signs.
      const read = parseTableMap(turned.body, flavor);
      const shape = (columns: typeof table.columns) =>
        columns.map(({ type, meta, nullable }) => ({ type, meta, nullable }));
      expect(shape(read.columns)).toEqual(shape(turned.columns));
      expect(read.storedLengths).toEqual(turned.storedLengths);
      for (const image of [before, after]) {
        if (!image) continue;
        const columns = table.columns.map(({ type, meta, unsigned }) => {
          return { type, meta, unsigned: unsigned ?? false, binary: false };
        });
        const other = permutedImage(image, order);
        expect(valuesOf(other, [...columns].reverse())).toEqual(valuesOf(image, columns).reverse());
        const back = permutedImage(other, order);
        expect(back.bytes.equals(image.bytes.subarray(0, image.offsets.at(-1)))).toBe(true);
        expect(back.offsets).toEqual(image.offsets);
      }
    }
  });
});

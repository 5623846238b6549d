// The short way to a row's content ends where the long one does: over every row of logs that real servers wrote.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { unsupportedColumn, type ValueColumn } from '../../src/binlog/column-value.ts';
import { openFileSource } from '../../src/binlog/file-source.ts';
import type { RowImage } from '../../src/binlog/transaction.ts';
import { RowPacker } from '../../src/diff/row-packer.ts';
import { imageValues, packRow } from '../../src/diff/row-text.ts';
import { transactionsOf } from '../binlog/reading.ts';

const FIXTURES = join(import.meta.dirname, '..', 'binlog', 'fixtures');
const packer = new RowPacker();

function packed(image: RowImage, columns: readonly ValueColumn[]): string {
  packer.pack(image, columns);
  return packer.bytes.toString('latin1', 0, packer.length);
}

test.each(readdirSync(FIXTURES))('%s', async (name) => {
  const source = await openFileSource({
    paths: [join(FIXTURES, name)],
    start: { kind: 'beginning' },
    stop: undefined,
  });
  const { transactions } = await transactionsOf(source);
  let compared = 0;
  for (const { changes } of transactions) {
    for (const { table, before, after } of changes) {
      if (table.columns.some((column) => unsupportedColumn(column) !== null)) continue;
      for (const image of [before, after]) {
        if (!image || image.offsets.includes(-2)) continue;
        for (const unsigned of [false, true]) {
          for (const binary of [false, true]) {
            const columns = table.columns.map(({ type, meta }) => ({ type, meta, unsigned, binary }));
            expect(packed(image, columns)).toBe(packRow(imageValues(image, columns)!));
          }
        }
        compared += 1;
      }
    }
  }
  expect(compared).toBeGreaterThan(0);
});

test('integers of every size, to the last one', () => {
  const values: [ValueColumn, Buffer][] = [];
  for (const unsigned of [false, true]) {
    for (const [type, size] of [
      [1, 1],
      [2, 2],
      [9, 3],
      [3, 4],
      [8, 8],
    ] as const) {
      const column = { type, meta: 0, unsigned, binary: false };
      for (let bit = 0; bit < size * 8; bit++) {
        for (const less of [0n, 1n]) {
          const bytes = Buffer.alloc(8);
          bytes.writeBigUInt64LE(BigInt.asUintN(64, (1n << BigInt(bit)) - less));
          values.push(
            [column, bytes.subarray(0, size)],
            [column, Buffer.from(bytes.map((b) => 255 - b).subarray(0, size))],
          );
        }
      }
      for (let power = 1n; power < 1n << BigInt(size * 8 - 1); power *= 10n) {
        const bytes = Buffer.alloc(8);
        bytes.writeBigUInt64LE(power);
        values.push([column, bytes.subarray(0, size)]);
      }
    }
  }
  for (const [column, bytes] of values) {
    const image: RowImage = { bytes, offsets: Int32Array.of(0, bytes.length) };
    expect(packed(image, [column])).toBe(packRow(imageValues(image, [column])!));
  }
});

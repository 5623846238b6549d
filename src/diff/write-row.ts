// A row that no log holds, in the log's bytes: each value as the transaction itself logged it where it is the same, else
// made from its text. Never changes a value.
import { valueEnd } from '../binlog/row-image.ts';
import { NULL_VALUE, type RowImage } from '../binlog/transaction.ts';
import { encodeRow } from '../binlog/value-encoder.ts';
import { imageValues } from './row-text.ts';
import type { WindowTable } from './window-table.ts';

/**
 * `logged`: whole images of the same table. Not every type can be made from its text (JSON can't): throws ReconcileError
 * ('unsupported' or 'input') where a value of such a type is in none of them.
 */
export function writeRow(
  { columns }: WindowTable,
  values: readonly (string | null)[],
  logged: readonly (RowImage | null)[],
): RowImage {
  const images = logged.flatMap((image) => {
    const texts = image && imageValues(image, columns);
    return image && texts ? [{ image, texts }] : [];
  });
  return encodeRow(
    columns,
    values.map((value, i) => {
      const same = value !== null && images.find(({ texts }) => texts[i] === value);
      if (!same || same.image.offsets[i] === NULL_VALUE) return value;
      return same.image.bytes.subarray(same.image.offsets[i], valueEnd(same.image, i));
    }),
  );
}

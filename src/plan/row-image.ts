// A full row image as a plan carries it: the log's own row format (null bitmap, then values), in base64.
// Never holds a partial image: what is not logged whole is not replayed from a plan.
import { DecodeFault } from '../binlog/byte-cursor.ts';
import { imageLayout, splitImage } from '../binlog/row-image.ts';
import type { TableMap } from '../binlog/table-map.ts';
import { NULL_VALUE, type RowImage } from '../binlog/transaction.ts';
import { ReconcileError } from '../reconcile-error.ts';

let scratch = Buffer.alloc(4096);

export function encodeImage({ bytes, offsets }: RowImage, columns: number): string {
  const nullBytes = (columns + 7) >> 3;
  const size = offsets[columns]!;
  if (nullBytes + size > scratch.length) scratch = Buffer.alloc((nullBytes + size) * 2);
  scratch.fill(0, 0, nullBytes);
  for (let i = 0; i < columns; i++) {
    if (offsets[i] === NULL_VALUE) scratch[i >> 3]! |= 1 << (i & 7);
  }
  bytes.copy(scratch, nullBytes, 0, size);
  return scratch.toString('base64', 0, nullBytes + size);
}

export function decodeImage(text: string, table: TableMap): RowImage {
  const bytes = Buffer.from(text, 'base64');
  const everyColumn = Buffer.alloc((table.columns.length + 7) >> 3, 0xff);
  try {
    return splitImage(bytes, 0, bytes.length, imageLayout(table.storedLengths, everyColumn, 0));
  } catch (fault) {
    if (!(fault instanceof DecodeFault || fault instanceof RangeError)) throw fault;
    throw new ReconcileError(
      'input',
      `${table.schema}.${table.table}: a row in the plan does not fit the table: ${fault.message}`,
      {
        hint: 'Write the plan again with `reconcile diff`; nothing was changed.',
        cause: fault,
      },
    );
  }
}

// A SELECT's answer made by hand, as the text protocol has it.
import { RowSet } from '../src/server/row-set.ts';

export type AnsweredValues = readonly (Buffer | string | null)[];

/** Rows of one length. */
export function answeredRows(rows: readonly AnsweredValues[]): RowSet {
  const set = new RowSet(rows[0]?.length ?? 0);
  for (const row of rows) set.add(Buffer.concat(row.map(encoded)), 0);
  return set;
}

function encoded(value: AnsweredValues[number]): Buffer {
  if (value === null) return Buffer.from([0xfb]);
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(bytes.length < 0xfb ? 1 : 4);
  if (length.length === 1) length[0] = bytes.length;
  else length.writeUInt32LE(bytes.length * 256 + 0xfd);
  return Buffer.concat([length, bytes]);
}

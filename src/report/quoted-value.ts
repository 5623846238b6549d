// A value in quotation marks, as JSON has it: what the writers of all types share.
import { logValue } from '../binlog/column-value.ts';
import type { LoggedColumn } from '../binlog/logged-column.ts';
import type { JsonBytes } from './json-bytes.ts';

/** Writes the value at `bytes[start..end)`, its length prefix included, which is of this column. */
export type ValueWriter = (out: JsonBytes, bytes: Buffer, start: number, end: number) => void;

export const QUOTE = 0x22;
/** More than any value of a fixed length takes. */
export const ROOM = 128;

/** Types whose canonical text is digits, signs and points. */
export function ascii(column: LoggedColumn): ValueWriter {
  const known = { type: column.type, meta: column.meta, unsigned: column.unsigned ?? false, binary: false };
  return (out, bytes, start, end) => {
    const value = logValue(known, bytes, start, end);
    out.reserve(value.length + 2);
    out.byte(QUOTE);
    out.ascii(value);
    out.byte(QUOTE);
  };
}

export function quoted(write: (out: JsonBytes, bytes: Buffer, at: number) => void): ValueWriter {
  return (out, bytes, start) => {
    out.reserve(ROOM);
    out.byte(QUOTE);
    write(out, bytes, start);
    out.byte(QUOTE);
  };
}

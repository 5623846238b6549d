// The canonical text of a column's value: one definition for what the log stores and what a server answers, so that two
// values are equal exactly when their texts are. One latin1 character a byte; never converts a character set or a zone.
import { DecodeFault } from './byte-cursor.ts';
import { storedLength } from './column-length.ts';
import * as T from './column-type.ts';
import { inflateColumn } from './compressed-column.ts';
import { decimalText } from './decimal-value.ts';
import { jsonText } from './json-value.ts';
import {
  dateText,
  datetimeText,
  oldDatetimeText,
  oldTimestampText,
  oldTimeText,
  timestampText,
  timeText,
  yearText,
} from './temporal-value.ts';

/** What it takes to read a value. `type` and `meta` are LoggedColumn's; the log may not say the other two. */
export interface ValueColumn {
  type: number;
  meta: number;
  unsigned: boolean;
  /** BINARY, VARBINARY, BLOB, UUID, INET4, INET6, GEOMETRY, VECTOR: the binary character set. */
  binary: boolean;
}

/**
 * The value that stands at `bytes[start..end)` as the log stores it, its length prefix included.
 *
 * It equals what the server answers in the text protocol, with character_set_results=NULL and time_zone='+00:00', to
 * `col` (ENUM, SET, BIT: `CAST(col AS UNSIGNED)`; FLOAT, DOUBLE(m,n): `col*1e0`; UUID, INET4, INET6: `CAST(col AS BINARY(n))`), once
 * serverValue() has been over it.
 * Throws DecodeFault where the bytes are no value of the type.
 */
export function logValue(column: ValueColumn, bytes: Buffer, start: number, end: number): string {
  const { type, meta } = column;
  const length = storedLength(type, meta, 'mysql');
  if (length >= 0) {
    if (end - start !== length || start < 0 || end > bytes.length) {
      throw new DecodeFault(`a ${T.columnTypeName(type)} of ${end - start} bytes`);
    }
    return fixedValue(column, bytes, start, length);
  }
  const prefix = -length;
  const from = start + prefix;
  if (start < 0 || from > end || end > bytes.length || bytes.readUIntLE(start, prefix) !== end - from) {
    throw new DecodeFault(`a ${T.columnTypeName(type)} whose length is not its own`);
  }
  if (type === T.JSON_TYPE) return jsonText(bytes.subarray(from, end));
  if (type === T.VARCHAR_COMPRESSED || type === T.BLOB_COMPRESSED) {
    return inflateColumn(bytes.subarray(from, end)).toString('latin1');
  }
  if (type === T.STRING && column.binary)
    return bytes.toString('latin1', from, endOfBinary(bytes, from, end));
  return bytes.toString('latin1', from, end);
}

/** Brings a server's answer (see logValue) to canonical form. */
export function serverValue(column: ValueColumn, answer: Buffer | string): string {
  const text = typeof answer === 'string' ? answer : answer.toString('latin1');
  switch (column.type) {
    case T.FLOAT:
    case T.DOUBLE:
      return numberText(Number(text));
    case T.STRING:
      return column.binary ? text.replace(/\0+$/, '') : text;
    case T.TINY:
    case T.SHORT:
    case T.INT24:
    case T.LONG:
    case T.LONGLONG:
    case T.NEWDECIMAL:
      // ZEROFILL columns are padded in the answer.
      return text.charCodeAt(0) === 0x30 && text.length > 1 ? text.replace(/^0+(?=\d)/, '') : text;
    default:
      return text;
  }
}

/** Why a column's values are not read exactly (yet); null where they are. */
export function unsupportedColumn(column: { type: number; meta: number }): string | null {
  switch (column.type) {
    case T.DECIMAL:
    case T.TYPED_ARRAY:
      return `${T.columnTypeName(column.type)} is not read`;
    default:
      break;
  }
  try {
    storedLength(column.type, column.meta, 'mysql');
    return null;
  } catch (fault) {
    return (fault as Error).message;
  }
}

function fixedValue(column: ValueColumn, bytes: Buffer, start: number, length: number): string {
  const { type, meta, unsigned } = column;
  switch (type) {
    case T.TINY:
      return String(unsigned ? bytes.readUInt8(start) : bytes.readInt8(start));
    case T.SHORT:
      return String(unsigned ? bytes.readUInt16LE(start) : bytes.readInt16LE(start));
    case T.INT24:
      return String(unsigned ? bytes.readUIntLE(start, 3) : bytes.readIntLE(start, 3));
    case T.LONG:
      return String(unsigned ? bytes.readUInt32LE(start) : bytes.readInt32LE(start));
    case T.LONGLONG:
      return String(unsigned ? bytes.readBigUInt64LE(start) : bytes.readBigInt64LE(start));
    case T.FLOAT:
      return numberText(bytes.readFloatLE(start));
    case T.DOUBLE:
      return numberText(bytes.readDoubleLE(start));
    case T.NEWDECIMAL:
      return decimalText(bytes, start, meta >> 8, meta & 0xff);
    case T.YEAR:
      return yearText(bytes.readUInt8(start));
    case T.DATE:
    case T.NEWDATE:
      return dateText(bytes, start);
    case T.TIME2:
      return timeText(bytes, start, meta);
    case T.DATETIME2:
      return datetimeText(bytes, start, meta);
    case T.TIMESTAMP2:
      return timestampText(bytes, start, meta);
    case T.TIMESTAMP:
      return oldTimestampText(bytes, start);
    case T.DATETIME:
      return oldDatetimeText(bytes, start);
    case T.TIME:
      return oldTimeText(bytes, start);
    case T.ENUM:
    case T.SET:
      return length <= 6
        ? String(bytes.readUIntLE(start, length))
        : bigIntegerText(bytes, start, length, false);
    case T.BIT:
      return length <= 6
        ? String(bytes.readUIntBE(start, length))
        : bigIntegerText(bytes, start, length, true);
    case T.NULL_TYPE:
      return '';
    default:
      throw new DecodeFault(`${T.columnTypeName(type)} is not read`);
  }
}

/** JavaScript's shortest form, which names each double exactly once but for -0. */
export function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function bigIntegerText(bytes: Buffer, start: number, length: number, bigEndian: boolean): string {
  let value = 0n;
  for (let i = 0; i < length; i++) {
    value = (value << 8n) | BigInt(bytes[bigEndian ? start + i : start + length - 1 - i]!);
  }
  return String(value);
}

/** BINARY(n), UUID and INET are padded with zero bytes, of which the log keeps none and the server shows all. */
function endOfBinary(bytes: Buffer, from: number, end: number): number {
  let last = end;
  while (last > from && bytes[last - 1] === 0) last--;
  return last;
}

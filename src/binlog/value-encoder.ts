// The inverse of column-value.ts: canonical text to the bytes that a row image stores. Never converts a character set or
// a zone, and never cuts a value to fit: what is no value of its column is an error.
import { ReconcileError } from '../reconcile-error.ts';
import { storedLength } from './column-length.ts';
import * as T from './column-type.ts';
import type { ValueColumn } from './column-value.ts';
import { storedColumn } from './compressed-column.ts';
import { decimalBytes } from './decimal-value.ts';
import {
  dateBytes,
  datetimeBytes,
  oldDatetimeBytes,
  oldTimeBytes,
  oldTimestampBytes,
  timeBytes,
  timestampBytes,
} from './temporal-bytes.ts';
import { ABSENT_VALUE, NULL_VALUE, type RowImage } from './transaction.ts';

/** Canonical text; or the stored bytes themselves, length prefix included; null is NULL; undefined is absent. */
export type RowValue = string | Buffer | null | undefined;

/** One value a column of the table, in the log's order. Throws as encodeValue does. */
export function encodeRow(columns: readonly ValueColumn[], values: readonly RowValue[]): RowImage {
  const offsets = new Int32Array(columns.length + 1);
  const parts: Buffer[] = [];
  let position = 0;
  columns.forEach((column, i) => {
    const value = values[i];
    if (value === null || value === undefined) {
      offsets[i] = value === null ? NULL_VALUE : ABSENT_VALUE;
      return;
    }
    const stored = typeof value === 'string' ? encodeValue(column, value) : value;
    offsets[i] = position;
    position += stored.length;
    parts.push(stored);
  });
  offsets[columns.length] = position;
  return { bytes: Buffer.concat(parts, position), offsets };
}

/**
 * What the log would store for the value, its length prefix included: logValue() of it is `text` again. The bytes are
 * those of the server but for COMPRESSED columns, whose value is stored uncompressed where that fits.
 * Throws ReconcileError `input` where the text is no value of the column, `unsupported` where the type isn't written.
 */
export function encodeValue(column: ValueColumn, text: string): Buffer {
  const { type, meta } = column;
  const length = storedLength(type, meta, 'mysql');
  if (length < 0) return prefixed(column, text, -length);
  const stored = Buffer.alloc(length);
  switch (type) {
    case T.TINY:
    case T.SHORT:
    case T.INT24:
    case T.LONG:
    case T.LONGLONG:
      return writeInteger(stored, column, text, { signed: !column.unsigned, bits: 8 * length });
    case T.ENUM:
    case T.SET:
      return writeInteger(stored, column, text, { signed: false, bits: 8 * length });
    case T.BIT:
      // Big-endian, unlike the others.
      return writeInteger(stored, column, text, { signed: false, bits: bitWidth(meta) }).reverse();
    case T.YEAR: {
      const year = Number(text);
      if (!/^\d{4}$/.test(text) || (year !== 0 && (year < 1901 || year > 2155))) throw noValue(column, text);
      stored[0] = year === 0 ? 0 : year - 1900;
      return stored;
    }
    case T.FLOAT:
      stored.writeFloatLE(Number(text));
      return sameNumber(column, text, stored.readFloatLE(0), stored);
    case T.DOUBLE:
      stored.writeDoubleLE(Number(text));
      return sameNumber(column, text, stored.readDoubleLE(0), stored);
    case T.NEWDECIMAL:
      return decimalBytes(text, meta >> 8, meta & 0xff) ?? refuse(column, text);
    case T.DATE:
    case T.NEWDATE:
      return dateBytes(text) ?? refuse(column, text);
    case T.TIME2:
      return timeBytes(text, meta) ?? refuse(column, text);
    case T.DATETIME2:
      return datetimeBytes(text, meta) ?? refuse(column, text);
    case T.TIMESTAMP2:
      return timestampBytes(text, meta) ?? refuse(column, text);
    case T.TIMESTAMP:
      return oldTimestampBytes(text) ?? refuse(column, text);
    case T.DATETIME:
      return oldDatetimeBytes(text) ?? refuse(column, text);
    case T.TIME:
      return oldTimeBytes(text) ?? refuse(column, text);
    default:
      throw new ReconcileError('unsupported', `${T.columnTypeName(type)} values are not written`);
  }
}

/** Texts, bytes, geometries, vectors: as they are, behind their length in `size` bytes. */
function prefixed(column: ValueColumn, text: string, size: number): Buffer {
  if (column.type === T.JSON_TYPE) {
    throw new ReconcileError('unsupported', 'JSON values are not written from their text');
  }
  const bytes = Buffer.from(text, 'latin1');
  const isCompressed = column.type === T.VARCHAR_COMPRESSED || column.type === T.BLOB_COMPRESSED;
  const value = isCompressed ? storedColumn(bytes, 256 ** size - 1) : bytes;
  if (value.length >= 256 ** size) throw noValue(column, text);
  const stored = Buffer.allocUnsafe(size + value.length);
  stored.writeUIntLE(value.length, 0, size);
  value.copy(stored, size);
  return stored;
}

/** Little-endian. */
function writeInteger(
  stored: Buffer,
  column: ValueColumn,
  text: string,
  { signed, bits }: { signed: boolean; bits: number },
): Buffer {
  if (!/^-?\d+$/.test(text)) throw noValue(column, text);
  let rest = BigInt(text);
  if (rest !== (signed ? BigInt.asIntN(bits, rest) : BigInt.asUintN(bits, rest))) throw noValue(column, text);
  for (let i = 0; i < stored.length; i++) {
    stored[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return stored;
}

function bitWidth(meta: number): number {
  return (meta >> 8) * 8 + (meta & 0xff);
}

/** A text that names another number than the one stored would be rounded in silence. */
function sameNumber(column: ValueColumn, text: string, found: number, stored: Buffer): Buffer {
  if (text.trim() === '' || !Number.isFinite(found) || !Object.is(found, Number(text)))
    throw noValue(column, text);
  return stored;
}

function refuse(column: ValueColumn, text: string): never {
  throw noValue(column, text);
}

function noValue({ type }: ValueColumn, text: string): ReconcileError {
  return new ReconcileError(
    'input',
    `${JSON.stringify(text.slice(0, 60))} is no value of a ${T.columnTypeName(type)} column as the log has it`,
  );
}

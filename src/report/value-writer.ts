// One column's values as JSON: their canonical text (src/binlog/column-value.ts) for people, in Unicode. The frequent
// types are written digit by digit; for the others, and for whatever is odd, the canonical text itself is made.

import * as T from '../binlog/column-type.ts';
import type { LoggedColumn } from '../binlog/logged-column.ts';
import { bigInteger, decimal, double, integer, low32 } from './number-writer.ts';
import { ascii, type ValueWriter } from './quoted-value.ts';
import { date, datetime, timestamp } from './temporal-writer.ts';
import { columnText } from './text-decoder.ts';
import { canonical, enumeration, set, text } from './text-writer.ts';

export function valueWriter(column: LoggedColumn): ValueWriter {
  const unsigned = column.unsigned ?? false;
  switch (column.type) {
    case T.TINY:
      return unsigned ? integer((bytes, at) => bytes[at]!) : integer((bytes, at) => (bytes[at]! << 24) >> 24);
    case T.SHORT:
      return unsigned
        ? integer((bytes, at) => bytes[at]! | (bytes[at + 1]! << 8))
        : integer((bytes, at) => ((bytes[at]! << 16) | (bytes[at + 1]! << 24)) >> 16);
    case T.INT24:
      return unsigned
        ? integer((bytes, at) => bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16))
        : integer((bytes, at) => ((bytes[at]! << 8) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 24)) >> 8);
    case T.LONG:
      return unsigned ? integer((bytes, at) => low32(bytes, at) >>> 0) : integer(low32);
    case T.LONGLONG:
      return bigInteger(column, unsigned);
    case T.DATE:
    case T.NEWDATE:
      return date();
    case T.DATETIME2:
      return datetime(column);
    case T.TIMESTAMP2:
      return timestamp(column.meta);
    case T.NEWDECIMAL:
      return decimal(column.meta >> 8, column.meta & 0xff);
    case T.ENUM:
      return enumeration(column);
    case T.SET:
      return set(column);
    case T.VARCHAR:
    case T.VAR_STRING:
    case T.STRING:
    case T.TINY_BLOB:
    case T.MEDIUM_BLOB:
    case T.LONG_BLOB:
    case T.BLOB:
      return text(column);
    case T.JSON_TYPE:
      return canonical(column, columnText(null));
    case T.GEOMETRY:
    case T.VECTOR:
    case T.VARCHAR_COMPRESSED:
    case T.BLOB_COMPRESSED:
      return canonical(column, columnText(63));
    case T.DOUBLE:
      return double();
    default:
      return ascii(column);
  }
}

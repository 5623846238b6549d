// How many bytes a column's stored value takes, from its type and metadata. Never reads the value itself.
import { NotReadFault } from './byte-cursor.ts';
import * as T from './column-type.ts';

/**
 * A layout code a column: 0 and more is a fixed length; -1 to -4 says that the value starts with its length in so many
 * bytes. `meta` is as in LoggedColumn. Throws NotReadFault for types whose length we don't know: a row with one can't
 * be split.
 */
export function storedLength(type: number, meta: number, flavor: 'mysql' | 'mariadb'): number {
  switch (type) {
    case T.TINY:
    case T.YEAR:
      return 1;
    case T.SHORT:
      return 2;
    case T.INT24:
    case T.DATE:
    case T.NEWDATE:
      return 3;
    case T.LONG:
    case T.FLOAT:
      return 4;
    case T.DOUBLE:
    case T.LONGLONG:
      return 8;
    case T.NULL_TYPE:
      return 0;
    case T.TIMESTAMP:
    case T.TIME:
    case T.DATETIME:
      // MariaDB gives its own old format with fractions the same code and does not log their length.
      if (flavor === 'mariadb') {
        throw new NotReadFault(`${T.columnTypeName(type)} of MariaDB, whose length is not in the log`);
      }
      return type === T.TIMESTAMP ? 4 : type === T.TIME ? 3 : 8;
    case T.TIMESTAMP2:
      return 4 + fractionLength(meta);
    case T.DATETIME2:
      return 5 + fractionLength(meta);
    case T.TIME2:
      return 3 + fractionLength(meta);
    case T.NEWDECIMAL:
      return decimalLength(meta >> 8, meta & 0xff);
    case T.BIT:
      return (meta >> 8) + ((meta & 0xff) > 0 ? 1 : 0);
    case T.ENUM:
    case T.SET:
      if (meta < 1 || meta > 8) throw new NotReadFault(`${T.columnTypeName(type)} of ${meta} bytes`);
      return meta;
    case T.VARCHAR:
    case T.VAR_STRING:
    case T.VARCHAR_COMPRESSED:
    case T.STRING:
      return meta > 255 ? -2 : -1;
    case T.TINY_BLOB:
    case T.MEDIUM_BLOB:
    case T.LONG_BLOB:
    case T.BLOB:
    case T.BLOB_COMPRESSED:
    case T.JSON_TYPE:
    case T.GEOMETRY:
    case T.VECTOR:
      if (meta < 1 || meta > 4)
        throw new NotReadFault(`${T.columnTypeName(type)} with a length of ${meta} bytes`);
      return -meta;
    default:
      throw new NotReadFault(`${T.columnTypeName(type)} is not known`);
  }
}

/** Bytes of a fraction of so many digits. */
export function fractionLength(digits: number): number {
  if (digits > 6) throw new NotReadFault(`${digits} fractional digits`);
  return (digits + 1) >> 1;
}

const bytesOfDigits = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4];

/** Bytes of a DECIMAL: 4 for each 9 digits on either side of the point, fewer for what is left over. */
export function decimalLength(precision: number, scale: number): number {
  if (precision < 1 || precision > 65 || scale > 38 || scale > precision) {
    throw new NotReadFault(`DECIMAL(${precision},${scale})`);
  }
  const whole = precision - scale;
  return partLength(whole) + partLength(scale);
}

function partLength(digits: number): number {
  return Math.floor(digits / 9) * 4 + bytesOfDigits[digits % 9]!;
}

// What a TABLE_MAP event says of a column beside its type code: how many bytes that takes, and what it means. Never reads a
// value of the column.
import { type ByteCursor, NotReadFault } from './byte-cursor.ts';
import * as T from './column-type.ts';

/** Bytes that a column takes in the table map's metadata, by the code in its list of types. */
export function metadataLength(type: number): number {
  switch (type) {
    case T.FLOAT:
    case T.DOUBLE:
    case T.TINY_BLOB:
    case T.MEDIUM_BLOB:
    case T.LONG_BLOB:
    case T.BLOB:
    case T.BLOB_COMPRESSED:
    case T.JSON_TYPE:
    case T.GEOMETRY:
    case T.VECTOR:
    case T.TIMESTAMP2:
    case T.DATETIME2:
    case T.TIME2:
      return 1;
    case T.VARCHAR:
    case T.VAR_STRING:
    case T.VARCHAR_COMPRESSED:
    case T.BIT:
    case T.NEWDECIMAL:
    case T.ENUM:
    case T.SET:
    case T.STRING:
      return 2;
    default:
      return 0;
  }
}

/** The type as rows hold it, and LoggedColumn.meta. `type` is the code in the table map's list. */
export function realType(type: number, metadata: ByteCursor, table: string): { type: number; meta: number } {
  switch (type) {
    case T.NEWDECIMAL: {
      const precision = metadata.uint8();
      return { type, meta: (precision << 8) | metadata.uint8() };
    }
    case T.ENUM:
    case T.SET:
    case T.STRING:
      return stringType(metadata.uint8(), metadata.uint8());
    case T.TYPED_ARRAY:
      throw new NotReadFault(`table ${table} has an array column`);
    default: {
      const bytes = metadataLength(type);
      return { type, meta: bytes === 0 ? 0 : metadata.uint(bytes) };
    }
  }
}

/**
 * CHAR, BINARY, ENUM and SET all come as STRING. The first byte is the real type; lengths of 256 and more hide two
 * bits of theirs, inverted, in it.
 */
function stringType(first: number, second: number): { type: number; meta: number } {
  if ((first & 0x30) !== 0x30) {
    return { type: first | 0x30, meta: second | (((first & 0x30) ^ 0x30) << 4) };
  }
  return { type: first, meta: second };
}

// The optional metadata at the end of a TABLE_MAP event (binlog_row_metadata=MINIMAL or FULL): signedness, collations,
// names, labels, primary key, visibility. Fills in what parseTableMap left null; a field of an unknown type is passed
// over, as the format intends (each carries its length).
import { ByteCursor, DecodeFault } from './byte-cursor.ts';
import * as T from './column-type.ts';
import type { LoggedColumn } from './logged-column.ts';

const SIGNEDNESS = 1;
const DEFAULT_CHARSET = 2;
const COLUMN_CHARSET = 3;
const COLUMN_NAME = 4;
const SET_LABELS = 5;
const ENUM_LABELS = 6;
const GEOMETRY_TYPE = 7;
const SIMPLE_PRIMARY_KEY = 8;
const PRIMARY_KEY_WITH_PREFIX = 9;
const ENUM_AND_SET_DEFAULT_CHARSET = 10;
const ENUM_AND_SET_COLUMN_CHARSET = 11;
const COLUMN_VISIBILITY = 12;
const VECTOR_DIMENSIONALITY = 13;

const numericTypes = new Set([
  T.DECIMAL,
  T.TINY,
  T.SHORT,
  T.INT24,
  T.LONG,
  T.LONGLONG,
  T.NEWDECIMAL,
  T.FLOAT,
  T.DOUBLE,
  T.YEAR,
]);
const textTypes = new Set([
  T.STRING,
  T.VAR_STRING,
  T.VARCHAR,
  T.VARCHAR_COMPRESSED,
  T.BLOB,
  T.BLOB_COMPRESSED,
  T.TINY_BLOB,
  T.MEDIUM_BLOB,
  T.LONG_BLOB,
]);

/** Reads to the cursor's end. Answers the primary key's column indexes, null where the log doesn't say. */
export function readOptionalMetadata(
  cursor: ByteCursor,
  columns: LoggedColumn[],
  flavor: 'mysql' | 'mariadb',
): number[] | null {
  // Each flavour counts one of its own among the types with a character set.
  const alsoText = flavor === 'mysql' ? T.VECTOR : T.GEOMETRY;
  const isText = (type: number): boolean => textTypes.has(type) || type === alsoText;
  let primaryKey: number[] | null = null;
  const ofType = (wanted: (type: number) => boolean): LoggedColumn[] => columns.filter((c) => wanted(c.type));
  while (cursor.left > 0) {
    const kind = cursor.uint8();
    const field = new ByteCursor(cursor.slice(cursor.packed()));
    switch (kind) {
      case SIGNEDNESS:
        readBits(
          field,
          ofType((type) => numericTypes.has(type)),
          (column, bit) => {
            column.unsigned = bit;
          },
        );
        break;
      case DEFAULT_CHARSET:
        readDefaultCharset(field, ofType(isText));
        break;
      case COLUMN_CHARSET:
        readEach(field, ofType(isText), (column) => {
          column.collation = field.packed();
        });
        break;
      case COLUMN_NAME:
        readEach(field, columns, (column) => {
          column.name = field.utf8(field.packed());
        });
        break;
      case SET_LABELS:
      case ENUM_LABELS:
        readEach(
          field,
          ofType((type) => type === (kind === SET_LABELS ? T.SET : T.ENUM)),
          (column) => {
            column.labels = readLabels(field);
          },
        );
        break;
      case GEOMETRY_TYPE:
        readEach(
          field,
          ofType((type) => type === T.GEOMETRY),
          (column) => {
            column.geometryType = field.packed();
          },
        );
        break;
      case SIMPLE_PRIMARY_KEY:
      case PRIMARY_KEY_WITH_PREFIX:
        primaryKey = readPrimaryKey(field, columns.length, kind === PRIMARY_KEY_WITH_PREFIX);
        break;
      case ENUM_AND_SET_DEFAULT_CHARSET:
        readDefaultCharset(
          field,
          ofType((type) => type === T.ENUM || type === T.SET),
        );
        break;
      case ENUM_AND_SET_COLUMN_CHARSET:
        readEach(
          field,
          ofType((type) => type === T.ENUM || type === T.SET),
          (column) => {
            column.collation = field.packed();
          },
        );
        break;
      case COLUMN_VISIBILITY:
        readBits(field, columns, (column, bit) => {
          column.visible = bit;
        });
        break;
      case VECTOR_DIMENSIONALITY:
        readEach(
          field,
          ofType((type) => type === T.VECTOR),
          (column) => {
            column.vectorDimension = field.packed();
          },
        );
        break;
    }
  }
  return primaryKey;
}

/** One bit a column, the highest of each byte first. */
function readBits(
  field: ByteCursor,
  of: LoggedColumn[],
  set: (column: LoggedColumn, bit: boolean) => void,
): void {
  if (field.left < (of.length + 7) >> 3) throw new DecodeFault('a bit field shorter than its columns');
  const bits = field.slice(field.left);
  of.forEach((column, i) => {
    set(column, ((bits[i >> 3]! << (i & 7)) & 0x80) !== 0);
  });
}

/** As many entries as there are: a server may log fewer than we count columns, never more. */
function readEach(field: ByteCursor, of: LoggedColumn[], read: (column: LoggedColumn) => void): void {
  for (const column of of) {
    if (field.left === 0) return;
    read(column);
  }
  if (field.left > 0) throw new DecodeFault('table metadata for more columns than the table has');
}

function readDefaultCharset(field: ByteCursor, of: LoggedColumn[]): void {
  const standard = field.packed();
  for (const column of of) column.collation = standard;
  while (field.left > 0) {
    const column = of[field.packed()];
    const collation = field.packed();
    if (column === undefined) throw new DecodeFault('a collation for a column that is not there');
    column.collation = collation;
  }
}

function readLabels(field: ByteCursor): string[] {
  const labels: string[] = [];
  const count = field.packed();
  for (let i = 0; i < count; i++) labels.push(field.binary(field.packed()));
  return labels;
}

function readPrimaryKey(field: ByteCursor, columnCount: number, withPrefix: boolean): number[] {
  const key: number[] = [];
  while (field.left > 0) {
    const index = field.packed();
    if (withPrefix) field.packed();
    if (index >= columnCount) throw new DecodeFault(`a primary key on column ${index} of ${columnCount}`);
    key.push(index);
  }
  return key;
}

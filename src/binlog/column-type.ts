// The column type codes as binlogs use them. Facts only: MySQL's include/field_types.h, MariaDB's include/mysql_com.h.

export const DECIMAL = 0;
export const TINY = 1;
export const SHORT = 2;
export const LONG = 3;
export const FLOAT = 4;
export const DOUBLE = 5;
export const NULL_TYPE = 6;
export const TIMESTAMP = 7;
export const LONGLONG = 8;
export const INT24 = 9;
export const DATE = 10;
export const TIME = 11;
export const DATETIME = 12;
export const YEAR = 13;
export const NEWDATE = 14;
export const VARCHAR = 15;
export const BIT = 16;
export const TIMESTAMP2 = 17;
export const DATETIME2 = 18;
export const TIME2 = 19;
export const TYPED_ARRAY = 20;
/** MariaDB's COMPRESSED columns. */
export const BLOB_COMPRESSED = 140;
export const VARCHAR_COMPRESSED = 141;
export const VECTOR = 242;
export const JSON_TYPE = 245;
export const NEWDECIMAL = 246;
export const ENUM = 247;
export const SET = 248;
export const TINY_BLOB = 249;
export const MEDIUM_BLOB = 250;
export const LONG_BLOB = 251;
export const BLOB = 252;
export const VAR_STRING = 253;
export const STRING = 254;
export const GEOMETRY = 255;

const names = new Map<number, string>([
  [DECIMAL, 'DECIMAL (before 5.0)'],
  [TINY, 'TINYINT'],
  [SHORT, 'SMALLINT'],
  [LONG, 'INT'],
  [FLOAT, 'FLOAT'],
  [DOUBLE, 'DOUBLE'],
  [NULL_TYPE, 'NULL'],
  [TIMESTAMP, 'TIMESTAMP (old format)'],
  [LONGLONG, 'BIGINT'],
  [INT24, 'MEDIUMINT'],
  [DATE, 'DATE'],
  [TIME, 'TIME (old format)'],
  [DATETIME, 'DATETIME (old format)'],
  [YEAR, 'YEAR'],
  [NEWDATE, 'DATE'],
  [VARCHAR, 'VARCHAR'],
  [BIT, 'BIT'],
  [TIMESTAMP2, 'TIMESTAMP'],
  [DATETIME2, 'DATETIME'],
  [TIME2, 'TIME'],
  [TYPED_ARRAY, 'ARRAY'],
  [BLOB_COMPRESSED, 'BLOB COMPRESSED'],
  [VARCHAR_COMPRESSED, 'VARCHAR COMPRESSED'],
  [VECTOR, 'VECTOR'],
  [JSON_TYPE, 'JSON'],
  [NEWDECIMAL, 'DECIMAL'],
  [ENUM, 'ENUM'],
  [SET, 'SET'],
  [TINY_BLOB, 'TINYBLOB'],
  [MEDIUM_BLOB, 'MEDIUMBLOB'],
  [LONG_BLOB, 'LONGBLOB'],
  [BLOB, 'BLOB'],
  [VAR_STRING, 'VARCHAR'],
  [STRING, 'CHAR'],
  [GEOMETRY, 'GEOMETRY'],
]);

/** For a person. CHAR and TEXT types may as well be BINARY and BLOB ones: the code doesn't say. */
export function columnTypeName(type: number): string {
  return names.get(type) ?? `column type ${type}`;
}

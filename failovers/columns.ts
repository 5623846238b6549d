// The column types of random tables: how SQL reads a value of each as a literal that is exactly that value, and small pools of
// values, so that keys meet. Knows nothing of binary logs.
import { pick, type Random, whole } from '../chaos/random.ts';
import type { Flavor } from '../test/sandbox/index.ts';

export interface ColumnType {
  sql: string;
  /** An SQL expression over a column: its value as an SQL literal, in ASCII without `|`. */
  read: (column: string) => string;
  /** A literal. */
  value: (random: Random) => string;
  /** Whether `=` with a literal finds the value. */
  comparable: boolean;
}

const quoted = (column: string): string => `CONCAT('''', CAST(${column} AS CHAR), '''')`;
const bytes = (column: string): string => `CONCAT('X''', HEX(CAST(${column} AS BINARY)), '''')`;
const real = (column: string): string => quoted(`CAST(${column} AS DOUBLE)`);
/** ENUM and SET by their number: a label could be anything. */
const number = (column: string): string => `CAST(${column} | 0 AS CHAR)`;
const bits = (column: string): string => `CONCAT('b''', BIN(${column} | 0), '''')`;
const text = (charset: string) => (column: string) =>
  `CONCAT('_${charset} X''', HEX(CAST(${column} AS BINARY)), '''')`;
const json = (column: string): string =>
  `CONCAT('CONVERT(X''', HEX(CAST(${column} AS CHAR)), ''' USING utf8mb4)')`;

const oneOf =
  (...values: string[]) =>
  (random: Random): string =>
    pick(random, values);
const between = (least: number, most: number) => (random: Random) => String(whole(random, least, most));

/** Some differ in case, accents or spaces at the end only: to most collations they are the same. */
const WORDS = ['a', 'A', 'á', 'b', 'b ', 'B', 'ab', 'aB', 'abc', 'abd', 'ß', 'ss', '', 'x y', "it''s", 'zz'];
const word = (random: Random): string => `'${pick(random, WORDS)}'`;
const wideWord = (random: Random): string => (random() < 0.2 ? "'😀é'" : word(random));
const hex =
  (length: number) =>
  (random: Random): string =>
    `X'${Array.from({ length: whole(random, 0, length) }, () => pick(random, ['00', '20', '41', '61', 'FF'])).join('')}'`;

function varchar(charset: 'latin1' | 'utf8mb4', collation: string): ColumnType {
  const value = charset === 'latin1' ? word : wideWord;
  return {
    sql: `VARCHAR(12) CHARACTER SET ${charset} COLLATE ${collation}`,
    read: text(charset),
    value,
    comparable: true,
  };
}

export const INTEGER: ColumnType = { sql: 'INT', read: quoted, value: between(1, 30), comparable: true };
export const AMOUNT: ColumnType = { sql: 'INT', read: quoted, value: between(-9, 99), comparable: true };
const MOMENT = (digits: number): string[] =>
  ['2026-01-02 03:04:05', '2026-10-25 00:30:00', '2026-10-25 01:30:00', '1999-12-31 23:59:59'].map(
    (moment) => `'${moment}${digits > 0 ? `.${'120450'.slice(0, digits)}` : ''}'`,
  );

/** A primary key may be of these. */
export function keyTypes(flavor: Flavor): ColumnType[] {
  const types: ColumnType[] = [
    INTEGER,
    {
      sql: 'BIGINT UNSIGNED',
      read: quoted,
      value: oneOf('0', '1', '2', '18446744073709551615', '9007199254740993'),
      comparable: true,
    },
    varchar('utf8mb4', flavor === 'mysql' ? 'utf8mb4_0900_ai_ci' : 'utf8mb4_unicode_ci'),
    varchar('utf8mb4', 'utf8mb4_bin'),
    varchar('latin1', 'latin1_swedish_ci'),
    { sql: 'BINARY(4)', read: bytes, value: hex(4), comparable: true },
    { sql: 'VARBINARY(6)', read: bytes, value: hex(6), comparable: true },
    {
      sql: 'DECIMAL(12,3)',
      read: quoted,
      value: oneOf('0', '-1.5', '1.5', '999999999.999', '7.125'),
      comparable: true,
    },
    { sql: 'DATETIME(3)', read: quoted, value: oneOf(...MOMENT(3)), comparable: true },
    {
      sql: 'DATE',
      read: quoted,
      value: oneOf("'2026-01-01'", "'2026-02-28'", "'1000-01-01'"),
      comparable: true,
    },
  ];
  if (flavor === 'mariadb') types.push(UUID);
  return types;
}

const UUID: ColumnType = {
  sql: 'UUID',
  read: quoted,
  value: (random) => `'0000000${whole(random, 0, 9)}-1111-1111-8111-00000000000${whole(random, 0, 2)}'`,
  comparable: true,
};

/** All others. */
export function payloadTypes(flavor: Flavor): ColumnType[] {
  return [
    ...keyTypes(flavor),
    AMOUNT,
    { sql: 'TINYINT', read: quoted, value: between(-128, 127), comparable: true },
    { sql: 'MEDIUMINT UNSIGNED', read: quoted, value: between(0, 16777215), comparable: true },
    { sql: 'FLOAT', read: real, value: oneOf('0', '1.5', '-0e0', '0.1', '3.4e38'), comparable: false },
    { sql: 'DOUBLE', read: real, value: oneOf('0', '1.5', '-0e0', '0.1', '1e-300'), comparable: false },
    {
      sql: "ENUM('red','green','a,b','')",
      read: number,
      value: oneOf("'red'", "'green'", "'a,b'", "''"),
      comparable: false,
    },
    { sql: "SET('s','t','u')", read: number, value: oneOf("'s'", "'s,t'", "''", "'u'"), comparable: false },
    { sql: 'BIT(11)', read: bits, value: oneOf("b'0'", "b'1'", "b'11111111111'"), comparable: true },
    {
      sql: 'JSON',
      // MariaDB's is a text: what was written stays as it was.
      read: flavor === 'mysql' ? json : text('utf8mb4'),
      value: oneOf(
        `'{"b": 1, "a": [1, 2.5, null]}'`,
        `'[]'`,
        `'"x"'`,
        `'{"a": {"n": 12345678901234567890}}'`,
      ),
      comparable: false,
    },
    { sql: 'YEAR', read: quoted, value: oneOf('0', '2026', '1901'), comparable: true },
    {
      sql: 'TIME(6)',
      read: quoted,
      value: oneOf("'-838:59:59'", "'-00:00:00.000001'", "'12:00:00.5'", "'0:0:0'"),
      comparable: true,
    },
    { sql: 'TIMESTAMP(2) NULL DEFAULT NULL', read: quoted, value: oneOf(...MOMENT(2)), comparable: true },
    { sql: 'DATETIME', read: quoted, value: oneOf(...MOMENT(0)), comparable: true },
    { sql: 'BLOB', read: bytes, value: hex(9), comparable: false },
    { sql: 'TEXT CHARACTER SET utf8mb4', read: text('utf8mb4'), value: wideWord, comparable: false },
    {
      sql: 'CHAR(5) CHARACTER SET latin1',
      read: text('latin1'),
      value: oneOf("'é'", "'a'", "'A'", "''"),
      comparable: true,
    },
    {
      sql: 'GEOMETRY',
      read: bytes,
      value: oneOf("ST_GeomFromText('POINT(1 2)')", "ST_GeomFromText('LINESTRING(0 0,1 1)', 4326)"),
      comparable: false,
    },
  ];
}

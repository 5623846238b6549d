// Which types have one form in the log for each value: two of their values are the same exactly where the log's bytes are.
// Reads no value.
import * as T from '../binlog/column-type.ts';
import type { ValueColumn } from '../binlog/column-value.ts';

/**
 * Not among them: JSON (an object has many forms), compressed columns, fixed-length binary strings (whose zeros at the end
 * do not count), and the temporal types of before 5.6.
 */
const ONE_FORM = new Set([
  T.TINY,
  T.SHORT,
  T.INT24,
  T.LONG,
  T.LONGLONG,
  T.FLOAT,
  T.DOUBLE,
  T.NEWDECIMAL,
  T.YEAR,
  T.DATE,
  T.TIME2,
  T.DATETIME2,
  T.TIMESTAMP2,
  T.ENUM,
  T.SET,
  T.BIT,
  T.VARCHAR,
  T.VAR_STRING,
  T.TINY_BLOB,
  T.MEDIUM_BLOB,
  T.LONG_BLOB,
  T.BLOB,
  T.GEOMETRY,
]);

export function hasOneForm({ type, binary }: ValueColumn): boolean {
  return ONE_FORM.has(type) || (type === T.STRING && !binary);
}

// Values that random rows seldom hold, and texts that are no value of their column. Whole rows of real servers are
// encoded in values.test.ts, and replayed in row-event-writer.test.ts.
import { describe, expect, it } from 'vitest';
import * as T from '../../src/binlog/column-type.ts';
import { logValue, type ValueColumn } from '../../src/binlog/column-value.ts';
import { ABSENT_VALUE, NULL_VALUE } from '../../src/binlog/transaction.ts';
import { encodeRow, encodeValue } from '../../src/binlog/value-encoder.ts';

const column = (type: number, meta = 0, more: Partial<ValueColumn> = {}): ValueColumn => ({
  type,
  meta,
  unsigned: false,
  binary: false,
  ...more,
});
const decimal = (precision: number, scale: number): ValueColumn =>
  column(T.NEWDECIMAL, (precision << 8) | scale);

it.each<[string, ValueColumn, string]>([
  ['the smallest BIGINT', column(T.LONGLONG), '-9223372036854775808'],
  ['the largest BIGINT UNSIGNED', column(T.LONGLONG, 0, { unsigned: true }), '18446744073709551615'],
  ['-0 as a FLOAT', column(T.FLOAT, 4), '-0'],
  ['-0 as a DOUBLE', column(T.DOUBLE, 8), '-0'],
  ['the smallest FLOAT', column(T.FLOAT, 4), '1.401298464324817e-45'],
  ['a negative DECIMAL of zero', decimal(10, 2), '-0.00'],
  ['a DECIMAL without whole digits', decimal(5, 5), '-0.00001'],
  ['a DECIMAL of 65 digits', decimal(65, 0), '9'.repeat(65)],
  ['the year 0', column(T.YEAR), '0000'],
  ['the shortest negative TIME', column(T.TIME2, 6), '-00:00:00.000001'],
  ['the longest negative TIME', column(T.TIME2, 1), '-838:59:59.0'],
  ['a day that its month has not', column(T.DATETIME2, 0), '2023-02-31 00:00:00'],
  ['the zero TIMESTAMP', column(T.TIMESTAMP2, 3), '0000-00-00 00:00:00.000'],
  ['a TIMESTAMP beyond 2038', column(T.TIMESTAMP2, 0), '2106-02-07 06:28:15'],
  ['all bits of BIT(64)', column(T.BIT, 8 << 8), '18446744073709551615'],
  ['BIT(9)', column(T.BIT, (1 << 8) | 1), '256'],
  ['the 64th member of a SET', column(T.SET, 8), '9223372036854775808'],
  ['an old DATETIME', column(T.DATETIME), '9999-12-31 23:59:59'],
  ['an old zero DATETIME', column(T.DATETIME), '0000-00-00 00:00:00'],
  ['an old TIME', column(T.TIME), '-838:59:59'],
  ['an old TIMESTAMP', column(T.TIMESTAMP), '2038-01-19 03:14:07'],
  ['a text of 256 bytes', column(T.VARCHAR, 300), 'é'.repeat(256)],
])('%s is stored and read back', (_, of, text) => {
  const stored = encodeValue(of, text);
  expect(logValue(of, stored, 0, stored.length)).toBe(text);
});

describe('what is no value of its column is refused', () => {
  it.each<[ValueColumn, string]>([
    [column(T.TINY), '128'],
    [column(T.TINY, 0, { unsigned: true }), '-1'],
    [column(T.LONGLONG), '9223372036854775808'],
    [column(T.LONG), '1.5'],
    [column(T.BIT, (1 << 8) | 1), '512'],
    [column(T.ENUM, 1), '256'],
    [column(T.FLOAT, 4), '0.1'],
    [column(T.DOUBLE, 8), ''],
    [column(T.DOUBLE, 8), 'NaN'],
    [column(T.DOUBLE, 8), '1e999'],
    [decimal(5, 2), '1000.00'],
    [decimal(5, 2), '1.0'],
    [column(T.YEAR), '1900'],
    [column(T.DATE), '2024-13-01'],
    [column(T.TIME2, 3), '00:00:00'],
    [column(T.DATETIME2, 0), '2024-01-01 24:00:00'],
    [column(T.TIMESTAMP2, 0), '1970-01-01 00:00:00'],
    [column(T.TIMESTAMP2, 0), '2023-02-31 00:00:00'],
    [column(T.VARCHAR, 20), 'x'.repeat(256)],
  ])('%j %s', (of, text) => {
    expect(() => encodeValue(of, text)).toThrow(/is no value of a [A-Z]+ column/);
  });

  it('and JSON, which its text does not tell whole', () => {
    expect(() => encodeValue(column(T.JSON_TYPE, 4), '1')).toThrow(
      'JSON values are not written from their text',
    );
  });
});

it('a row may lack columns: absent is not NULL', () => {
  const columns = [column(T.LONG), column(T.VARCHAR, 20), column(T.DATE), column(T.TINY)];
  const image = encodeRow(columns, ['7', undefined, null, Buffer.from([0xff])]);
  expect([...image.offsets]).toEqual([0, ABSENT_VALUE, NULL_VALUE, 4, 5]);
  expect(image.bytes.toString('hex')).toBe('07000000ff');
});

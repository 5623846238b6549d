// Values that no server of today writes, or that no server would: old temporal formats, bytes that lie.
import { describe, expect, it } from 'vitest';
import { DecodeFault } from '../../src/binlog/byte-cursor.ts';
import * as T from '../../src/binlog/column-type.ts';
import { logValue, unsupportedColumn, type ValueColumn } from '../../src/binlog/column-value.ts';
import { jsonText } from '../../src/binlog/json-value.ts';

const column = (type: number, meta = 0, more: Partial<ValueColumn> = {}): ValueColumn => ({
  type,
  meta,
  unsigned: false,
  binary: false,
  ...more,
});
const value = (of: ValueColumn, hex: string): string => {
  const bytes = Buffer.from(`ee${hex}ee`, 'hex');
  return logValue(of, bytes, 1, bytes.length - 1);
};

describe('old temporal formats', () => {
  it.each([
    ['20200102030405', '2020-01-02 03:04:05'],
    ['0', '0000-00-00 00:00:00'],
    ['99991231235959', '9999-12-31 23:59:59'],
  ])('DATETIME %s', (number, text) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(number));
    expect(value(column(T.DATETIME), bytes.toString('hex'))).toBe(text);
  });

  it.each([
    [-8385944, '-838:59:44'],
    [40000, '04:00:00'],
    [0, '00:00:00'],
  ])('TIME %s', (number, text) => {
    const bytes = Buffer.alloc(3);
    bytes.writeIntLE(number, 0, 3);
    expect(value(column(T.TIME), bytes.toString('hex'))).toBe(text);
  });

  it('TIMESTAMP', () => {
    expect(value(column(T.TIMESTAMP), '00000000')).toBe('0000-00-00 00:00:00');
    expect(value(column(T.TIMESTAMP), '01000000')).toBe('1970-01-01 00:00:01');
  });
});

describe('the edges', () => {
  it('of integers and numbers', () => {
    expect(value(column(T.LONGLONG, 0, { unsigned: true }), 'ffffffffffffffff')).toBe('18446744073709551615');
    expect(value(column(T.LONGLONG), '0000000000000080')).toBe('-9223372036854775808');
    expect(value(column(T.FLOAT, 4), '00000080')).toBe('-0');
    expect(value(column(T.DOUBLE, 8), '0000000000000080')).toBe('-0');
    expect(value(column(T.NEWDECIMAL, (5 << 8) | 5), '800000')).toBe('0.00000');
    expect(value(column(T.BIT, (8 << 8) | 0), 'ffffffffffffffff')).toBe('18446744073709551615');
    expect(value(column(T.SET, 8), '0000000000000080')).toBe('9223372036854775808');
    expect(value(column(T.YEAR), '00')).toBe('0000');
  });

  it('of binary padding', () => {
    expect(value(column(T.STRING, 8, { binary: true }), '0461620000')).toBe('ab');
    expect(value(column(T.STRING, 8), '0461620000')).toBe('ab\0\0');
    expect(value(column(T.VARCHAR, 300), '020061ff')).toBe('a\xff');
  });
});

describe('COMPRESSED columns', () => {
  // As MariaDB 11.8 logs them: VARCHAR(300), TEXT; column_compression_zlib_wrap off and on.
  const text = column(T.BLOB_COMPRESSED, 2);

  it('empty, short, deflated', () => {
    expect(value(text, '0000')).toBe('');
    expect(value(text, '040000616263')).toBe('abc');
    expect(value(column(T.VARCHAR_COMPRESSED, 1201), '0a008a01224b4c1c05f80100')).toBe('a'.repeat(290));
    expect(value(text, '1a008a0bb8edc2411100000c02a0ac6aff0eabb1071ce9a2aaaafe7e')).toBe('abc'.repeat(1000));
  });

  it.each([
    ['more than was stated', '0a008a01214b4c1c05f80100'],
    ['less than was stated', '0a008a01234b4c1c05f80100'],
    ['no stream', '04008a01224b'],
    ['a length of no bytes', '0a00880122 4b4c1c05f80100'.replace(' ', '')],
    ['a length cut short', '02008a01'],
  ])('%s is a fault', (_, hex) => {
    expect(() => value(text, hex)).toThrow(DecodeFault);
  });

  it('and another method is not read', () => {
    expect(() => value(text, '02001161')).toThrow('compression method 1 of a COMPRESSED column');
  });
});

describe('bytes that lie are a fault', () => {
  it.each<[string, ValueColumn, string]>([
    ['an integer of another length', column(T.LONG), '0000'],
    ['a text longer than its row', column(T.VARCHAR, 20), '0561'],
    ['a text shorter than its place', column(T.VARCHAR, 20), '016161'],
    ['a text without its length', column(T.BLOB, 4), '0000'],
    ['JSON without end', column(T.JSON_TYPE, 4), '0500000000ffff0a00'],
    ['an unknown JSON type', column(T.JSON_TYPE, 4), '0200000077ff'],
  ])('%s', (_, of, hex) => {
    expect(() => value(of, hex)).toThrow(DecodeFault);
  });

  it('JSON that contains itself', () => {
    // An array of two elements, each at offset 0: the array itself.
    const bytes = Buffer.from('02020012000200000200000000000000000000', 'hex');
    expect(() => jsonText(bytes)).toThrow(DecodeFault);
  });

  it('and what is not read says why', () => {
    expect(unsupportedColumn({ type: T.LONG, meta: 0 })).toBe(null);
    expect(unsupportedColumn({ type: T.DECIMAL, meta: 0 })).toMatch(/is not read$/);
    expect(unsupportedColumn({ type: 77, meta: 0 })).toBe('column type 77 is not known');
  });
});

it('reads an empty JSON value as the server does', () => {
  expect(jsonText(Buffer.alloc(0))).toBe('null');
});

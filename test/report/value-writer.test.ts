// Values written byte by byte say what their canonical text says, for every type and for bytes of any kind.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { storedLength } from '../../src/binlog/column-length.ts';
import * as T from '../../src/binlog/column-type.ts';
import { logValue } from '../../src/binlog/column-value.ts';
import type { LoggedColumn } from '../../src/binlog/logged-column.ts';
import { ReconcileError } from '../../src/reconcile-error.ts';
import { JsonBytes } from '../../src/report/json-bytes.ts';
import { valueWriter } from '../../src/report/value-writer.ts';
import { loggedColumn as column } from '../columns.ts';

function written(of: LoggedColumn, value: Buffer): unknown {
  const out = new JsonBytes();
  // Not at the buffer's start, and not alone.
  const bytes = Buffer.concat([Buffer.from('ab'), value, Buffer.from('cd')]);
  valueWriter(of)(out, bytes, 2, 2 + value.length);
  return JSON.parse(Buffer.concat(out.take()).toString('utf8'));
}

const fixed: [string, LoggedColumn][] = [
  ...[T.TINY, T.SHORT, T.INT24, T.LONG, T.LONGLONG].flatMap((type): [string, LoggedColumn][] => [
    [`integer ${type}`, column(type)],
    [`integer ${type} unsigned`, column(type, 0, { unsigned: true })],
  ]),
  ['FLOAT', column(T.FLOAT, 4)],
  ['DOUBLE', column(T.DOUBLE, 8)],
  ['YEAR', column(T.YEAR)],
  ['DATE', column(T.DATE)],
  ['ENUM', column(T.ENUM, 2)],
  ['SET', column(T.SET, 8)],
  ['BIT', column(T.BIT, (7 << 8) | 3)],
  ...[0, 1, 2, 3, 4, 5, 6].flatMap((digits): [string, LoggedColumn][] => [
    [`TIME(${digits})`, column(T.TIME2, digits)],
    [`DATETIME(${digits})`, column(T.DATETIME2, digits)],
    [`TIMESTAMP(${digits})`, column(T.TIMESTAMP2, digits)],
  ]),
  ...[
    [1, 0],
    [5, 2],
    [9, 9],
    [10, 0],
    [12, 2],
    [18, 9],
    [30, 30],
    [65, 30],
  ].map(([precision, scale]): [string, LoggedColumn] => [
    `DECIMAL(${precision},${scale})`,
    column(T.NEWDECIMAL, (precision! << 8) | scale!),
  ]),
];

describe.each(fixed)('%s', (_, of) => {
  test('is its canonical text, or refused as damage', () => {
    const length = storedLength(of.type, of.meta, 'mysql');
    const byte = fc.oneof(fc.constantFrom(0, 0x7f, 0x80, 0xff), fc.nat(255));
    fc.assert(
      fc.property(fc.array(byte, { minLength: length, maxLength: length }), (list) => {
        const value = Buffer.from(list);
        let text: string;
        let said: unknown;
        try {
          said = written(of, value);
          text = logValue({ ...of, unsigned: of.unsigned ?? false, binary: false }, value, 0, length);
        } catch (error) {
          expect(error).toBeInstanceOf(ReconcileError);
          return;
        }
        expect(said).toBe(text);
      }),
      { numRuns: 500 },
    );
  });
});

describe('text', () => {
  const varchar = (collation: number | null): LoggedColumn => column(T.VARCHAR, 100, { collation });
  const prefixed = (hex: string): Buffer =>
    Buffer.concat([Buffer.from([hex.length / 2]), Buffer.from(hex, 'hex')]);

  test.each([
    ['utf8mb4', 255, Buffer.from('a"\\\n€😀\u202e').toString('hex'), 'a"\\\n€😀\u202e'],
    ['what is no UTF-8', 255, '61ff', { base64: 'Yf8=' }],
    ['latin1, which is cp1252', 8, '80e9', '€é'],
    ['a NOPAD collation of latin1', 1032, '80e9', '€é'],
    ['sjis', 13, '835c5c', 'ソ\\'],
    ['utf16', 54, '004100e9', 'Aé'],
    ['binary, ASCII or not', 63, '6162', { base64: 'YWI=' }],
    ['no character set in the log, UTF-8', null, 'c3a9', 'é'],
    ['no character set in the log, anything else', null, 'e9', { base64: '6Q==' }],
    ['a character set that is not decoded', 10, '61', { base64: 'YQ==' }],
    ['empty', 255, '', ''],
  ])('%s', (_, collation, hex, expected) => {
    expect(written(varchar(collation), prefixed(hex))).toEqual(expected);
  });

  test('BINARY(n) has its zeros at the end', () => {
    const of = column(T.STRING, 4, { collation: 63 });
    expect(written(of, prefixed('6100'))).toEqual({ base64: Buffer.from('a\0\0\0').toString('base64') });
  });

  test('ENUM and SET show labels where the log has them', () => {
    const labels = ['x', 'y,z', '\x80'];
    const of = column(T.ENUM, 1, { labels, collation: 8 });
    expect([0, 1, 2, 3, 9].map((n) => written(of, Buffer.from([n])))).toEqual(['', 'x', 'y,z', '€', '9']);
    const set = column(T.SET, 1, { labels, collation: 8 });
    expect([0, 1, 5, 8].map((n) => written(set, Buffer.from([n])))).toEqual(['', 'x', 'x,€', '8']);
  });

  test('what a terminal would act on is written out', () => {
    const out = new JsonBytes();
    const bytes = prefixed(Buffer.from('\u009b31m\u202e').toString('hex'));
    valueWriter(varchar(255))(out, bytes, 0, bytes.length);
    expect(Buffer.concat(out.take()).toString()).toBe('"\\u009b31m\\u202e"');
  });

  test('a value longer than a block is written whole, behind what stands before it', () => {
    const out = new JsonBytes();
    const long = 'x'.repeat(700_000);
    out.string('first');
    out.string(long);
    const body = Buffer.from(`${long}é`);
    const bytes = Buffer.concat([Buffer.from([0, 0, 0, 0]), body]);
    bytes.writeUInt32LE(body.length);
    valueWriter(column(T.LONG_BLOB, 4, { collation: 255 }))(out, bytes, 0, bytes.length);
    const text = Buffer.concat(out.take()).toString();
    expect(text === `"first""${long}""${long}é"`).toBe(true);
  });
});

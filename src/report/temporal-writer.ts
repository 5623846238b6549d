// Dates and times as JSON texts, digit by digit. What is odd is left to the canonical text.
import * as T from '../binlog/column-type.ts';
import { logValue } from '../binlog/column-value.ts';
import type { LoggedColumn } from '../binlog/logged-column.ts';
import { TemporalFields } from '../binlog/temporal-fields.ts';
import type { JsonBytes } from './json-bytes.ts';
import { ascii, QUOTE, quoted, ROOM, type ValueWriter } from './quoted-value.ts';

export function date(): ValueWriter {
  return quoted((out, bytes, at) => {
    const value = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
    writeDate(out, value >> 9, (value >> 5) & 15, value & 31);
  });
}

function writeDate(out: JsonBytes, year: number, month: number, day: number): void {
  out.digits(year, year > 9999 ? 5 : 4);
  out.byte(0x2d);
  out.digits(month, 2);
  out.byte(0x2d);
  out.digits(day, 2);
}

function time(out: JsonBytes, hour: number, minute: number, second: number): void {
  out.digits(hour, 2);
  out.byte(0x3a);
  out.digits(minute, 2);
  out.byte(0x3a);
  out.digits(second, 2);
}

function moment(out: JsonBytes, fields: TemporalFields, digits: number): void {
  out.reserve(ROOM);
  out.byte(QUOTE);
  writeDate(out, fields.year, fields.month, fields.day);
  out.byte(0x20);
  time(out, fields.hour, fields.minute, fields.second);
  if (digits > 0) {
    out.byte(0x2e);
    out.digits(fields.fraction, digits);
  }
  out.byte(QUOTE);
}

export function datetime(column: LoggedColumn): ValueWriter {
  const exact = ascii(column);
  const fields = new TemporalFields();
  return (out, bytes, start, end) => {
    if (fields.datetime(bytes, start, column.meta)) moment(out, fields, column.meta);
    else exact(out, bytes, start, end);
  };
}

export function timestamp(digits: number): ValueWriter {
  const column = { type: T.TIMESTAMP2, meta: digits, unsigned: false, binary: false };
  const fields = new TemporalFields();
  return (out, bytes, start, end) => {
    if (fields.timestamp(bytes, start, digits)) moment(out, fields, digits);
    else out.string(logValue(column, bytes, start, end));
  };
}

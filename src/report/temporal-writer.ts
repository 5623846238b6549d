// Dates and times as JSON texts, digit by digit. What is odd is left to the canonical text.
import * as T from '../binlog/column-type.ts';
import { logValue } from '../binlog/column-value.ts';
import type { LoggedColumn } from '../binlog/logged-column.ts';
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

/** `digits` digits of a fraction in (digits + 1) / 2 bytes, big-endian. */
function fraction(out: JsonBytes, bytes: Buffer, start: number, digits: number): void {
  if (digits === 0) return;
  const size = (digits + 1) >> 1;
  let value = 0;
  for (let i = 0; i < size; i++) value = (value << 8) | bytes[start + i]!;
  out.byte(0x2e);
  // An odd number of digits is logged with one more.
  if (digits < 2 * size) value = (value / 10) | 0;
  out.digits(value, digits);
}

/** The most microseconds, in so many bytes: more is damage. */
const MOST = [0, 99, 9999, 999999];

function oddFraction(bytes: Buffer, start: number, digits: number): boolean {
  const size = (digits + 1) >> 1;
  let value = 0;
  for (let i = 0; i < size; i++) value = (value << 8) | bytes[start + i]!;
  return value > MOST[size]!;
}

export function datetime(column: LoggedColumn): ValueWriter {
  const digits = column.meta;
  const exact = ascii(column);
  return (out, bytes, start, end) => {
    // 1 bit of sign (set), 17 of year × 13 + month, 5 of day; 5 of hour, 6 of minute, 6 of second.
    const days = (bytes[start]! << 16) | (bytes[start + 1]! << 8) | bytes[start + 2]!;
    if (days < 0x800000 || oddFraction(bytes, start + 5, digits)) {
      exact(out, bytes, start, end);
      return;
    }
    const rest = (bytes[start + 2]! << 16) | (bytes[start + 3]! << 8) | bytes[start + 4]!;
    const months = (days & 0x7fffff) >> 6;
    const year = (months / 13) | 0;
    out.reserve(ROOM);
    out.byte(QUOTE);
    writeDate(out, year, months - year * 13, (rest >> 17) & 31);
    out.byte(0x20);
    time(out, (rest >> 12) & 31, (rest >> 6) & 63, rest & 63);
    fraction(out, bytes, start + 5, digits);
    out.byte(QUOTE);
  };
}

export function timestamp(digits: number): ValueWriter {
  // Rows that were written together have the same day.
  let lastDay = -1;
  let [year, month, day] = [0, 0, 0];
  return (out, bytes, start, end) => {
    if (oddFraction(bytes, start + 4, digits)) {
      const column = { type: T.TIMESTAMP2, meta: digits, unsigned: false, binary: false };
      out.string(logValue(column, bytes, start, end));
      return;
    }
    const seconds =
      ((bytes[start]! << 24) | (bytes[start + 1]! << 16) | (bytes[start + 2]! << 8) | bytes[start + 3]!) >>>
      0;
    const days = Math.floor(seconds / 86400);
    if (days !== lastDay) {
      const utc = new Date(days * 86_400_000);
      [year, month, day] = [utc.getUTCFullYear(), utc.getUTCMonth() + 1, utc.getUTCDate()];
      lastDay = days;
    }
    const rest = seconds - days * 86400;
    out.reserve(ROOM);
    out.byte(QUOTE);
    if (seconds === 0) writeDate(out, 0, 0, 0);
    else writeDate(out, year, month, day);
    out.byte(0x20);
    time(out, (rest / 3600) | 0, ((rest / 60) | 0) % 60, rest % 60);
    fraction(out, bytes, start + 4, digits);
    out.byte(QUOTE);
  };
}

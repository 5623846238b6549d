// One column's values as JSON: their canonical text (src/binlog/column-value.ts) for people, in Unicode. The frequent
// types are written digit by digit; for the others, and for whatever is odd, the canonical text itself is made.

import { DecodeFault } from '../binlog/byte-cursor.ts';
import * as T from '../binlog/column-type.ts';
import { logValue, numberText } from '../binlog/column-value.ts';
import type { LoggedColumn } from '../binlog/table-map.ts';
import type { JsonBytes } from './json-bytes.ts';
import { type ColumnText, columnText } from './text-decoder.ts';

/** Writes the value at `bytes[start..end)`, its length prefix included, which is of this column. */
export type ValueWriter = (out: JsonBytes, bytes: Buffer, start: number, end: number) => void;

const QUOTE = 0x22;
/** More than any value of a fixed length takes. */
const ROOM = 128;

export function valueWriter(column: LoggedColumn): ValueWriter {
  const unsigned = column.unsigned ?? false;
  switch (column.type) {
    case T.TINY:
      return unsigned ? integer((bytes, at) => bytes[at]!) : integer((bytes, at) => (bytes[at]! << 24) >> 24);
    case T.SHORT:
      return unsigned
        ? integer((bytes, at) => bytes[at]! | (bytes[at + 1]! << 8))
        : integer((bytes, at) => ((bytes[at]! << 16) | (bytes[at + 1]! << 24)) >> 16);
    case T.INT24:
      return unsigned
        ? integer((bytes, at) => bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16))
        : integer((bytes, at) => ((bytes[at]! << 8) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 24)) >> 8);
    case T.LONG:
      return unsigned ? integer((bytes, at) => low32(bytes, at) >>> 0) : integer(low32);
    case T.LONGLONG:
      return bigInteger(column, unsigned);
    case T.DATE:
    case T.NEWDATE:
      return quoted((out, bytes, at) => {
        const value = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
        date(out, value >> 9, (value >> 5) & 15, value & 31);
      });
    case T.DATETIME2:
      return datetime(column);
    case T.TIMESTAMP2:
      return timestamp(column.meta);
    case T.NEWDECIMAL:
      return decimal(column.meta >> 8, column.meta & 0xff);
    case T.ENUM:
      return enumeration(column);
    case T.SET:
      return set(column);
    case T.VARCHAR:
    case T.VAR_STRING:
    case T.STRING:
    case T.TINY_BLOB:
    case T.MEDIUM_BLOB:
    case T.LONG_BLOB:
    case T.BLOB:
      return text(column);
    case T.JSON_TYPE:
      return canonical(column, columnText(null));
    case T.GEOMETRY:
    case T.VECTOR:
    case T.VARCHAR_COMPRESSED:
    case T.BLOB_COMPRESSED:
      return canonical(column, columnText(63));
    case T.DOUBLE:
      return double();
    default:
      return ascii(column);
  }
}

/** The text of a double takes longer than all else, and most updates leave it as it was. */
function double(): ValueWriter {
  let last = Number.NaN;
  let text = '';
  return (out, bytes, start) => {
    const value = bytes.readDoubleLE(start);
    if (!Object.is(value, last) || text === '') {
      last = value;
      text = numberText(value);
    }
    out.reserve(ROOM);
    out.byte(QUOTE);
    out.ascii(text);
    out.byte(QUOTE);
  };
}

/** Types whose canonical text is digits, signs and points. */
function ascii(column: LoggedColumn): ValueWriter {
  const known = { type: column.type, meta: column.meta, unsigned: column.unsigned ?? false, binary: false };
  return (out, bytes, start, end) => {
    const value = logValue(known, bytes, start, end);
    out.reserve(value.length + 2);
    out.byte(QUOTE);
    out.ascii(value);
    out.byte(QUOTE);
  };
}

function quoted(write: (out: JsonBytes, bytes: Buffer, at: number) => void): ValueWriter {
  return (out, bytes, start) => {
    out.reserve(ROOM);
    out.byte(QUOTE);
    write(out, bytes, start);
    out.byte(QUOTE);
  };
}

function integer(read: (bytes: Buffer, at: number) => number): ValueWriter {
  return quoted((out, bytes, at) => out.int(read(bytes, at)));
}

function low32(bytes: Buffer, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/** Beyond 2^53 a number is not exact. */
function bigInteger(column: LoggedColumn, unsigned: boolean): ValueWriter {
  const exact = ascii(column);
  return (out, bytes, start, end) => {
    const high = unsigned ? low32(bytes, start + 4) >>> 0 : low32(bytes, start + 4);
    if (high >= 0x200000 || high < -0x200000) {
      exact(out, bytes, start, end);
      return;
    }
    out.reserve(ROOM);
    out.byte(QUOTE);
    out.int(high * 2 ** 32 + (low32(bytes, start) >>> 0));
    out.byte(QUOTE);
  };
}

function date(out: JsonBytes, year: number, month: number, day: number): void {
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

function datetime(column: LoggedColumn): ValueWriter {
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
    date(out, year, months - year * 13, (rest >> 17) & 31);
    out.byte(0x20);
    time(out, (rest >> 12) & 31, (rest >> 6) & 63, rest & 63);
    fraction(out, bytes, start + 5, digits);
    out.byte(QUOTE);
  };
}

function timestamp(digits: number): ValueWriter {
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
    if (seconds === 0) date(out, 0, 0, 0);
    else date(out, year, month, day);
    out.byte(0x20);
    time(out, (rest / 3600) | 0, ((rest / 60) | 0) % 60, rest % 60);
    fraction(out, bytes, start + 4, digits);
    out.byte(QUOTE);
  };
}

const BYTES_OF_DIGITS = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4];

/** As decimalText() in src/binlog/decimal-value.ts, without strings. */
function decimal(precision: number, scale: number): ValueWriter {
  const groups: number[] = [];
  const limits: number[] = [];
  const whole = precision - scale;
  if (whole % 9 > 0) groups.push(whole % 9);
  for (let i = 0; i < Math.floor(whole / 9); i++) groups.push(9);
  const wholeGroups = groups.length;
  for (let i = 0; i < Math.floor(scale / 9); i++) groups.push(9);
  if (scale % 9 > 0) groups.push(scale % 9);
  for (const digits of groups) limits.push(10 ** digits);
  return quoted((out, bytes, start) => {
    let at = start;
    const flip = (bytes[at]! & 0x80) === 0 ? 0xff : 0;
    if (flip !== 0) out.byte(0x2d);
    let shown = false;
    for (let i = 0; i < groups.length; i++) {
      const digits = groups[i]!;
      let value = 0;
      for (let size = BYTES_OF_DIGITS[digits]!; size > 0; size--) {
        const byte = bytes[at]! ^ flip ^ (at === start ? 0x80 : 0);
        value = value * 256 + byte;
        at += 1;
      }
      if (value >= limits[i]!) throw new DecodeFault(`a DECIMAL with ${value} in ${digits} digits`);
      if (i >= wholeGroups) {
        if (i === wholeGroups) {
          if (!shown) out.byte(0x30);
          out.byte(0x2e);
          shown = true;
        }
        out.digits(value, digits);
      } else if (shown) out.digits(value, digits);
      else if (value > 0) {
        out.uint(value);
        shown = true;
      }
    }
    if (!shown) out.byte(0x30);
  });
}

/** The label where the log has it; else the number, which is all that the row holds. */
function enumeration(column: LoggedColumn): ValueWriter {
  const { labels, meta, collation } = column;
  const texts = labels?.map((label) => labelText(label, collation));
  return (out, bytes, start) => {
    const number = meta === 1 ? bytes[start]! : bytes[start]! | (bytes[start + 1]! << 8);
    const label = number === 0 ? '' : texts?.[number - 1];
    if (texts !== undefined && label !== undefined) {
      out.string(label);
      return;
    }
    out.reserve(ROOM);
    out.byte(QUOTE);
    out.uint(number);
    out.byte(QUOTE);
  };
}

function set(column: LoggedColumn): ValueWriter {
  const { labels, meta, collation } = column;
  const exact = ascii(column);
  if (labels === null) return exact;
  const texts = labels.map((label) => labelText(label, collation));
  return (out, bytes, start, end) => {
    const chosen: string[] = [];
    for (let i = 0; i < meta * 8; i++) {
      if (((bytes[start + (i >> 3)]! >> (i & 7)) & 1) === 0) continue;
      const label = texts[i];
      if (label === undefined) {
        exact(out, bytes, start, end);
        return;
      }
      chosen.push(label);
    }
    out.string(chosen.join(','));
  };
}

function labelText(label: string, collation: number | null): string {
  return columnText(collation).decode(Buffer.from(label, 'latin1')) ?? label;
}

function text(column: LoggedColumn): ValueWriter {
  const prefix =
    column.type === T.VARCHAR || column.type === T.VAR_STRING || column.type === T.STRING
      ? column.meta > 255
        ? 2
        : 1
      : column.meta;
  const kind = columnText(column.collation);
  const exact = canonical(column, kind);
  if (!kind.ascii) return exact;
  return (out, bytes, start, end) => {
    if (!out.plain(bytes, start + prefix, end)) exact(out, bytes, start, end);
  };
}

/** What is no text in its column's character set, and what is binary, is base64. */
function canonical(column: LoggedColumn, kind: ColumnText): ValueWriter {
  const { type, meta, collation } = column;
  const known = { type, meta, unsigned: false, binary: collation === 63 };
  // BINARY(n) has all its n bytes, of which the log leaves out zeros at the end.
  const padded = type === T.STRING && collation === 63 ? meta : 0;
  return (out, bytes, start, end) => {
    const value = Buffer.from(logValue(known, bytes, start, end).padEnd(padded, '\0'), 'latin1');
    const decoded = kind.decode(value);
    if (decoded !== null) out.string(decoded);
    else out.text(`{"base64":"${value.toString('base64')}"}`);
  };
}

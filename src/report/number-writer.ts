// Numbers as JSON texts, digit by digit.
import { DecodeFault } from '../binlog/byte-cursor.ts';
import { numberText } from '../binlog/column-value.ts';
import type { LoggedColumn } from '../binlog/logged-column.ts';
import { ascii, QUOTE, quoted, ROOM, type ValueWriter } from './quoted-value.ts';

/** The text of a double takes longer than all else, and most updates leave it as it was. */
export function double(): ValueWriter {
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

export function integer(read: (bytes: Buffer, at: number) => number): ValueWriter {
  return quoted((out, bytes, at) => out.int(read(bytes, at)));
}

export function low32(bytes: Buffer, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/** Beyond 2^53 a number is not exact. */
export function bigInteger(column: LoggedColumn, unsigned: boolean): ValueWriter {
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

const BYTES_OF_DIGITS = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4];

/** As decimalText() in src/binlog/decimal-value.ts, without strings. */
export function decimal(precision: number, scale: number): ValueWriter {
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

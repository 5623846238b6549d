// Whether a value in the log is the one that a server answered, without making the texts of both: what they are is said by
// src/binlog/column-value.ts.
import { storedLength } from './column-length.ts';
import * as T from './column-type.ts';
import { logValue, serverValue, type ValueColumn } from './column-value.ts';
import { decimalNumber } from './decimal-value.ts';

/** Types whose canonical text is the stored bytes behind their length. */
const TEXT_TYPES = new Set([
  T.VARCHAR,
  T.VAR_STRING,
  T.STRING,
  T.TINY_BLOB,
  T.MEDIUM_BLOB,
  T.LONG_BLOB,
  T.BLOB,
]);

/** Whether the value's canonical text is its stored bytes, behind their length. */
export function isStoredAsText({ type, binary }: ValueColumn): boolean {
  return TEXT_TYPES.has(type) && !(type === T.STRING && binary);
}

/**
 * Where logValue(column, bytes, start, end) is serverValue(answered, answer), of all that a server answers. The answer is
 * answer[answerStart..answerEnd); `answered`: what serverValue() has to know of the column. Throws DecodeFault as
 * logValue() does.
 */
export function isAnswered(
  column: ValueColumn,
  bytes: Buffer,
  start: number,
  end: number,
  answered: ValueColumn,
  answer: Buffer,
  answerStart: number,
  answerEnd: number,
): boolean {
  const { type, meta } = column;
  const scale = type === T.NEWDECIMAL ? meta & 0xff : 0;
  const number =
    type === T.NEWDECIMAL
      ? decimalNumber(bytes, start, meta >> 8, scale)
      : integerValue(column, bytes, start);
  if (number !== null) {
    const read = digits(answer, answerStart, answerEnd, scale);
    if (read !== null) return read === number;
  } else if (type === T.DOUBLE) {
    return Object.is(bytes.readDoubleLE(start), Number(answer.toString('latin1', answerStart, answerEnd)));
  } else if (isStoredAsText(column) && isAsItIs(answered)) {
    const from = start - storedLength(type, meta, 'mysql');
    return sameBytes(bytes, from, end, answer, answerStart, answerEnd);
  }
  return (
    logValue(column, bytes, start, end) ===
    serverValue(answered, answer.toString('latin1', answerStart, answerEnd))
  );
}

/** null for what is no integer, or too large for a number. */
export function integerValue({ type, unsigned }: ValueColumn, bytes: Buffer, start: number): number | null {
  switch (type) {
    case T.TINY:
      return unsigned ? bytes.readUInt8(start) : bytes.readInt8(start);
    case T.SHORT:
      return unsigned ? bytes.readUInt16LE(start) : bytes.readInt16LE(start);
    case T.LONG:
      return unsigned ? bytes.readUInt32LE(start) : bytes.readInt32LE(start);
    case T.LONGLONG: {
      const high = unsigned ? bytes.readUInt32LE(start + 4) : bytes.readInt32LE(start + 4);
      const value = high * 0x100000000 + bytes.readUInt32LE(start);
      return Number.isSafeInteger(value) ? value : null;
    }
    default:
      return null;
  }
}

const NUMBERS = new Set([T.TINY, T.SHORT, T.INT24, T.LONG, T.LONGLONG, T.FLOAT, T.DOUBLE, T.NEWDECIMAL]);

/** Whether serverValue() leaves every answer as it is. */
function isAsItIs({ type, binary }: ValueColumn): boolean {
  return !NUMBERS.has(type) && !(type === T.STRING && binary);
}

const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
/** Of so many a number is exact. */
const MOST_DIGITS = 15;

/**
 * A number without its point, behind which there are `scale` digits. null for what is not one of a few digits; ZEROFILL's
 * zeros in front do not count. -0 is not one.
 */
function digits(text: Buffer, start: number, end: number, scale: number): number | null {
  const isNegative = text[start] === MINUS;
  let at = isNegative ? start + 1 : start;
  const point = scale === 0 ? -1 : end - scale - 1;
  if (at >= end || end - start > MOST_DIGITS || (scale > 0 && point < at)) return null;
  let value = 0;
  for (; at < end; at++) {
    if (at === point) {
      if (text[at] !== POINT) return null;
      continue;
    }
    const digit = text[at]! - ZERO;
    if (digit < 0 || digit > 9) return null;
    value = value * 10 + digit;
  }
  if (!isNegative) return value;
  return value === 0 ? null : -value;
}

/** Of fewer bytes, a loop is faster than the call. */
const FEW_BYTES = 24;

function sameBytes(
  bytes: Buffer,
  from: number,
  end: number,
  answer: Buffer,
  start: number,
  answerEnd: number,
): boolean {
  const length = answerEnd - start;
  if (end - from !== length) return false;
  if (length > FEW_BYTES) return bytes.compare(answer, start, answerEnd, from, end) === 0;
  for (let i = 0; i < length; i++) if (bytes[from + i] !== answer[start + i]) return false;
  return true;
}

// Whether a value in the log is the one that a server answered, without making the texts of both: what they are is said by
// column-value.ts.

import { isAnsweredTime } from './answered-time.ts';
import { storedLength } from './column-length.ts';
import * as T from './column-type.ts';
import { logValue, serverValue, type ValueColumn } from './column-value.ts';
import { decimalNumber, MOST_DIGITS } from './decimal-value.ts';
import { sameBytes } from './same-bytes.ts';
import { integerValue, isStoredAsText } from './stored-value.ts';
import { TemporalFields } from './temporal-fields.ts';

const time = new TemporalFields();

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
  } else if (type === T.DATETIME2) {
    if (time.datetime(bytes, start, meta) && isAnsweredTime(time, meta, answer, answerStart, answerEnd))
      return true;
  } else if (type === T.TIMESTAMP2) {
    if (time.timestamp(bytes, start, meta) && isAnsweredTime(time, meta, answer, answerStart, answerEnd))
      return true;
  } else if (isStoredAsText(column) && isAsItIs(answered)) {
    const from = start - storedLength(type, meta, 'mysql');
    return end - from === answerEnd - answerStart && sameBytes(bytes, from, end, answer, answerStart);
  }
  return (
    logValue(column, bytes, start, end) ===
    serverValue(answered, answer.toString('latin1', answerStart, answerEnd))
  );
}

const NUMBERS = new Set([T.TINY, T.SHORT, T.INT24, T.LONG, T.LONGLONG, T.FLOAT, T.DOUBLE, T.NEWDECIMAL]);

/** Whether serverValue() leaves every answer as it is. */
function isAsItIs({ type, binary }: ValueColumn): boolean {
  return !NUMBERS.has(type) && !(type === T.STRING && binary);
}

const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;

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

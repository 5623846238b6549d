// Whether a DATETIME or TIMESTAMP in the log is the one that a server answered, digit by digit: making the texts of both was a
// third of the work of comparing rows. Says yes, or that their texts have to be compared; never says no.
import { fractionLength } from './column-length.ts';

const DASH = 0x2d;
const SPACE = 0x20;
const COLON = 0x3a;
const POINT = 0x2e;
const ZERO = 0x30;
/** YYYY-MM-DD hh:mm:ss */
const WHOLE = 19;
/** The stored fraction has two digits a byte: one that has more is damage. */
const MOST_FRACTION = [0, 99, 9999, 999999];

/** `digits`: of the fraction. The answer is answer[from..end). */
export function isAnsweredDatetime(
  bytes: Buffer,
  start: number,
  digits: number,
  answer: Buffer,
  from: number,
  end: number,
): boolean {
  // 1 bit of sign (set), 17 of year × 13 + month, 5 of day; 5 of hour, 6 of minute, 6 of second.
  const high = (bytes[start]! << 16) | (bytes[start + 1]! << 8) | bytes[start + 2]!;
  if (high < 0x800000) return false;
  const low = (bytes[start + 2]! << 16) | (bytes[start + 3]! << 8) | bytes[start + 4]!;
  const months = (high & 0x7fffff) >> 6;
  const year = (months / 13) | 0;
  return (
    isDate(answer, from, year, months - year * 13, (low >> 17) & 31) &&
    isTime(answer, from, (low >> 12) & 31, (low >> 6) & 63, low & 63) &&
    isFraction(bytes, start + 5, digits, answer, from, end)
  );
}

/** Neighbouring rows were mostly written on one day. */
const last = { day: -1, year: 0, month: 0, date: 0 };

export function isAnsweredTimestamp(
  bytes: Buffer,
  start: number,
  digits: number,
  answer: Buffer,
  from: number,
  end: number,
): boolean {
  const seconds = bytes.readUInt32BE(start);
  // The zero date.
  if (seconds === 0) return false;
  const day = Math.floor(seconds / 86_400);
  if (day !== last.day) {
    const utc = new Date(day * 86_400_000);
    last.day = day;
    last.year = utc.getUTCFullYear();
    last.month = utc.getUTCMonth() + 1;
    last.date = utc.getUTCDate();
  }
  const rest = seconds - day * 86_400;
  return (
    isDate(answer, from, last.year, last.month, last.date) &&
    isTime(answer, from, (rest / 3600) | 0, ((rest / 60) | 0) % 60, rest % 60) &&
    isFraction(bytes, start + 4, digits, answer, from, end)
  );
}

function isDate(answer: Buffer, from: number, year: number, month: number, day: number): boolean {
  return (
    year < 10_000 &&
    areDigits(answer, from, 4, year) &&
    answer[from + 4] === DASH &&
    areDigits(answer, from + 5, 2, month) &&
    answer[from + 7] === DASH &&
    areDigits(answer, from + 8, 2, day)
  );
}

function isTime(answer: Buffer, from: number, hour: number, minute: number, second: number): boolean {
  return (
    answer[from + 10] === SPACE &&
    areDigits(answer, from + 11, 2, hour) &&
    answer[from + 13] === COLON &&
    areDigits(answer, from + 14, 2, minute) &&
    answer[from + 16] === COLON &&
    areDigits(answer, from + 17, 2, second)
  );
}

function isFraction(
  bytes: Buffer,
  start: number,
  digits: number,
  answer: Buffer,
  from: number,
  end: number,
): boolean {
  if (digits === 0) return end - from === WHOLE;
  const size = fractionLength(digits);
  let value = 0;
  for (let i = 0; i < size; i++) value = (value << 8) | bytes[start + i]!;
  if (value > MOST_FRACTION[size]!) return false;
  // An odd number of digits is stored with one more.
  if (digits < 2 * size) value = (value / 10) | 0;
  const point = from + WHOLE;
  return end - point === 1 + digits && answer[point] === POINT && areDigits(answer, point + 1, digits, value);
}

/** Whether they are the number's, zeros in front. */
function areDigits(text: Buffer, start: number, count: number, number: number): boolean {
  let rest = number;
  for (let at = start + count - 1; at >= start; at--) {
    const tens = (rest / 10) | 0;
    if (text[at] !== ZERO + (rest - tens * 10)) return false;
    rest = tens;
  }
  return rest === 0;
}

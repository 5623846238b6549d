// Whether a DATETIME or TIMESTAMP is the one that a server answered, digit by digit: making the texts of both was a third of the
// work of comparing rows. Says yes, or that their texts have to be compared; never says no.
import type { TemporalFields } from './temporal-fields.ts';

const DASH = 0x2d;
const SPACE = 0x20;
const COLON = 0x3a;
const POINT = 0x2e;
const ZERO = 0x30;
/** YYYY-MM-DD hh:mm:ss */
const WHOLE = 19;

/** The answer is answer[from..end); `digits`: of the fraction. */
export function isAnsweredTime(
  { year, month, day, hour, minute, second, fraction }: TemporalFields,
  digits: number,
  answer: Buffer,
  from: number,
  end: number,
): boolean {
  return (
    end - from === (digits === 0 ? WHOLE : WHOLE + 1 + digits) &&
    areDigits(answer, from, 4, year) &&
    answer[from + 4] === DASH &&
    areDigits(answer, from + 5, 2, month) &&
    answer[from + 7] === DASH &&
    areDigits(answer, from + 8, 2, day) &&
    answer[from + 10] === SPACE &&
    areDigits(answer, from + 11, 2, hour) &&
    answer[from + 13] === COLON &&
    areDigits(answer, from + 14, 2, minute) &&
    answer[from + 16] === COLON &&
    areDigits(answer, from + 17, 2, second) &&
    (digits === 0 ||
      (answer[from + WHOLE] === POINT && areDigits(answer, from + WHOLE + 1, digits, fraction)))
  );
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

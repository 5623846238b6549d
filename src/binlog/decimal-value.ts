// DECIMAL between its stored bytes and the text that the server prints, to all 65 digits. The value never goes through a
// number: only nine digits of it at a time do.
import { decimalLength } from './column-length.ts';

const bytesOfDigits = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4];

/**
 * Nine digits in 4 bytes big-endian, the digits left over at either end in fewer. The first bit is the sign, inverted;
 * a negative number has all its bits inverted. The caller has checked that decimalLength() bytes are there.
 */
export function decimalText(bytes: Buffer, start: number, precision: number, scale: number): string {
  let whole = '';
  let fraction = '';
  const negative = eachGroup(bytes, start, precision, scale, (value, digits, isWhole) => {
    const text = String(value).padStart(digits, '0');
    if (isWhole) whole += text;
    else fraction += text;
  });
  const text = whole.replace(/^0+/, '') || '0';
  const unsigned = scale === 0 ? text : `${text}.${fraction}`;
  return negative ? `-${unsigned}` : unsigned;
}

/** Of so many digits a number is exact. */
export const MOST_DIGITS = 15;

/** The value without its point (times 10 to the scale); null where no number holds it exactly, and for a negative 0. */
export function decimalNumber(bytes: Buffer, start: number, precision: number, scale: number): number | null {
  if (precision > MOST_DIGITS) return null;
  let value = 0;
  const negative = eachGroup(bytes, start, precision, scale, (part, digits) => {
    value = value * 10 ** digits + part;
  });
  if (!negative) return value;
  return value === 0 ? null : -value;
}

/** Of up to nine digits each, from the highest on; returns whether the value is negative. */
function eachGroup(
  bytes: Buffer,
  start: number,
  precision: number,
  scale: number,
  take: (value: number, digits: number, isWhole: boolean) => void,
): boolean {
  const negative = (bytes[start]! & 0x80) === 0;
  const flip = negative ? 0xff : 0;
  let position = start;
  const read = (digits: number, isWhole: boolean): void => {
    const size = digits === 9 ? 4 : bytesOfDigits[digits]!;
    let value = 0;
    for (let i = 0; i < size; i++, position++)
      value = value * 256 + (bytes[position]! ^ flip ^ (position === start ? 0x80 : 0));
    take(value, digits, isWhole);
  };
  const wholeDigits = precision - scale;
  if (wholeDigits % 9 > 0) read(wholeDigits % 9, true);
  for (let i = wholeDigits % 9; i < wholeDigits; i += 9) read(9, true);
  for (let i = 9; i <= scale; i += 9) read(9, false);
  if (scale % 9 > 0) read(scale % 9, false);
  return negative;
}

/** The inverse of decimalText(): null where the text has other digits than the column. */
export function decimalBytes(text: string, precision: number, scale: number): Buffer | null {
  const wholeDigits = precision - scale;
  const parts = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (parts === null) return null;
  const [, sign, wholeText, fraction = ''] = parts;
  const whole = wholeText!.replace(/^0+/, '').padStart(wholeDigits, '0');
  if (whole.length !== wholeDigits || fraction.length !== scale) return null;
  const stored = Buffer.alloc(decimalLength(precision, scale));
  const digits = whole + fraction;
  let position = 0;
  let at = 0;
  const write = (count: number): void => {
    const size = count === 9 ? 4 : bytesOfDigits[count]!;
    if (size > 0) stored.writeUIntBE(Number(digits.slice(at, at + count)), position, size);
    position += size;
    at += count;
  };
  write(wholeDigits % 9);
  while (at < wholeDigits) write(9);
  while (precision - at >= 9) write(9);
  write(precision - at);
  stored[0]! ^= 0x80;
  if (sign === '-') for (let i = 0; i < stored.length; i++) stored[i]! ^= 0xff;
  return stored;
}

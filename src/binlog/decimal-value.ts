// DECIMAL between its stored bytes and the text that the server prints, to all 65 digits. The value never goes through a
// number: only nine digits of it at a time do.
import { decimalLength } from './column-length.ts';

const bytesOfDigits = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4];

/**
 * Nine digits in 4 bytes big-endian, the digits left over at either end in fewer. The first bit is the sign, inverted;
 * a negative number has all its bits inverted. The caller has checked that decimalLength() bytes are there.
 */
export function decimalText(bytes: Buffer, start: number, precision: number, scale: number): string {
  const negative = (bytes[start]! & 0x80) === 0;
  const flip = negative ? 0xff : 0;
  const wholeDigits = precision - scale;
  let position = start;
  let first = true;
  const group = (digits: number): string => {
    const size = digits === 9 ? 4 : bytesOfDigits[digits]!;
    let value = 0;
    for (let i = 0; i < size; i++) {
      let byte = bytes[position++]! ^ flip;
      if (first) {
        byte ^= 0x80;
        first = false;
      }
      value = value * 256 + byte;
    }
    return String(value).padStart(digits, '0');
  };
  let whole = '';
  if (wholeDigits % 9 > 0) whole += group(wholeDigits % 9);
  for (let i = 0; i < Math.floor(wholeDigits / 9); i++) whole += group(9);
  let fraction = '';
  for (let i = 0; i < Math.floor(scale / 9); i++) fraction += group(9);
  if (scale % 9 > 0) fraction += group(scale % 9);
  const text = whole.replace(/^0+/, '') || '0';
  const unsigned = scale === 0 ? text : `${text}.${fraction}`;
  return negative ? `-${unsigned}` : unsigned;
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

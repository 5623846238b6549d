// A double inside JSON as MySQL prints it: the shortest digits that read back the same, in its own choice between plain
// and exponent form, and never like an integer.

/** MySQL writes the exponent form from here on (its dtoa's DBL_DIG). */
const PLAIN_DIGITS = 15;

export function jsonDoubleText(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  const [, sign, first, rest = '', exponent] = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(
    value.toExponential(),
  )!;
  const digits = first! + rest;
  const power = Number(exponent);
  return sign! + shape(digits, power);
}

function shape(digits: string, power: number): string {
  // A whole number of 16 digits is written with an exponent, one of 16 digits and a fraction is not.
  const whole = digits.length <= power + 1;
  if (power < -PLAIN_DIGITS || (whole && power > PLAIN_DIGITS - 1)) {
    const mantissa = digits.length === 1 ? digits : `${digits[0]}.${digits.slice(1)}`;
    return `${mantissa}e${power}`;
  }
  if (power < 0) return `0.${'0'.repeat(-power - 1)}${digits}`;
  if (whole) return `${digits.padEnd(power + 1, '0')}.0`;
  return `${digits.slice(0, power + 1)}.${digits.slice(power + 1)}`;
}

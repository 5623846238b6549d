// A stored DATETIME or TIMESTAMP as numbers, for whoever writes or compares it digit by digit. What is odd has no fields: its text
// is said by temporal-value.ts alone.
import { fractionLength } from './column-length.ts';

/** Used again and again: of a long log they are asked for some million times. */
export class TemporalFields {
  year = 0;
  month = 0;
  day = 0;
  hour = 0;
  minute = 0;
  second = 0;
  /** As a number of `digits` digits. */
  fraction = 0;
  /** Neighbouring rows were mostly written on one day. */
  #lastDay = -1;
  readonly #date = { year: 0, month: 0, day: 0 };

  /** False: it is odd. `digits`: of the fraction. */
  datetime(bytes: Buffer, start: number, digits: number): boolean {
    // 1 bit of sign (set), 17 of year × 13 + month, 5 of day; 5 of hour, 6 of minute, 6 of second.
    const high = (bytes[start]! << 16) | (bytes[start + 1]! << 8) | bytes[start + 2]!;
    if (high < 0x800000) return false;
    const low = (bytes[start + 2]! << 16) | (bytes[start + 3]! << 8) | bytes[start + 4]!;
    const months = (high & 0x7fffff) >> 6;
    this.year = (months / 13) | 0;
    this.month = months - this.year * 13;
    this.day = (low >> 17) & 31;
    this.hour = (low >> 12) & 31;
    this.minute = (low >> 6) & 63;
    this.second = low & 63;
    return this.#readFraction(bytes, start + 5, digits);
  }

  /** The same; in UTC. */
  timestamp(bytes: Buffer, start: number, digits: number): boolean {
    const seconds =
      ((bytes[start]! << 24) | (bytes[start + 1]! << 16) | (bytes[start + 2]! << 8) | bytes[start + 3]!) >>>
      0;
    const days = Math.floor(seconds / 86_400);
    this.#readDay(days);
    const rest = seconds - days * 86_400;
    // 0 is the zero date.
    this.year = seconds === 0 ? 0 : this.#date.year;
    this.month = seconds === 0 ? 0 : this.#date.month;
    this.day = seconds === 0 ? 0 : this.#date.day;
    this.hour = (rest / 3600) | 0;
    this.minute = ((rest / 60) | 0) % 60;
    this.second = rest % 60;
    return this.#readFraction(bytes, start + 4, digits);
  }

  #readDay(days: number): void {
    if (days === this.#lastDay) return;
    const utc = new Date(days * 86_400_000);
    this.#lastDay = days;
    this.#date.year = utc.getUTCFullYear();
    this.#date.month = utc.getUTCMonth() + 1;
    this.#date.day = utc.getUTCDate();
  }

  /** Two digits a byte, big-endian; an odd number of digits is logged with one more. */
  #readFraction(bytes: Buffer, start: number, digits: number): boolean {
    const size = fractionLength(digits);
    let value = 0;
    for (let i = 0; i < size; i++) value = (value << 8) | bytes[start + i]!;
    this.fraction = digits < 2 * size ? (value / 10) | 0 : value;
    // More than so many digits is damage.
    return value <= MOST[size]!;
  }
}

const MOST = [0, 99, 9999, 999999];

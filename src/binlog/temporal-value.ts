// DATE, TIME, DATETIME, TIMESTAMP and YEAR as the server prints them, TIMESTAMP in UTC. Never makes a Date: zero dates
// and times of 838 hours are values like any other.
import { DecodeFault } from './byte-cursor.ts';
import { fractionLength } from './column-length.ts';

export function dateText(bytes: Buffer, start: number): string {
  const value = bytes.readUIntLE(start, 3);
  return ymd(value >> 9, (value >> 5) & 15, value & 31);
}

export function yearText(value: number): string {
  return value === 0 ? '0000' : String(1900 + value);
}

/** Seconds since 1970, big-endian, then the fraction. 0 is the zero date. */
export function timestampText(bytes: Buffer, start: number, digits: number): string {
  const seconds = bytes.readUInt32BE(start);
  return `${secondsText(seconds)}${fractionText(readFraction(bytes, start + 4, digits), digits)}`;
}

export function oldTimestampText(bytes: Buffer, start: number): string {
  return secondsText(bytes.readUInt32LE(start));
}

/** 5 bytes big-endian: sign, year × 13 + month (17 bits), day 5, hour 5, minute 6, second 6; then the fraction. */
export function datetimeText(bytes: Buffer, start: number, digits: number): string {
  const packed = bytes.readUIntBE(start, 5) - 0x8000000000;
  if (packed < 0) throw new DecodeFault('a negative DATETIME');
  const months = Math.floor(packed / 2 ** 22);
  const rest = packed % 2 ** 22;
  const date = ymd(Math.floor(months / 13), months % 13, (rest >> 17) & 31);
  const time = hms((rest >> 12) & 31, (rest >> 6) & 63, rest & 63);
  return `${date} ${time}${fractionText(readFraction(bytes, start + 5, digits), digits)}`;
}

/** 8 bytes: YYYYMMDDhhmmss as a number. */
export function oldDatetimeText(bytes: Buffer, start: number): string {
  const value = Number(bytes.readBigUInt64LE(start));
  const [date, time] = [Math.floor(value / 1e6), value % 1e6];
  return `${ymd(Math.floor(date / 1e4), Math.floor(date / 100) % 100, date % 100)} ${oldHms(time)}`;
}

/** 3 bytes big-endian, offset by 0x800000: hour 10 bits, minute 6, second 6; then the fraction, counted from below. */
export function timeText(bytes: Buffer, start: number, digits: number): string {
  const size = fractionLength(digits);
  const whole = bytes.readUIntBE(start, 3) - 0x800000;
  const unit = 256 ** size;
  const packed = whole * unit + (size === 0 ? 0 : bytes.readUIntBE(start + 3, size));
  const value = Math.abs(packed);
  const integer = Math.floor(value / unit);
  const fraction = (value % unit) * 10 ** (6 - 2 * size);
  const text = `${hms((integer >> 12) & 0x3ff, (integer >> 6) & 63, integer & 63)}${fractionText(fraction, digits)}`;
  return packed < 0 ? `-${text}` : text;
}

/** 3 bytes: hhmmss as a signed number. */
export function oldTimeText(bytes: Buffer, start: number): string {
  const value = bytes.readIntLE(start, 3);
  return value < 0 ? `-${oldHms(-value)}` : oldHms(value);
}

/** JSON's own form of a date or time: 24 bits of microseconds under the same packing as DATETIME's and TIME's. */
export function packedDatetimeText(packed: bigint, kind: 'date' | 'datetime' | 'time'): string {
  const negative = packed < 0n;
  const value = negative ? -packed : packed;
  const micros = Number(value & 0xffffffn);
  const whole = Number(value >> 24n);
  const time = `${hms(Math.floor(whole / 4096) % (kind === 'time' ? 1024 : 32), (whole >> 6) & 63, whole & 63)}.${String(micros).padStart(6, '0')}`;
  if (kind === 'time') return negative ? `-${time}` : time;
  const days = Math.floor(whole / 2 ** 17);
  const months = Math.floor(days / 32);
  const date = ymd(Math.floor(months / 13), months % 13, days % 32);
  return kind === 'date' ? date : `${date} ${time}`;
}

/** Microseconds. */
function readFraction(bytes: Buffer, start: number, digits: number): number {
  const size = fractionLength(digits);
  return size === 0 ? 0 : bytes.readUIntBE(start, size) * 10 ** (6 - 2 * size);
}

function fractionText(micros: number, digits: number): string {
  return digits === 0 ? '' : `.${String(micros).padStart(6, '0').slice(0, digits)}`;
}

/** Neighbouring rows were mostly written on one day. */
let last = { day: -1, text: '' };

function secondsText(seconds: number): string {
  if (seconds === 0) return '0000-00-00 00:00:00';
  const day = Math.floor(seconds / 86_400);
  if (day !== last.day) last = { day, text: new Date(day * 86_400_000).toISOString().slice(0, 10) };
  const rest = seconds - day * 86_400;
  return `${last.text} ${hms(Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60)}`;
}

function ymd(year: number, month: number, day: number): string {
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
}

function hms(hour: number, minute: number, second: number): string {
  return `${two(hour)}:${two(minute)}:${two(second)}`;
}

function oldHms(value: number): string {
  return hms(Math.floor(value / 1e4), Math.floor(value / 100) % 100, value % 100);
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

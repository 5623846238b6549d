// DATE, TIME, DATETIME and TIMESTAMP from their canonical text to the bytes of a row image: the inverse of
// temporal-value.ts. Never makes a Date: zero dates and times of 838 hours are values like any other.
import { fractionLength } from './column-length.ts';

/** Every function answers null for a text that is no value of its type with so many fractional digits. */
export function dateBytes(text: string): Buffer | null {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts[1]! > 12 || parts[2]! > 31) return null;
  const stored = Buffer.alloc(3);
  stored.writeUIntLE(parts[0]! * 512 + parts[1]! * 32 + parts[2]!, 0, 3);
  return stored;
}

export function datetimeBytes(text: string, digits: number): Buffer | null {
  const found = parseDatetime(text, digits);
  if (found === null) return null;
  const [year, month, day, hour, minute, second] = found.fields;
  const stored = Buffer.alloc(5 + found.fraction.length);
  const low = (day << 17) | (hour << 12) | (minute << 6) | second;
  stored.writeUIntBE(0x8000000000 + (year * 13 + month) * 2 ** 22 + low, 0, 5);
  found.fraction.copy(stored, 5);
  return stored;
}

export function timestampBytes(text: string, digits: number): Buffer | null {
  const found = parseDatetime(text, digits);
  if (found === null) return null;
  const [year, month, day, hour, minute, second] = found.fields;
  const isZero = found.fields.every((field) => field === 0);
  const seconds = isZero ? 0 : Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
  // A day that its month has not would come out as another one; second 0 of 1970 is what the zero date is stored as.
  if (!isZero && (new Date(seconds * 1000).getUTCDate() !== day || seconds < 1 || seconds > 0xffffffff)) {
    return null;
  }
  const stored = Buffer.alloc(4 + found.fraction.length);
  stored.writeUInt32BE(seconds, 0);
  found.fraction.copy(stored, 4);
  return stored;
}

export function timeBytes(text: string, digits: number): Buffer | null {
  const parts = /^(-?)(\d{2,3}):([0-5]\d):([0-5]\d)(?:\.(\d+))?$/.exec(text);
  const fraction = fractionBytes(parts?.[5] ?? '', digits);
  if (parts === null || fraction === null || Number(parts[2]) > 0x3ff) return null;
  const unit = 256 ** fraction.length;
  const whole = Number(parts[2]) * 4096 + Number(parts[3]) * 64 + Number(parts[4]);
  const magnitude = whole * unit + (fraction.length === 0 ? 0 : fraction.readUIntBE(0, fraction.length));
  const packed = parts[1] === '-' ? -magnitude : magnitude;
  const stored = Buffer.alloc(3 + fraction.length);
  stored.writeUIntBE(0x800000 * unit + packed, 0, stored.length);
  return stored;
}

/** Little-endian, without fraction. */
export function oldTimestampBytes(text: string): Buffer | null {
  return timestampBytes(text, 0)?.reverse() ?? null;
}

/** 8 bytes: YYYYMMDDhhmmss as a number. */
export function oldDatetimeBytes(text: string): Buffer | null {
  if (parseDatetime(text, 0) === null) return null;
  const stored = Buffer.alloc(8);
  stored.writeBigUInt64LE(BigInt(text.replace(/\D/g, '')));
  return stored;
}

/** 3 bytes: hhmmss as a signed number. */
export function oldTimeBytes(text: string): Buffer | null {
  if (timeBytes(text, 0) === null) return null;
  const stored = Buffer.alloc(3);
  stored.writeIntLE(Number(text.replaceAll(':', '')), 0, 3);
  return stored;
}

interface Datetime {
  fields: [number, number, number, number, number, number];
  fraction: Buffer;
}

function parseDatetime(text: string, digits: number): Datetime | null {
  const parts = /^(\d{4})-(\d\d)-(\d\d) (\d\d):([0-5]\d):([0-5]\d)(?:\.(\d+))?$/.exec(text);
  const fraction = fractionBytes(parts?.[7] ?? '', digits);
  if (parts === null || fraction === null) return null;
  const fields = parts.slice(1, 7).map(Number) as Datetime['fields'];
  return fields[1] > 12 || fields[2] > 31 || fields[3] > 23 ? null : { fields, fraction };
}

/** Two digits a byte, big-endian as a whole: 3 digits are stored as 4. */
function fractionBytes(text: string, digits: number): Buffer | null {
  if (text.length !== digits) return null;
  const size = fractionLength(digits);
  const stored = Buffer.alloc(size);
  if (size > 0) stored.writeUIntBE(Number(text.padEnd(2 * size, '0')), 0, size);
  return stored;
}

// A column's canonical value as JSON for people and programs. For showing only: nothing compares or replays what it returns.
import type { ColumnDefinition } from '../server/catalogue.ts';
import { declaredLength } from '../server/column-sql.ts';
import { addressText, uuidText } from './address-text.ts';
import { geometryText } from './geometry-text.ts';
import type { DisplayedRow, JsonValue } from './plan.ts';

type Column = Pick<ColumnDefinition, 'name' | 'dataType' | 'columnType' | 'charset' | 'labels'>;

export function displayRow(columns: readonly Column[], values: readonly (string | null)[]): DisplayedRow {
  return Object.fromEntries(
    columns.map((column, i) => [column.name, displayValue(column, values[i] ?? null)]),
  );
}

/**
 * Integers beyond 2^53 and decimals as strings, binary as `{"base64"}`, temporal values as MySQL writes them, geometries
 * as EWKT, vectors as their numbers.
 */
export function displayValue(column: Column, value: string | null): JsonValue {
  if (value === null) return null;
  switch (column.dataType) {
    case 'tinyint':
    case 'smallint':
    case 'mediumint':
    case 'int':
    case 'bigint':
    case 'bit':
    case 'year':
    case 'float':
    case 'double': {
      const number = Number(value);
      // A number that JSON can't carry exactly is shown as the text it is.
      return String(number) === value && !Object.is(number, -0) && Math.abs(number) <= Number.MAX_SAFE_INTEGER
        ? number
        : value;
    }
    case 'enum':
      return value === '0' ? '' : (column.labels?.[Number(value) - 1] ?? Number(value));
    case 'set':
      return setLabels(column, BigInt(value));
    case 'decimal':
    case 'date':
    case 'time':
    case 'datetime':
    case 'timestamp':
      return value;
    case 'binary':
      return decodeText(value.padEnd(declaredLength(column), '\0'), column.charset);
    case 'uuid':
      return uuidText(Buffer.from(value.padEnd(16, '\0'), 'latin1'));
    case 'inet4':
    case 'inet6':
      return addressText(Buffer.from(value.padEnd(declaredLength(column), '\0'), 'latin1'));
    case 'vector':
      return vectorNumbers(Buffer.from(value, 'latin1')) ?? base64Of(value);
    case 'geometry':
    case 'point':
    case 'linestring':
    case 'polygon':
    case 'multipoint':
    case 'multilinestring':
    case 'multipolygon':
    case 'geometrycollection':
    case 'geomcollection':
      return geometryText(Buffer.from(value, 'latin1')) ?? base64Of(value);
    case 'json':
      return decodeText(value, 'utf8mb4');
    default:
      return decodeText(value, column.charset);
  }
}

function setLabels(column: Column, bits: bigint): string {
  const names: string[] = [];
  for (let i = 0; bits >> BigInt(i) > 0n; i++) {
    if ((bits >> BigInt(i)) & 1n) names.push(column.labels?.[i] ?? String(i + 1));
  }
  return names.join(',');
}

/** MySQL character sets that the platform's decoder reads byte for byte; others are shown as base64. */
const DECODERS: Record<string, string> = {
  ascii: 'utf-8',
  utf8: 'utf-8',
  utf8mb3: 'utf-8',
  utf8mb4: 'utf-8',
  latin1: 'windows-1252',
  latin2: 'iso-8859-2',
  cp1250: 'windows-1250',
  cp1251: 'windows-1251',
  koi8r: 'koi8-r',
  sjis: 'shift_jis',
  cp932: 'shift_jis',
  ujis: 'euc-jp',
  euckr: 'euc-kr',
  gbk: 'gbk',
  gb18030: 'gb18030',
  big5: 'big5',
  utf16: 'utf-16be',
  utf16le: 'utf-16le',
};

function decodeText(value: string, charset: string | null): JsonValue {
  const bytes = Buffer.from(value, 'latin1');
  const encoding = charset === null ? undefined : DECODERS[charset];
  if (encoding) {
    try {
      return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      // Bytes that are not text in their own character set are shown as they are.
    }
  }
  return base64Of(value);
}

function base64Of(value: string): JsonValue {
  return { base64: Buffer.from(value, 'latin1').toString('base64') };
}

/** A vector's stored bytes are 4-byte floats. Each is the shortest number that is stored so. */
function vectorNumbers(bytes: Buffer): number[] | null {
  if (bytes.length % 4 !== 0) return null;
  return Array.from({ length: bytes.length / 4 }, (_, i) => shortestFloat(bytes.readFloatLE(4 * i)));
}

function shortestFloat(value: number): number {
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

// MySQL's binary JSON as the text that MySQL prints for it. Never builds a JavaScript value: order, big integers and
// decimals would be lost. Format: MySQL's sql-common/json_binary.h.
import { DecodeFault, NotReadFault } from './byte-cursor.ts';
import { decimalLength } from './column-length.ts';
import * as T from './column-type.ts';
import { decimalText } from './decimal-value.ts';
import { jsonDoubleText } from './json-double.ts';
import * as J from './json-type.ts';
import { packedDatetimeText } from './temporal-value.ts';

/** `value` is the column's value without its length prefix. One character a byte, as every canonical text. */
export function jsonText(value: Buffer): string {
  // An empty value is what an interrupted ALTER or IGNORE leaves in a NOT NULL column: the server reads it as null.
  if (value.length === 0) return 'null';
  const reader = new JsonReader(value);
  try {
    return reader.text(value[0]!, 1, 0);
  } catch (fault) {
    if (fault instanceof RangeError)
      throw new DecodeFault(`JSON that points outside of itself`, { cause: fault });
    if (fault instanceof NotReadFault) throw new DecodeFault(`JSON: ${fault.message}`, { cause: fault });
    throw fault;
  }
}

/**
 * Whether a column's value, its length prefix included, holds a DECIMAL, a temporal value or bytes: types that its text
 * does not tell from numbers and strings.
 */
export function hasTypedJson(value: Buffer): boolean {
  // JSON columns have four bytes of length.
  if (value.length <= 4) return false;
  const reader = new JsonReader(value.subarray(4));
  reader.text(value[4]!, 1, 0);
  return reader.sawOpaque;
}

class JsonReader {
  sawOpaque = false;
  private readonly bytes: Buffer;
  /** Every element takes a byte and more: a document that refers to one part again and again would never end. */
  private budget: number;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.budget = bytes.length;
  }

  text(type: number, at: number, depth: number): string {
    this.budget -= 1;
    if (this.budget < 0 || depth > J.MAX_DEPTH)
      throw new DecodeFault('JSON with more parts than bytes, or too deep');
    const { bytes } = this;
    switch (type) {
      case J.SMALL_OBJECT:
      case J.LARGE_OBJECT:
        return this.container(at, type === J.LARGE_OBJECT, true, depth);
      case J.SMALL_ARRAY:
      case J.LARGE_ARRAY:
        return this.container(at, type === J.LARGE_ARRAY, false, depth);
      case J.LITERAL:
        return literal(bytes.readUInt8(at));
      case J.INT16:
        return String(bytes.readInt16LE(at));
      case J.UINT16:
        return String(bytes.readUInt16LE(at));
      case J.INT32:
        return String(bytes.readInt32LE(at));
      case J.UINT32:
        return String(bytes.readUInt32LE(at));
      case J.INT64:
        return String(bytes.readBigInt64LE(at));
      case J.UINT64:
        return String(bytes.readBigUInt64LE(at));
      case J.DOUBLE:
        return jsonDoubleText(bytes.readDoubleLE(at));
      case J.STRING: {
        const { length, start } = this.variableLength(at);
        return quoted(this.slice(start, length));
      }
      case J.OPAQUE: {
        this.sawOpaque = true;
        const { length, start } = this.variableLength(at + 1);
        return opaqueText(bytes.readUInt8(at), this.slice(start, length));
      }
      default:
        throw new DecodeFault(`JSON type ${type}`);
    }
  }

  /** Counts and offsets are 4 bytes in a large container, else 2; offsets count from the container's start. */
  private container(at: number, large: boolean, isObject: boolean, depth: number): string {
    const word = large ? 4 : 2;
    const count = this.word(at, large);
    const size = this.word(at + word, large);
    if (size > this.bytes.length - at) throw new DecodeFault('a JSON container longer than its document');
    const keys = at + 2 * word;
    const values = isObject ? keys + count * (word + 2) : keys;
    if (values + count * (word + 1) > at + size) throw new DecodeFault('a JSON container cut short');
    const parts: string[] = [];
    for (let i = 0; i < count; i++) {
      const entry = values + i * (word + 1);
      const text = this.entry(entry, at, large, depth);
      if (!isObject) {
        parts.push(text);
        continue;
      }
      const key = keys + i * (word + 2);
      const keyBytes = this.slice(at + this.word(key, large), this.bytes.readUInt16LE(key + word));
      parts.push(`${quoted(keyBytes)}: ${text}`);
    }
    return isObject ? `{${parts.join(', ')}}` : `[${parts.join(', ')}]`;
  }

  private entry(entry: number, container: number, large: boolean, depth: number): string {
    const type = this.bytes.readUInt8(entry);
    const at = J.isInlined(type, large) ? entry + 1 : container + this.word(entry + 1, large);
    return this.text(type, at, depth + 1);
  }

  private word(at: number, large: boolean): number {
    return large ? this.bytes.readUInt32LE(at) : this.bytes.readUInt16LE(at);
  }

  /** Seven bits a byte, lowest first. */
  private variableLength(at: number): { length: number; start: number } {
    let length = 0;
    for (let i = 0; i < 5; i++) {
      const byte = this.bytes.readUInt8(at + i);
      length += (byte & 0x7f) * 2 ** (7 * i);
      if ((byte & 0x80) === 0) return { length, start: at + i + 1 };
    }
    throw new DecodeFault('a JSON length without end');
  }

  private slice(start: number, length: number): Buffer {
    if (start + length > this.bytes.length) throw new DecodeFault('JSON text cut short');
    return this.bytes.subarray(start, start + length);
  }
}

function literal(code: number): string {
  if (code === 0) return 'null';
  if (code === 1) return 'true';
  if (code === 2) return 'false';
  throw new DecodeFault(`JSON literal ${code}`);
}

const escapes = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/** The bytes are UTF-8 and stay so, one character a byte: what must be escaped is ASCII. */
function quoted(bytes: Buffer): string {
  const text = bytes.toString('latin1');
  const escaped = text.replace(
    /["\\\x00-\x1f]/g,
    (char) => escapes.get(char) ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `"${escaped}"`;
}

/** Values of SQL types inside JSON. */
function opaqueText(type: number, data: Buffer): string {
  switch (type) {
    case T.NEWDECIMAL: {
      const [precision, scale] = [data.readUInt8(0), data.readUInt8(1)];
      if (data.length < 2 + decimalLength(precision, scale))
        throw new DecodeFault('a JSON decimal cut short');
      return decimalText(data, 2, precision, scale);
    }
    case T.DATE:
      return `"${packedDatetimeText(data.readBigInt64LE(0), 'date')}"`;
    case T.DATETIME:
    case T.TIMESTAMP:
      return `"${packedDatetimeText(data.readBigInt64LE(0), 'datetime')}"`;
    case T.TIME:
      return `"${packedDatetimeText(data.readBigInt64LE(0), 'time')}"`;
    default:
      return `"base64:type${type}:${data.toString('base64')}"`;
  }
}

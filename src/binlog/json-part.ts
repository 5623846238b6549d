// A part of a binary JSON document: its stored bytes, or a container opened one level deep. Opens and stores; what is
// not opened keeps its bytes, so that no scalar is ever converted. Never makes a JavaScript value.
import { DecodeFault } from './byte-cursor.ts';
import * as J from './json-type.ts';

/** Bytes as they stand out of line: an inlined number has no padding here. */
export interface StoredPart {
  kind: 'stored';
  type: number;
  bytes: Buffer;
}

/** `keys` are UTF-8, in MySQL's order (shorter ones first, then by bytes); null: an array. */
export interface OpenPart {
  kind: 'open';
  keys: Buffer[] | null;
  values: JsonPart[];
}

export type JsonPart = StoredPart | OpenPart;

/** A small container's counts and offsets are two bytes each: neither it nor what is in it gets longer than this. */
const SMALL_LIMIT = 0xffff;

/** `value` is a column's value, or a diff's: a type and what belongs to it. */
export function storedPart(value: Buffer): StoredPart {
  // What an interrupted ALTER or IGNORE leaves in a NOT NULL column: the server reads it as null.
  if (value.length === 0) return { kind: 'stored', type: J.LITERAL, bytes: Buffer.of(0) };
  return partAt(value[0]!, value, 1);
}

/** The document that `part` is the root of, as a column stores it. */
export function documentBytes(part: JsonPart): Buffer {
  const { type, bytes } = store(part);
  return Buffer.concat([Buffer.of(type), bytes]);
}

/** The part as a container that can be changed; null for a scalar. */
export function openPart(part: JsonPart): OpenPart | null {
  if (part.kind === 'open') return part;
  const { type, bytes } = part;
  if (type > J.LARGE_ARRAY) return null;
  const large = type === J.LARGE_OBJECT || type === J.LARGE_ARRAY;
  const isObject = type === J.SMALL_OBJECT || type === J.LARGE_OBJECT;
  const word = large ? 4 : 2;
  const count = wordAt(bytes, 0, large);
  const keyEntries = 2 * word;
  const entries = isObject ? keyEntries + count * (word + 2) : keyEntries;
  // Nothing in a document is stored twice: parts that are longer together than the whole would multiply when stored.
  let room = bytes.length - entries - count * (word + 1);
  if (room < 0) throw new DecodeFault('a JSON container cut short');
  const keys: Buffer[] = [];
  const values: JsonPart[] = [];
  for (let i = 0; i < count; i++) {
    if (isObject) {
      const entry = keyEntries + i * (word + 2);
      const key = sliceAt(bytes, wordAt(bytes, entry, large), bytes.readUInt16LE(entry + word));
      keys.push(key);
      room -= key.length;
    }
    const entry = entries + i * (word + 1);
    const entryType = bytes[entry]!;
    const inlined = J.isInlined(entryType, large);
    const value = partAt(entryType, bytes, inlined ? entry + 1 : wordAt(bytes, entry + 1, large));
    values.push(value);
    if (!inlined) room -= value.bytes.length;
  }
  if (room < 0) throw new DecodeFault('a JSON container whose parts are longer than it is');
  return { kind: 'open', keys: isObject ? keys : null, values };
}

/** The small format where all of it fits, as the server does it. */
function store(part: JsonPart): StoredPart {
  if (part.kind === 'stored') return part;
  const { keys } = part;
  const values = part.values.map(store);
  const large = storedLength(keys, values, false) > SMALL_LIMIT;
  const bytes = Buffer.alloc(storedLength(keys, values, large));
  const word = large ? 4 : 2;
  putWord(bytes, 0, values.length, large);
  putWord(bytes, word, bytes.length, large);
  let entry = 2 * word;
  let end = entry + values.length * ((keys === null ? 0 : word + 2) + word + 1);
  for (const key of keys ?? []) {
    putWord(bytes, entry, end, large);
    bytes.writeUInt16LE(key.length, entry + word);
    end += key.copy(bytes, end);
    entry += word + 2;
  }
  for (const { type, bytes: value } of values) {
    bytes[entry] = type;
    if (J.isInlined(type, large)) {
      putInlined(bytes.subarray(entry + 1, entry + 1 + word), type, value);
    } else {
      putWord(bytes, entry + 1, end, large);
      end += value.copy(bytes, end);
    }
    entry += word + 1;
  }
  const type =
    keys === null ? (large ? J.LARGE_ARRAY : J.SMALL_ARRAY) : large ? J.LARGE_OBJECT : J.SMALL_OBJECT;
  return { kind: 'stored', type, bytes };
}

/** Infinity: a large part does not fit into a small one. */
function storedLength(keys: readonly Buffer[] | null, values: readonly StoredPart[], large: boolean): number {
  const word = large ? 4 : 2;
  let length = 2 * word + values.length * ((keys === null ? 0 : word + 2) + word + 1);
  for (const key of keys ?? []) length += key.length;
  for (const { type, bytes } of values) {
    if (!large && (type === J.LARGE_OBJECT || type === J.LARGE_ARRAY)) return Number.POSITIVE_INFINITY;
    if (!J.isInlined(type, large)) length += bytes.length;
  }
  return length;
}

/** Sign-extended, as the server writes it. */
function putInlined(entry: Buffer, type: number, value: Buffer): void {
  const negative = type === J.INT16 && (value[1]! & 0x80) !== 0;
  entry.fill(negative ? 0xff : 0);
  value.copy(entry);
}

function partAt(type: number, bytes: Buffer, at: number): StoredPart {
  return { kind: 'stored', type, bytes: sliceAt(bytes, at, lengthAt(type, bytes, at)) };
}

/** Bytes of the value at `at`, were it stored out of line. */
function lengthAt(type: number, bytes: Buffer, at: number): number {
  switch (type) {
    case J.SMALL_OBJECT:
    case J.SMALL_ARRAY:
      return containerLength(bytes, at, false);
    case J.LARGE_OBJECT:
    case J.LARGE_ARRAY:
      return containerLength(bytes, at, true);
    case J.LITERAL:
      return 1;
    case J.INT16:
    case J.UINT16:
      return 2;
    case J.INT32:
    case J.UINT32:
      return 4;
    case J.INT64:
    case J.UINT64:
    case J.DOUBLE:
      return 8;
    case J.STRING:
      return prefixedLength(bytes, at);
    case J.OPAQUE:
      return 1 + prefixedLength(bytes, at + 1);
    default:
      throw new DecodeFault(`JSON type ${type}`);
  }
}

function containerLength(bytes: Buffer, at: number, large: boolean): number {
  const word = large ? 4 : 2;
  const length = wordAt(bytes, at + word, large);
  if (length < 2 * word) throw new DecodeFault('a JSON container shorter than its head');
  return length;
}

/** A length of seven bits a byte, lowest first, and what it counts. */
function prefixedLength(bytes: Buffer, at: number): number {
  let length = 0;
  for (let i = 0; i < 5; i++) {
    checkRoom(bytes, at + i, 1);
    const byte = bytes[at + i]!;
    length += (byte & 0x7f) * 2 ** (7 * i);
    if ((byte & 0x80) === 0) return i + 1 + length;
  }
  throw new DecodeFault('a JSON length without end');
}

function wordAt(bytes: Buffer, at: number, large: boolean): number {
  checkRoom(bytes, at, large ? 4 : 2);
  const low = bytes[at]! | (bytes[at + 1]! << 8);
  return large ? low + bytes[at + 2]! * 0x10000 + bytes[at + 3]! * 0x1000000 : low;
}

function putWord(bytes: Buffer, at: number, value: number, large: boolean): void {
  if (large) bytes.writeUInt32LE(value, at);
  else bytes.writeUInt16LE(value, at);
}

function sliceAt(bytes: Buffer, at: number, length: number): Buffer {
  checkRoom(bytes, at, length);
  return bytes.subarray(at, at + length);
}

function checkRoom(bytes: Buffer, at: number, length: number): void {
  if (at + length > bytes.length) throw new DecodeFault('JSON that points outside of itself');
}

// A geometry's stored bytes as EWKT, `SRID=4326;POINT(13.4 52.5)`: the coordinates in the order in which they are
// stored, longitude first, whatever axis order ST_AsText gives them. For showing only.

const NAMES = [
  'POINT',
  'LINESTRING',
  'POLYGON',
  'MULTIPOINT',
  'MULTILINESTRING',
  'MULTIPOLYGON',
  'GEOMETRYCOLLECTION',
];
const POINT = 1;
const LINESTRING = 2;
const POLYGON = 3;

/** The server's own limit of nested collections is far below. */
const MAX_DEPTH = 64;

/** `bytes`: the SRID in 4 bytes, then WKB. null where they are no such thing. */
export function geometryText(bytes: Buffer): string | null {
  try {
    const srid = bytes.readUInt32LE(0);
    const reader = new WkbReader(bytes);
    const text = reader.geometry(0);
    if (!reader.isAtEnd) return null;
    return srid === 0 ? text : `SRID=${srid};${text}`;
  } catch (fault) {
    if (fault instanceof RangeError) return null;
    throw fault;
  }
}

class WkbReader {
  readonly #bytes: Buffer;
  #at = 4;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** Throws RangeError for what is no WKB, little-endian and flat, as all servers store it. */
  geometry(depth: number): string {
    const byteOrder = this.#bytes.readUInt8(this.#at);
    const type = this.#bytes.readUInt32LE(this.#at + 1);
    const name = NAMES[type - 1];
    if (byteOrder !== 1 || name === undefined || depth > MAX_DEPTH) throw new RangeError('no WKB');
    this.#at += 5;
    const parts = this.#parts(type, depth);
    return parts === '' ? `${name} EMPTY` : `${name}(${parts})`;
  }

  #parts(type: number, depth: number): string {
    switch (type) {
      case POINT:
        return this.#point();
      case LINESTRING:
        return this.#list(() => this.#point());
      case POLYGON:
        return this.#list(() => `(${this.#list(() => this.#point())})`);
      default:
        return this.#list(() => this.#member(type, depth));
    }
  }

  /** A multipoint's points, and so on, are whole geometries, whose name goes without saying. */
  #member(type: number, depth: number): string {
    const text = this.geometry(depth + 1);
    return type === NAMES.length ? text : text.replace(/^[A-Z]+/, '');
  }

  #point(): string {
    const [x, y] = [this.#bytes.readDoubleLE(this.#at), this.#bytes.readDoubleLE(this.#at + 8)];
    this.#at += 16;
    return `${x} ${y}`;
  }

  #list(read: () => string): string {
    const count = this.#bytes.readUInt32LE(this.#at);
    this.#at += 4;
    const parts: string[] = [];
    for (let i = 0; i < count; i++) parts.push(read());
    return parts.join(',');
  }
}

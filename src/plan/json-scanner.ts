// Goes through JSON bytes from token to token without making values of them. Trusts nobody: it never reads behind the end,
// and what is not JSON's form is a LineFault. Of what it only passes over it looks at brackets and strings alone.

/** A line is not of the form it should have; who knows the file and the line's number makes an error of it. */
export class LineFault extends Error {}

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
/** JSON's white space: tab, line feed, carriage return, space; anything else up to it is a fault further on. */
const SPACE = 0x20;

export class JsonScanner {
  at = 0;
  /** The string that was read last, without its quotes: bytes[start..end). */
  start = 0;
  end = 0;
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  openObject(): void {
    this.#expect(OPEN_OBJECT);
  }

  openList(): void {
    this.#expect(OPEN_LIST);
  }

  isList(): boolean {
    return this.#next() === OPEN_LIST;
  }

  isString(): boolean {
    return this.#next() === QUOTE;
  }

  /** False: it stands behind the object's end. `first`: nothing of it has been read yet. */
  nextMember(first: boolean): boolean {
    return this.#nextElement(first, CLOSE_OBJECT);
  }

  nextElement(first: boolean): boolean {
    return this.#nextElement(first, CLOSE_LIST);
  }

  /** Goes behind a member's name, which is then the last string, and its colon. */
  name(): void {
    this.string();
    this.#expect(COLON);
  }

  /** Whether the last string is this text. */
  is(text: string): boolean {
    if (this.end - this.start !== text.length) return false;
    for (let i = 0; i < text.length; i++) if (this.bytes[this.start + i] !== text.charCodeAt(i)) return false;
    return true;
  }

  /** Goes behind a string and notes where it stands. */
  string(): void {
    this.#expect(QUOTE);
    this.start = this.at;
    this.end = this.restOfString();
  }

  /** From behind a string's first quote: goes behind its last one, whose place it returns. */
  restOfString(): number {
    const { bytes } = this;
    let at = this.at;
    for (; bytes[at] !== QUOTE; at++) {
      if (bytes[at] === BACKSLASH) at += 1;
      if (at >= bytes.length) throw new LineFault('a string without its end');
    }
    this.at = at + 1;
    return at;
  }

  integer(): number {
    const negative = this.#next() === MINUS;
    if (negative) this.at += 1;
    const first = this.at;
    let value = 0;
    for (; this.bytes[this.at]! >= ZERO && this.bytes[this.at]! <= NINE; this.at++)
      value = value * 10 + this.bytes[this.at]! - ZERO;
    if (this.at === first || !Number.isSafeInteger(value)) throw new LineFault('no whole number');
    return negative ? -value : value;
  }

  /** Goes behind the next value, whatever it is. */
  skip(): void {
    let depth = 0;
    do {
      const byte = this.#next();
      if (byte === QUOTE) this.string();
      else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
        depth += 1;
        this.at += 1;
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
        if (depth === 0) throw new LineFault('a value that is not there');
        depth -= 1;
        this.at += 1;
      } else if (byte === COMMA || byte === COLON) {
        if (depth === 0) throw new LineFault('a value that is not there');
        this.at += 1;
      } else this.#scalar();
    } while (depth > 0);
  }

  /** Throws where something follows. */
  finish(): void {
    if (this.#peek() !== undefined) throw new LineFault('text behind its end');
  }

  #nextElement(first: boolean, close: number): boolean {
    const byte = this.#next();
    if (byte === close) {
      this.at += 1;
      return false;
    }
    if (!first) this.#expect(COMMA);
    return true;
  }

  /** A number, true, false or null. */
  #scalar(): void {
    const { bytes } = this;
    const first = this.at;
    for (; this.at < bytes.length; this.at++) {
      const byte = bytes[this.at]!;
      if (byte <= SPACE || byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_LIST) break;
    }
    if (this.at === first) throw new LineFault('a value that is not there');
  }

  #expect(byte: number): void {
    if (this.#next() !== byte) throw new LineFault(`no "${String.fromCharCode(byte)}" where one belongs`);
    this.at += 1;
  }

  #next(): number {
    const byte = this.#peek();
    if (byte === undefined) throw new LineFault('cut short');
    return byte;
  }

  #peek(): number | undefined {
    const { bytes } = this;
    while (this.at < bytes.length && bytes[this.at]! <= SPACE) this.at += 1;
    return bytes[this.at];
  }
}

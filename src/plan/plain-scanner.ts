// Goes through JSON that stands in one expected form, byte for byte, and notes when it does not: then `isPlain` is false, and
// what was read since is worth nothing. Makes texts of printable ASCII without escapes alone.
import { JsonScanner } from './json-scanner.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const TILDE = 0x7e;
const ZERO = 0x30;
const NINE = 0x39;
/** Digits that a number holds exactly, whatever they are. */
const DIGITS = 15;

export class PlainScanner extends JsonScanner {
  isPlain = true;

  /** Goes behind these bytes, which must be next. */
  expect(literal: Buffer): void {
    if (!this.take(literal)) this.isPlain = false;
  }

  /** Goes behind these bytes, if they are next. */
  take(literal: Buffer): boolean {
    const { bytes, at } = this;
    const { length } = literal;
    for (let i = 0; i < length; i++) if (bytes[at + i] !== literal[i]) return false;
    this.at = at + length;
    return true;
  }

  /** The rest of a string, from behind its first quote on. `likely` is what it may well be. */
  plainText(likely = ''): string {
    const { bytes, at } = this;
    let same = true;
    let end = at;
    // Behind the end there is no byte.
    for (let byte = bytes[end]; byte !== QUOTE; byte = bytes[end]) {
      if (byte === undefined || byte < SPACE || byte > TILDE || byte === BACKSLASH) {
        this.isPlain = false;
        return '';
      }
      if (byte !== likely.charCodeAt(end - at)) same = false;
      end += 1;
    }
    this.at = end + 1;
    return same && likely.length === end - at ? likely : bytes.toString('latin1', at, end);
  }

  /** A whole number without a sign. */
  plainNumber(): number {
    const { bytes, at } = this;
    let value = 0;
    let end = at;
    for (let byte = bytes[end]!; byte >= ZERO && byte <= NINE; byte = bytes[end]!) {
      value = value * 10 + byte - ZERO;
      end += 1;
    }
    if (end === at || end - at > DIGITS || (bytes[at] === ZERO && end - at > 1)) this.isPlain = false;
    this.at = end;
    return value;
  }
}

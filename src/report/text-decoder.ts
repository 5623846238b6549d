// Text of the log as JavaScript strings: which character set a collation number stands for, and whether bytes are text
// in it at all. Never guesses: bytes that are no text stay bytes.

/** By name as MySQL has it, decoded by what platforms call it; each with its collation numbers. */
const LEGACY: readonly (readonly [encoding: string, collations: readonly number[]])[] = [
  ['windows-1252', [5, 8, 15, 31, 47, 48, 49, 94]],
  ['iso-8859-2', [2, 9, 21, 27, 77]],
  ['windows-1250', [26, 34, 44, 66, 99]],
  ['windows-1251', [14, 23, 50, 51, 52]],
  ['koi8-r', [7, 74]],
  ['shift_jis', [13, 88, 95, 96]],
  ['euc-jp', [12, 91, 97, 98]],
  ['euc-kr', [19, 85]],
  ['big5', [1, 84]],
  ['gbk', [28, 87]],
  ['gb18030', [248, 249, 250]],
  // utf16 and ucs2.
  ['utf-16be', [54, 55, 35, 90, 159, ...numbers(100, 124), ...numbers(128, 151)]],
  ['utf-16le', [56, 62]],
];

function numbers(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/** ascii, utf8mb3 and utf8mb4. */
const UTF8: readonly number[] = [11, 65, 33, 76, 83, 45, 46, ...numbers(192, 247), ...numbers(255, 323)];

/** MariaDB: the NOPAD form of a collation is 1024 further on, the UCA 14.0.0 ones have blocks of 256 of their own. */
function isUtf8(collation: number): boolean {
  return UTF8.includes(collation) || (collation >= 2048 && collation < 2560);
}

const BINARY = 63;

export interface ColumnText {
  /** Whether bytes of ASCII are the same text here. */
  ascii: boolean;
  /** null: not text. */
  decode(bytes: Uint8Array): string | null;
}

const utf8 = textOf('utf-8');
const notText: ColumnText = { ascii: false, decode: () => null };
/** `number`: the collation, as LoggedColumn has it. Where the log does not say, text that is UTF-8 is taken to be. */
export function columnText(number: number | null): ColumnText {
  const collation = number !== null && number > 1024 && number < 2048 ? number - 1024 : number;
  if (collation === null || isUtf8(collation)) return utf8;
  if (collation === BINARY) return notText;
  const encoding = LEGACY.find(([, collations]) => collations.includes(collation))?.[0];
  return encoding === undefined ? notText : textOf(encoding);
}

function textOf(encoding: string): ColumnText {
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  return {
    // Shift-JIS and EUC show 0x5c and 0x7e otherwise; UTF-16 has no bytes of ASCII.
    ascii: encoding === 'utf-8' || encoding.startsWith('windows-') || encoding.startsWith('iso-'),
    decode(bytes) {
      try {
        return decoder.decode(bytes);
      } catch {
        return null;
      }
    },
  };
}

// Random JSON documents and random changes of them, as SQL expressions: what the server makes of them is the truth.
import type { Random } from './value-columns.ts';

const pick = <T>(random: Random, of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
const upTo = (random: Random, limit: number): number => Math.floor(random() * limit);

/** Keys of several lengths, and such as must be quoted, or escaped, in a path. */
const KEYS = [
  'a',
  'b',
  'ab',
  'ba',
  'long_name',
  'with space',
  'quote"s',
  'ключ',
  '😀',
  '',
  "it's",
  'a.b[0]',
  'back\\slash',
  'tab\tnl\n',
  '\x01\x7f',
  '$',
  '_1',
  '1a',
  'é',
  '\u2028',
  'a*',
];

const SCALARS = [
  'NULL',
  'CAST("null" AS JSON)',
  'true',
  'false',
  '0',
  '-1',
  '32767',
  '32768',
  '-32768',
  '-32769',
  '65535',
  '65536',
  '2147483647',
  '2147483648',
  '4294967295',
  '4294967296',
  '-9223372036854775808',
  '9223372036854775807',
  '18446744073709551615',
  '-0e0',
  '1.5e300',
  '0.1e0',
  '123456789012345678901234567890.123456789',
  '-0.10',
  'DATE"2024-02-29"',
  'TIME"-837:59:59.5"',
  'TIMESTAMP"2026-11-20 23:55:00.123456"',
  // A BIT column of the table: a literal would be a BLOB.
  'bits',
  "x'00ff80'",
  '"plain"',
  '"zwölf 😀 \\"quoted\\" \\\\ \\n"',
  '""',
  'REPEAT("long ", 40)',
];

/** As SQL text. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

export function randomScalar(random: Random): string {
  return pick(random, SCALARS);
}

/** `size`: some 100 bytes each step up. */
export function randomDocument(random: Random, size: number, depth = 0): string {
  if (size === 0 || (depth > 0 && random() < 0.3)) return randomScalar(random);
  const count = upTo(random, 4 + Math.min(size, 6));
  const values = Array.from({ length: count }, () => randomDocument(random, size - 1, depth + 1));
  if (random() < 0.4) return `JSON_ARRAY(${values.join(', ')})`;
  return `JSON_OBJECT(${values.map((value) => `${quoted(pick(random, KEYS))}, ${value}`).join(', ')})`;
}

/** More than the small storage format holds, with small parts inside. */
export function largeDocument(random: Random): string {
  const filler = `REPEAT('${pick(random, ['x', 'filler ', 'ü'])}', ${20_000 + upTo(random, 20_000)})`;
  const parts = Array.from({ length: 4 }, () => randomDocument(random, 2));
  return random() < 0.5
    ? `JSON_ARRAY(${parts.join(', ')}, JSON_ARRAY(${filler}, -1, 70000), ${filler}, ${filler}, ${filler})`
    : `JSON_OBJECT('a', ${parts[0]}, 'b', JSON_OBJECT('ab', ${filler}, 'a', 5, 'ba', -70000), 'ab', ${filler}, 'ba', ${parts[1]}, 'long_name', JSON_ARRAY(${filler}, ${filler}, ${parts[2]}))`;
}

function randomPath(random: Random): string {
  let path = '$';
  for (let legs = 1 + upTo(random, 3); legs > 0; legs--) {
    if (random() < 0.4) {
      path += pick(random, ['[0]', '[1]', '[2]', '[7]', '[last]', '[last-1]']);
    } else {
      path += `.${JSON.stringify(pick(random, KEYS))}`;
    }
  }
  return path;
}

/** An expression over `column` that the server may log as a diff; some that it can't. */
export function randomChange(random: Random, column: string): string {
  let made = column;
  for (let steps = 1 + upTo(random, 3); steps > 0; steps--) made = oneChange(random, made);
  return made;
}

function oneChange(random: Random, document: string): string {
  const value = (): string => (random() < 0.6 ? randomScalar(random) : randomDocument(random, 2, 1));
  const path = quoted(randomPath(random));
  const r = random();
  if (r < 0.45)
    return `JSON_SET(${document}, ${path}, ${value()}, ${quoted(randomPath(random))}, ${value()})`;
  if (r < 0.65) return `JSON_REPLACE(${document}, ${path}, ${value()})`;
  if (r < 0.9) return `JSON_REMOVE(${document}, ${path})`;
  if (r < 0.93) return `JSON_ARRAY_APPEND(${document}, ${path}, ${value()})`;
  if (r < 0.96) return `JSON_INSERT(${document}, ${path}, ${value()})`;
  if (r < 0.98) return `JSON_SET(${document}, '$', ${value()})`;
  return `JSON_MERGE_PATCH(${document}, JSON_OBJECT('a', ${value()}))`;
}

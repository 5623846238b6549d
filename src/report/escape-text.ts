// Makes text from servers safe to print on a terminal: a value may hold escape sequences, newlines or right-to-left
// marks that would rewrite what the person reads. Never used for files that programs read.

const UNPRINTABLE = /[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

export function escapeText(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\t') return '\\t';
    const code = character.charCodeAt(0);
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** A value of a row in one line, cut where it is long: `'paid'`, `12.50`, `NULL`, `x'0a0b…'`. */
export function valueText(value: unknown, width = 60): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'string') return `'${shorten(escapeText(value), width)}'`;
  if (typeof value === 'object' && 'base64' in value) {
    const bytes = Buffer.from(String(value.base64), 'base64');
    const hex = bytes.toString('hex', 0, width / 2);
    return `x'${hex}${bytes.length > width / 2 ? `…' (${bytes.length} bytes)` : "'"}`;
  }
  return shorten(escapeText(JSON.stringify(value)), width);
}

function shorten(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}

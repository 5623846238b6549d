// Quotes names and strings for SQL text. Right under the sql_mode of session-settings.ts only.

/** `` `a``b` `` */
export function quoteName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** A UTF-8 string literal; backslashes are escapes, for NO_BACKSLASH_ESCAPES is off in our sessions. */
export function quoteText(text: string): string {
  return `'${text.replace(/[\\']/g, (character) => (character === "'" ? "''" : '\\\\')).replaceAll('\0', '\\0')}'`;
}

// Takes passwords and their hashes out of a logged statement before it becomes text that is shown or written. Masks too
// much rather than too little; changes nothing else.

const QUOTED = `(?:'(?:[^'\\\\]|\\\\.|'')*'|"(?:[^"\\\\]|\\\\.|"")*"|0x[0-9a-f]+)`;
const NAME = `(?:${QUOTED}|\`[^\`]*\`|[^\\s=@\`'"]+)`;
/** What stands before a secret: IDENTIFIED … BY/AS/USING, PASSWORD(…), PASSWORD FOR … = …, MASTER_PASSWORD=…, REPLACE … */
const BEFORE = `\\b(?:BY|AS|USING|OR|REPLACE|(?:\\w+_)?PASSWORD)\\b(?:\\s+FOR\\s+${NAME}(?:@${NAME})?)?\\s*[=(]?\\s*(?:PASSWORD\\s*)?\\(?\\s*`;
/** A secret, or any other quoted text, which is passed over whole: it may itself read like what stands before one. */
const TOKEN = new RegExp(`(${BEFORE})${QUOTED}|${QUOTED}`, 'gi');

/** An apostrophe in a comment would begin a quoted text for us, and a comment may stand before a secret: they go first. */
const COMMENT = new RegExp(
  `${QUOTED}|\`[^\`]*\`|--(?:\\s[^\\n]*|$)|#[^\\n]*|/\\*(?![!M])[\\s\\S]*?\\*/`,
  'gi',
);

export function maskSecrets(sql: string): string {
  if (!/identified|password/i.test(sql)) return sql;
  const bare = sql.replace(COMMENT, (token) => (/^(?:--|#|\/)/.test(token) ? ' ' : token)).trim();
  return bare.replace(TOKEN, (whole, before: string | undefined) =>
    before === undefined ? whole : `${before}'***'`,
  );
}

// Takes the labels of an ENUM or SET out of its COLUMN_TYPE. Pure.

/** `enum('a','it''s')` gives a and it's; null for any other type. The escapes are those of the servers' append_unescaped. */
export function columnLabels(columnType: string): string[] | null {
  const list = /^(?:enum|set)\((.*)\)/is.exec(columnType)?.[1];
  if (list === undefined) return null;
  const labels: string[] = [];
  const label = /'((?:[^'\\]|''|\\.)*)'/gs;
  for (const [, text] of list.matchAll(label)) labels.push(text!.replace(/''|\\(.)/gs, resolveEscape));
  return labels;
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  '0': '\0',
  t: '\t',
  Z: '\x1a',
  b: '\b',
};

function resolveEscape(_whole: string, escaped: string | undefined): string {
  if (escaped === undefined) return "'";
  return ESCAPES[escaped] ?? escaped;
}

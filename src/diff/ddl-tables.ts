// Names the tables that a logged statement changes, so that later rows of theirs are not judged by a definition that
// no longer holds; 'schema.*' is all of a schema's. Where a statement can't be understood, it answers '*': every table. Never parses more SQL than that.
import type { Undecoded } from '../binlog/transaction.ts';

/** In double quotes where sql_mode has ANSI_QUOTES: elsewhere no name stands so. */
const NAME = '(?:`(?:[^`]|``)+`|"(?:[^"]|"")+"|[\\w$\\u0080-\\uffff]+)';
export const QUALIFIED = `${NAME}(?:\\s*\\.\\s*${NAME})?`;
const TABLE_STATEMENT =
  /^(?:create(?:\s+or\s+replace)?|alter(?:\s+(?:online|ignore))*|drop|truncate|rename)\s+(?:temporary\s+)?(?:tables?|sequences?)\s+(?:if\s+(?:not\s+)?exists\s+)?(.*)$/is;
const INDEX_STATEMENT = new RegExp(
  `^(?:create|drop)\\s+(?:or\\s+replace\\s+)?(?:unique\\s+|fulltext\\s+|spatial\\s+)?index\\s.*?\\bon\\s+(${QUALIFIED})`,
  'is',
);
const DROP_SCHEMA = new RegExp(`^drop\\s+(?:database|schema)\\s+(?:if\\s+exists\\s+)?(${NAME})`, 'is');
const TRUNCATE_STATEMENT = new RegExp(`^truncate\\s+(${QUALIFIED})`, 'is');
/** Statements that change no table's rows or columns. */
const HARMLESS =
  /^(?:grant|revoke|create\s+(?:or\s+replace\s+)?(?:user|role|view|definer|algorithm|sql|procedure|function|aggregate|package|trigger|event|database|schema|server|tablespace|undo|resource|spatial\s+reference)|alter\s+(?:user|view|definer|algorithm|sql|event|procedure|function|database|schema|server|tablespace|undo|resource|instance)|rename\s+user|drop\s+(?:user|role|view|procedure|function|package|trigger|event|server|tablespace|undo|resource|spatial\s+reference)|(?:un)?install\s|set\s|flush|analyze|optimize|repair|check|checksum)\b/i;

export function ddlTables(undecoded: Pick<Undecoded, 'reason' | 'detail' | 'schema'>): string[] {
  if (undecoded.reason !== 'ddl' && undecoded.reason !== 'statement') return [];
  const sql = stripComments(undecoded.detail).trim();
  const schema = undecoded.schema ?? '';
  const dropped = DROP_SCHEMA.exec(sql);
  if (dropped) return [`${unquoted(dropped[1]!)}.*`];
  const index =
    INDEX_STATEMENT.exec(sql) ?? TRUNCATE_STATEMENT.exec(sql.replace(/^truncate\s+table\s/i, 'truncate '));
  if (index) return [qualify(index[1]!, schema)];
  const statement = TABLE_STATEMENT.exec(sql);
  if (statement) {
    const names = tableList(statement[1]!, schema, /^(?:drop|rename)/i.test(sql));
    return names.length > 0 ? names : ['*'];
  }
  return HARMLESS.test(sql) ? [] : ['*'];
}

/**
 * Whether a statement on a table can give its columns another order, name or meaning. ADD and DROP of keys and
 * constraints can't, nor can TRUNCATE; whatever is not understood can.
 */
export function changesColumns(sql: string): boolean {
  const text = stripComments(sql).trim();
  if (INDEX_STATEMENT.test(text) || isTruncate(text)) return false;
  if (!/^alter\s/i.test(text)) return true;
  const kept =
    /\b(?:add|drop)\s+(?!(?:unique|index|key|fulltext|spatial|constraint|primary|foreign|check|partition)\b)/i;
  return kept.test(text) || /\b(?:modify|change|rename|first|after|convert|order\s+by)\b/i.test(text);
}

/**
 * Whether a statement on a table can change its rows without showing one, or what an INSERT leaves unsaid: rows that are
 * taken away, that come from another table or file, other defaults. Whatever changes its columns can.
 */
export function changesRowsUnseen(sql: string): boolean {
  const text = stripComments(sql).trim();
  return (
    changesColumns(text) ||
    isTruncate(text) ||
    /\b(?:default|exchange|import|discard|(?:drop|truncate|reorganize)\s+partition)\b/i.test(text)
  );
}

/** Whether a statement takes all rows of its table away. */
function isTruncate(sql: string): boolean {
  return /^truncate\s/i.test(stripComments(sql).trim());
}

/** `a, b` of DROP, `a TO b, c TO d` of RENAME, or the one table of the others, its new name, and those it swaps partitions with. */
function tableList(rest: string, schema: string, several: boolean): string[] {
  const names: string[] = [];
  const first = new RegExp(`^\\s*(${QUALIFIED})`, 's');
  let text = rest;
  for (;;) {
    const name = first.exec(text);
    if (!name) return names;
    names.push(qualify(name[1]!, schema));
    text = text.slice(name[0].length);
    const more = several ? /^\s*(?:,|to\b)/i.exec(text) : null;
    if (!more) break;
    text = text.slice(more[0].length);
  }
  const others = new RegExp(
    `\\b(?:rename\\s+(?:to|as)|(?:with|to|convert)\\s+table)\\s+(${QUALIFIED})`,
    'gis',
  );
  if (!several) for (const [, other] of text.matchAll(others)) names.push(qualify(other!, schema));
  return names;
}

export function qualify(name: string, schema: string): string {
  const parts = name.match(new RegExp(NAME, 'g'))!.map(unquoted);
  return parts.length === 2 ? `${parts[0]}.${parts[1]}` : `${schema}.${parts[0]}`;
}

function unquoted(name: string): string {
  const quote = name[0]!;
  return quote === '`' || quote === '"' ? name.slice(1, -1).replaceAll(quote + quote, quote) : name;
}

/** Also without MariaDB's SET STATEMENT … FOR. What looks like a comment inside of a text or a name is none. */
export function stripComments(sql: string): string {
  return sql
    .replace(QUOTED_OR_COMMENT, (found) => (/^['"`]/.test(found) ? found : ' '))
    .replace(/^\s*set\s+statement\s.*?\sfor\s+/is, '');
}

/** Of a version comment (/*!50100 … *\/, MariaDB's /*M!100100 … *\/), which is executed, the marks alone. */
const QUOTED_OR_COMMENT =
  /'(?:[^'\\]|''|\\[\s\S])*'|"(?:[^"\\]|""|\\[\s\S])*"|`(?:[^`]|``)*`|\/\*M?!\d*|\*\/|\/\*[\s\S]*?\*\/|--(?=\s|$)[^\n]*|#[^\n]*/g;

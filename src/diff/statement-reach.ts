// Which tables a logged INSERT, UPDATE, DELETE or REPLACE can have changed, where that is certain: one table by name, no
// function of somebody's own, nothing read from elsewhere, no trigger, and what foreign keys spread to. Else every table
// ('*'). Parses no more than that.
import type { Undecoded } from '../binlog/transaction.ts';
import { type TableDefinition, tableKey } from '../server/catalogue.ts';
import { ddlTables, QUALIFIED, qualify, stripComments } from './ddl-tables.ts';

const TARGETS = [
  `(?:insert|replace)(?:\\s+(?:low_priority|delayed|high_priority|ignore))*(?:\\s+into)?\\s+(${QUALIFIED})(?=[\\s(])`,
  `update(?:\\s+(?:low_priority|ignore))*\\s+(${QUALIFIED})(?:\\s+as)?(?:\\s+\\w+)?\\s+set\\s`,
  `delete(?:\\s+(?:low_priority|quick|ignore))*\\s+from\\s+(${QUALIFIED})(?=\\s*;?\\s*$|\\s+(?:where|order|limit)\\s)`,
].map((pattern) => new RegExp(`^${pattern}`, 'is'));

/** What may stand before a parenthesis and writes nothing: words of the grammar, and the servers' own functions. */
const HARMLESS_CALLS = new Set(
  `values value in and or not xor on as set where from select exists any all some between then else when case like by
  limit union except intersect with interval cast convert char binary decimal signed unsigned varchar using over
  now current_timestamp curdate curtime sysdate utc_timestamp utc_date unix_timestamp from_unixtime date time year month
  day hour minute second microsecond date_add date_sub adddate subdate addtime subtime date_format str_to_date datediff
  timestampdiff timestampadd timestamp last_day to_days from_days
  concat concat_ws lower upper lcase ucase length char_length character_length octet_length substring substr mid left right
  trim ltrim rtrim replace repeat reverse lpad rpad instr locate field find_in_set elt hex unhex quote ascii ord format
  coalesce ifnull nullif if isnull greatest least count sum min max avg group_concat
  round floor ceil ceiling truncate abs mod sign sqrt pow power exp ln log rand crc32
  uuid uuid_to_bin bin_to_uuid md5 sha sha1 sha2 to_base64 from_base64 inet_aton inet_ntoa inet6_aton inet6_ntoa
  last_insert_id user current_user database schema version connection_id
  json_object json_array json_set json_insert json_replace json_remove json_extract json_unquote json_merge_patch json_value
  row_number rank dense_rank nextval lastval`.split(/\s+/),
);

export function statementReach(
  undecoded: Pick<Undecoded, 'reason' | 'detail' | 'schema'>,
  catalogue: ReadonlyMap<string, TableDefinition>,
): string[] {
  if (undecoded.reason !== 'statement') return ddlTables(undecoded);
  const target = statementTarget(undecoded);
  if (target === null) return ['*'];
  const reached = new Set([target]);
  for (const name of reached) {
    const table = catalogue.get(name);
    if (!table?.triggersKnown || table.triggers.length > 0 || !table.referencesKnown) return ['*'];
    for (const child of table.referencedBy) {
      const refuses = [child.onDelete, child.onUpdate].every(
        (rule) => rule === 'RESTRICT' || rule === 'NO ACTION',
      );
      if (!refuses) reached.add(tableKey(child));
    }
  }
  return [...reached];
}

/** `schema.table`; null where the statement may write more, or by other means, than its text says. */
export function statementTarget({ detail, schema }: Pick<Undecoded, 'detail' | 'schema'>): string | null {
  const sql = withoutLiterals(stripComments(detail)).trim();
  for (const pattern of TARGETS) {
    const found = pattern.exec(sql);
    if (!found) continue;
    const rest = sql.slice(sql.indexOf(found[1]!) + found[1]!.length).replace(/^\s*\(/, ' ');
    // What is read may be a view, and a view may call what writes.
    if (/\b(?:select|table)\b/i.test(rest)) return null;
    return callsAreHarmless(rest) ? qualify(found[1]!, schema ?? '') : null;
  }
  return null;
}

function callsAreHarmless(sql: string): boolean {
  return [...sql.matchAll(/([\w$.\u0080-\uffff]+|`)\s*\(/g)].every(([, name]) =>
    HARMLESS_CALLS.has(name!.toLowerCase()),
  );
}

/** Texts may hold anything; a name in backquotes is none. With ANSI_QUOTES a "name" is lost here, and nothing is certain. */
function withoutLiterals(sql: string): string {
  return sql.replace(/`(?:[^`]|``)*`|'(?:[^'\\]|''|\\[\s\S])*'|"(?:[^"\\]|""|\\[\s\S])*"/g, (text) =>
    text.startsWith('`') ? text : "''",
  );
}

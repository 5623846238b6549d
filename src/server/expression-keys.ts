// Rows of the restored primary that have, in a unique key over expressions, the value that a row of ours would have: the server
// works the expressions out over that row, then looks for the values by the key's own index. Where it would not use that index,
// or a column's value can't be handed over exactly, it says why and reads nothing.
import type { ColumnDefinition, TableDefinition, UniqueKey } from './catalogue.ts';
import { keyLiteral, NUMERIC } from './column-sql.ts';
import { quoteName, quoteText } from './sql-text.ts';

/** Whole rows a statement: each is a SELECT of its own in it. */
export const ROWS_A_STATEMENT = 50;

type Row = readonly (string | null)[];
/** A part's value as SQL text; null: one part is NULL, and the row is in no key. */
export type KeyLiterals = string[] | null;

const TEXTS = new Set(['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext']);
const DATES = new Set(['date', 'time', 'datetime', 'year']);
const COUNTED = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal']);

/** Names of the columns that the key's expressions read, and of its plain ones. */
export function expressionColumns({ columns, expressions }: UniqueKey): string[] {
  const read = expressions.flatMap((text) =>
    [...text.matchAll(/`((?:[^`]|``)+)`/g)].map(([, name]) => name!.replaceAll('``', '`')),
  );
  return [...new Set([...columns.map(({ name }) => name), ...read])];
}

/** Why rows can't be looked for by the key; null: as far as can be told without asking, they can. */
export function whyNotAsked(key: UniqueKey, { columns }: TableDefinition): string | null {
  if (key.expressions.some((text) => /\barray\)\s*$/i.test(text))) return 'it holds several values a row';
  for (const name of expressionColumns(key)) {
    const column = columns.find((one) => one.name === name);
    if (!column) return `${name} is no column`;
    const { dataType } = column;
    const isHandedOver =
      COUNTED.has(dataType) ||
      DATES.has(dataType) ||
      TEXTS.has(dataType) ||
      dataType === 'json' ||
      dataType === 'enum';
    if (!isHandedOver) return `${name} is ${column.columnType}`;
  }
  return key.columns.some((part) => part.prefixLength !== null) ? 'it holds the beginning of a column' : null;
}

/** One row a row of ours: for each part its value and its character set; the expressions' first, as the key has them. */
export function keyValues(key: UniqueKey, { columns }: TableDefinition, rows: readonly Row[]): string {
  const used = expressionColumns(key).map((name) => columns.findIndex((column) => column.name === name));
  const documents = rows.map((row) => {
    // What is NULL is left out: a JSON null is not NULL.
    const members = used.flatMap((i) =>
      row[i] === null ? [] : [`'c${i}', ${jsonMember(columns[i]!, row[i]!)}`],
    );
    return `JSON_OBJECT(${members.join(', ')})`;
  });
  const declared = used.map(
    (i) => `${quoteName(columns[i]!.name)} ${declaration(columns[i]!)} PATH '$.c${i}' ERROR ON ERROR`,
  );
  // No column bears it: longer than each of them.
  const place = `place${'_'.repeat(Math.max(...columns.map(({ name }) => name.length)))}`.slice(0, 64);
  const parts = [...key.expressions, ...key.columns.map(({ name }) => quoteName(name))];
  return `SELECT ${parts.map((part) => `${part}, CHARSET(${part})`).join(', ')}
    FROM JSON_TABLE(JSON_ARRAY(${documents.join(', ')}), '$[*]' COLUMNS (${place} FOR ORDINALITY, ${declared.join(', ')})) AS one ORDER BY ${place}`;
}

function jsonMember(column: ColumnDefinition, value: string): string {
  const { dataType } = column;
  if (dataType === 'json') return `CAST(${quoteText(Buffer.from(value, 'latin1').toString())} AS JSON)`;
  if (dataType === 'enum') return quoteText(column.labels?.[Number(value) - 1] ?? '');
  return NUMERIC.has(dataType) ? value : keyLiteral(column, value);
}

function declaration({ columnType, charset, collation }: ColumnDefinition): string {
  return charset === null ? columnType : `${columnType} CHARACTER SET ${charset} COLLATE ${collation}`;
}

/** Of one row of keyValues(), one character a byte. */
export function keyLiterals(answer: readonly (string | null)[]): KeyLiterals {
  const literals: string[] = [];
  for (let i = 0; i < answer.length; i += 2) {
    const [text, charset] = [answer[i]!, answer[i + 1]];
    if (text === null) return null;
    const hex = `X'${Buffer.from(text, 'latin1').toString('hex')}'`;
    // Taken for a number, a binary text finds no index, and that is asked for first.
    if (charset !== 'binary') literals.push(`_${charset} ${hex}`);
    else if (/^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(text)) literals.push(text);
    else literals.push(/^\d{4}-\d\d-\d\d/.test(text) ? quoteText(text) : hex);
  }
  return literals;
}

export function selectByLiterals(
  key: UniqueKey,
  { schema, table }: TableDefinition,
  select: string,
  literals: readonly string[],
): string {
  const parts = [...key.expressions, ...key.columns.map(({ name }) => quoteName(name))];
  const where = parts.map((part, i) => `${part}=${literals[i]!}`).join(' AND ');
  return `SELECT ${select} FROM ${quoteName(schema)}.${quoteName(table)} FORCE INDEX (${quoteName(key.name)}) WHERE ${where}`;
}

/** By an EXPLAIN's rows: whether it reads no table. Also where it has looked already, and found nothing. */
export function isByIndex(plan: readonly Record<string, string | null>[]): boolean {
  return plan.every(
    ({ type, Extra }) =>
      ['const', 'ref', 'range', 'eq_ref'].includes(type ?? '') || /no matching row/i.test(Extra ?? ''),
  );
}

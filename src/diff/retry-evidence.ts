// What makes two rows under different ids that somebody gave out look like one thing that was sent twice. Pure: the rule, and nothing
// that looks anything up. The operator's words for it are in docs/conflicts.md.
import type { ColumnDefinition } from '../server/catalogue.ts';
import type { WindowTable } from './window-table.ts';

/** Which columns of a table must be equal in two rows that are one thing. */
export interface RetryColumns {
  /** The one that a retry gives out anew: automatic, or made by the application (a UUID and the like). */
  id: number;
  /** Equal, value for value. */
  content: number[];
  /** DATETIME columns that an application may fill with the time of day: equal, or each the moment of its own writing. */
  moments: number[];
}

/**
 * Left out are the id that is given out, generated columns, and times that the server itself writes (TIMESTAMP, and DATETIME
 * with a current default). null for tables whose rows get no such id: a retry has the same key there.
 */
export function retryColumns(table: WindowTable): RetryColumns | null {
  const { definitions } = table;
  const id = givenOut(table);
  if (id === null) return null;
  const content: number[] = [];
  const moments: number[] = [];
  definitions.forEach((column, i) => {
    if (i === id || column.generated !== null || column.dataType === 'timestamp') return;
    if (column.dataType !== 'datetime') content.push(i);
    else if (!/^current_timestamp/i.test(column.default ?? '')) moments.push(i);
  });
  return { id, content, moments };
}

/** Of the key's columns. A reference is nobody's own id, and of two that could be one neither is certain. */
function givenOut({ definitions, primaryKey, foreignKeys }: WindowTable): number | null {
  const automatic = primaryKey.columns.find((i) => definitions[i]!.autoIncrement);
  if (automatic !== undefined) return automatic;
  const references = new Set(foreignKeys.flatMap(({ columns }) => columns));
  const made = primaryKey.columns.filter((i) => ID_TYPES.has(definitions[i]!.dataType) && !references.has(i));
  return made.length === 1 ? made[0]! : null;
}

const ID_TYPES = new Set(['uuid', 'binary', 'varbinary', 'char', 'varchar', 'bigint']);

/** Longer than what people count, or call things by. */
const BINARY_ID = 12;
const NUMERIC_ID = 16;
const TEXT_ID = 16;

/** Whether the value is one that the application makes at each try: a UUID, an ULID, a snowflake, whatever its prefix. */
function isMade({ dataType, autoIncrement }: ColumnDefinition, value: string): boolean {
  if (autoIncrement || dataType === 'uuid') return true;
  if (dataType === 'bigint') return value.length >= NUMERIC_ID;
  if (dataType === 'binary' || dataType === 'varbinary') return value.length >= BINARY_ID;
  return isMadeText(value);
}

function isMadeText(value: string): boolean {
  return (
    value.length >= TEXT_ID && /^[\w-]+$/.test(value) && /[a-z]/i.test(value) && /(?:\d.*){3}/.test(value)
  );
}

/** A sum of column() below which equal rows prove nothing: "an id and a status" is everybody's row. */
const ENOUGH = 2;
const LONG_TEXT = 24;
const SHORT_TEXT = 8;

/** Whether so much is said in the row's content that two rows hardly agree by chance. */
export function isDistinguishing(
  table: WindowTable,
  { id, content }: RetryColumns,
  row: readonly (string | null)[],
): boolean {
  if (!isMade(table.definitions[id]!, row[id]!)) return false;
  const unique = new Set(table.uniqueKeys.flatMap(({ columns }) => columns));
  let points = 0;
  for (const i of content) {
    const value = row[i]!;
    if (value === null || value === '' || isDefault(table.definitions[i]!, value)) continue;
    points += unique.has(i) ? ENOUGH : pointsOf(table.definitions[i]!, value);
  }
  return points >= ENOUGH;
}

/** What a status or a kind is called: letters only, however many. */
const LABEL = /^[A-Za-z_.:-]*$/;

/** 0: a flag, a status, a label. 1: a reference, an amount, a name. 2: a text of one's own. */
function pointsOf({ dataType }: ColumnDefinition, value: string): 0 | 1 | 2 {
  switch (dataType) {
    case 'enum':
    case 'set':
    case 'bit':
    case 'tinyint':
    case 'year':
      return 0;
    case 'smallint':
    case 'mediumint':
    case 'int':
    case 'bigint':
    case 'decimal':
    case 'float':
    case 'double':
    case 'date':
    case 'time':
      return 1;
    case 'uuid':
      return 1;
    default:
      // Somebody's id, as a number would be.
      if (isMadeText(value)) return 1;
      if (LABEL.test(value) || value.length < SHORT_TEXT) return 0;
      return value.length >= LONG_TEXT ? 2 : 1;
  }
}

/** MySQL has the bare value, MariaDB an SQL literal. */
function isDefault({ default: preset }: ColumnDefinition, value: string): boolean {
  return preset !== null && (preset === value || preset === `'${value}'`);
}

const QUARTER_HOUR = 900_000_000;
const EARLY = 10_000_000;
const LATE = 2_000_000;

/**
 * Whether a DATETIME is the moment at which its row was written, in whatever zone: zones differ by whole quarters of an
 * hour. `committedAt`: microseconds since 1970.
 */
export function isMomentOfWriting(value: string | null, committedAt: number): boolean {
  if (value === null) return false;
  const at = Date.parse(`${value.slice(0, 23).replace(' ', 'T')}Z`) * 1000;
  if (Number.isNaN(at) || Math.abs(at - committedAt) > 15 * 4 * QUARTER_HOUR) return false;
  const behind = (((committedAt - at) % QUARTER_HOUR) + QUARTER_HOUR) % QUARTER_HOUR;
  return behind <= EARLY || behind >= QUARTER_HOUR - LATE;
}

/** Whether two rows' DATETIME columns allow that they are one thing. */
export function momentsAgree(
  { moments }: RetryColumns,
  one: { row: readonly (string | null)[]; committedAt: number },
  other: { row: readonly (string | null)[]; committedAt: number },
): boolean {
  return moments.every(
    (i) =>
      one.row[i] === other.row[i] ||
      (isMomentOfWriting(one.row[i]!, one.committedAt) &&
        isMomentOfWriting(other.row[i]!, other.committedAt)),
  );
}

// QUERY events (and the other events that carry SQL text): takes them apart and judges what kind of statement they hold.
// Never parses SQL beyond its first words.
import { type ByteCursor, DecodeFault } from './byte-cursor.ts';
import { inflateEvent } from './mariadb-compression.ts';

/**
 * `begin`, `commit`, `rollback`: the borders of a group. `harmless`: changes nothing that outlives its session.
 * `savepoint-rollback`: takes back rows that stand before it in the log. `ddl` also stands for account management.
 */
export type StatementKind =
  | 'begin'
  | 'commit'
  | 'rollback'
  | 'harmless'
  | 'savepoint-rollback'
  | 'xa-start'
  | 'xa-end'
  | 'xa-prepare'
  | 'xa-complete'
  | 'ddl'
  | 'statement';

export interface LoggedStatement {
  kind: StatementKind;
  schema: string;
  sql: string;
}

const BEGIN: LoggedStatement = { kind: 'begin', schema: '', sql: 'BEGIN' };
const COMMIT: LoggedStatement = { kind: 'commit', schema: '', sql: 'COMMIT' };

/** Thread id 4, seconds 4, length of the schema 1, error code 2, length of the status variables 2. */
const POST_HEADER = 13;

/** `cursor` covers the event's body without checksum. `extra` are post-header bytes of EXECUTE_LOAD_QUERY. */
export function readQuery(cursor: ByteCursor, compressed: boolean, extra = 0): LoggedStatement {
  const header = cursor.skip(POST_HEADER + extra);
  const schemaLength = cursor.bytes[header + 8]!;
  cursor.skip(cursor.bytes.readUInt16LE(header + 11));
  const schemaAt = cursor.skip(schemaLength);
  if (cursor.uint8() !== 0) throw new DecodeFault('a query event whose schema does not end');
  if (!compressed) {
    const border = borderOf(cursor);
    if (border === 'begin') return BEGIN;
    if (border === 'commit') return COMMIT;
  }
  const schema = cursor.bytes.toString('utf8', schemaAt, schemaAt + schemaLength);
  const rest = cursor.slice(cursor.left);
  const sql = (compressed ? inflateEvent(rest) : rest).toString('utf8');
  return { kind: classifyStatement(sql), schema, sql };
}

/** BEGIN and COMMIT are most of all queries in a row-based log: told by their bytes. */
function borderOf(cursor: ByteCursor): 'begin' | 'commit' | null {
  const { bytes, position, left } = cursor;
  if (left === BEGIN_BYTES.length && startsWith(bytes, position, BEGIN_BYTES)) return 'begin';
  if (left === COMMIT_BYTES.length && startsWith(bytes, position, COMMIT_BYTES)) return 'commit';
  return null;
}

const BEGIN_BYTES = Buffer.from('BEGIN');
const COMMIT_BYTES = Buffer.from('COMMIT');

function startsWith(bytes: Buffer, at: number, wanted: Buffer): boolean {
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}

const dataChanging = new Set([
  'INSERT',
  'UPDATE',
  'DELETE',
  'REPLACE',
  'LOAD',
  'CALL',
  'DO',
  'SELECT',
  'WITH',
  'TABLE',
  'VALUES',
]);

export function classifyStatement(sql: string): StatementKind {
  const words = firstWords(sql, 5);
  const [first = '', second = '', third = ''] = words;
  switch (first) {
    case 'BEGIN':
      return 'begin';
    case 'START':
      return second === 'TRANSACTION' ? 'begin' : 'ddl';
    case 'COMMIT':
      return 'commit';
    case 'ROLLBACK':
      return words.includes('TO') ? 'savepoint-rollback' : 'rollback';
    case 'SAVEPOINT':
    case 'RELEASE':
      return 'harmless';
    case 'XA':
      return classifyXa(second);
    case 'SET':
      return second === 'STATEMENT' ? classifyBehindSettings(sql) : 'ddl';
    case 'CREATE':
      return isTemporary(words) && !words.includes('SELECT') ? 'harmless' : 'ddl';
    case 'DROP':
      return second === 'TEMPORARY' && third === 'TABLE' ? 'harmless' : 'ddl';
    default:
      return dataChanging.has(first) ? 'statement' : 'ddl';
  }
}

/** MariaDB's SET STATEMENT … FOR stands before any statement. */
function classifyBehindSettings(sql: string): StatementKind {
  const behind = /\sfor\s([\s\S]*)$/i.exec(sql);
  return behind ? classifyStatement(behind[1]!) : 'ddl';
}

function isTemporary(words: string[]): boolean {
  const at = words.indexOf('TEMPORARY');
  return at === 1 || (at === 3 && words[1] === 'OR' && words[2] === 'REPLACE');
}

function classifyXa(second: string): StatementKind {
  if (second === 'START' || second === 'BEGIN') return 'xa-start';
  if (second === 'END') return 'xa-end';
  if (second === 'PREPARE') return 'xa-prepare';
  return 'xa-complete';
}

/** Upper-case words at the front, comments left out; what an executable comment holds counts as written. */
function firstWords(sql: string, count: number): string[] {
  const words: string[] = [];
  const token =
    /\/\*M?!\d*|\*\/|\/\*[\s\S]*?(?:\*\/|$)|--[ \t][^\n]*|--\n|#[^\n]*|[\s(;]+|([A-Za-z_][\w$]*)|./gy;
  for (let found = token.exec(sql); found !== null && words.length < count; found = token.exec(sql)) {
    if (found[1] !== undefined) words.push(found[1].toUpperCase());
    else if (words.length > 0 && /^[`'"\d@=]/.test(found[0])) break;
  }
  return words;
}

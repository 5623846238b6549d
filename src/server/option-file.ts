// Reads MySQL option files (my.cnf syntax, after mysys/my_default.cc). Never decides which group or value wins.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileReason, ReconcileError } from '../reconcile-error.ts';

/** One option as it stands in a file: `name` with hyphens, `value` null where there is no equals sign. */
export interface FileOption {
  group: string;
  name: string;
  value: string | null;
  file: string;
  line: number;
}

const MAX_INCLUDE_DEPTH = 10;

/** All options of all groups in order, includes followed. Throws ReconcileError('input') naming file and line. */
export function readOptionFile(path: string): FileOption[] {
  return readInto([], resolve(path), 0);
}

function readInto(options: FileOption[], file: string, depth: number): FileOption[] {
  let text: string;
  try {
    // The mysql clients ignore such a file with a warning that nobody reads: anybody could plant a host or a CA in it.
    if ((statSync(file).mode & 0o002) !== 0) {
      throw new ReconcileError('input', `option file ${file} can be written by every user of this machine`, {
        hint: `chmod 600 ${file}`,
      });
    }
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof ReconcileError) throw cause;
    throw new ReconcileError('input', `option file ${file} can't be read: ${fileReason(cause)}`, {
      hint: 'Name another with --defaults-file.',
      cause,
    });
  }
  let group: string | null = null;
  for (const [index, raw] of text.split(/\r\n|\n|\r/).entries()) {
    const line = index + 1;
    const content = raw.trim();
    if (content === '' || content.startsWith('#') || content.startsWith(';')) continue;
    const fault = (reason: string): ReconcileError =>
      new ReconcileError('input', `option file ${file}, line ${line}: ${reason}`);

    const include = /^!(includedir|include)\s+(.+)$/.exec(content);
    if (include) {
      if (depth >= MAX_INCLUDE_DEPTH) throw fault(`more than ${MAX_INCLUDE_DEPTH} files deep in !include`);
      const target = resolve(dirname(file), include[2]!.trim());
      for (const included of include[1] === 'include' ? [target] : configFilesIn(target, fault)) {
        readInto(options, included, depth + 1);
      }
      continue;
    }
    if (content.startsWith('!')) throw fault(`unknown directive ${content.split(/\s/)[0]}`);

    if (content.startsWith('[')) {
      const end = content.indexOf(']');
      if (end < 0) throw fault('a group without its closing bracket');
      group = content.slice(1, end).trim();
      continue;
    }
    if (group === null) throw fault('an option before the first [group]');
    options.push({ group, ...parseOption(content, fault), file, line });
  }
  return options;
}

function parseOption(
  content: string,
  fault: (reason: string) => ReconcileError,
): { name: string; value: string | null } {
  const text = content.slice(0, endBeforeComment(content)).trimEnd();
  const equals = text.indexOf('=');
  const name = (equals < 0 ? text : text.slice(0, equals))
    .trim()
    .replaceAll('_', '-')
    .replace(/^loose-/, '');
  if (name === '') throw fault('a value without the name of its option');
  if (equals < 0) return { name, value: null };
  const value = text.slice(equals + 1).trim();
  const quoted = value.length >= 2 && /^(["']).*\1$/s.test(value);
  return { name, value: resolveEscapes(quoted ? value.slice(1, -1) : value) };
}

/** A # ends the line, except within quotes: a password with a # in it has to be quoted, as for the mysql clients. */
function endBeforeComment(text: string): number {
  let quote = '';
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (quote === '' && character === '#') return i;
    if (character === '\\' && quote !== '') i++;
    else if (character === '"' || character === "'") {
      if (quote === '') quote = character;
      else if (quote === character) quote = '';
    }
  }
  return text.length;
}

const ESCAPES: Readonly<Record<string, string>> = {
  b: '\b',
  t: '\t',
  n: '\n',
  r: '\r',
  '\\': '\\',
  s: ' ',
  '"': '"',
  "'": "'",
};

function resolveEscapes(value: string): string {
  // An unknown escape stays as it is, backslash included.
  return value.replace(/\\(.)/gs, (whole, character: string) => ESCAPES[character] ?? whole);
}

function configFilesIn(directory: string, fault: (reason: string) => ReconcileError): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith('.cnf'))
      .sort()
      .map((name) => join(directory, name));
  } catch (cause) {
    throw fault(`!includedir ${directory} can't be read: ${fileReason(cause)}`);
  }
}

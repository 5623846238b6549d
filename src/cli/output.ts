// The two streams: results on stdout, everything else on stderr; with --json exactly one JSON document on stdout.
// Nothing that a server said reaches a terminal unescaped. Never decides what is said.
import type { ReconcileError } from '../reconcile-error.ts';
import { escapeText } from '../report/escape-text.ts';
import type { Progress } from '../requests.ts';
import type { OutputOptions, Stream } from './output-options.ts';
import { terminalProgress } from './terminal-progress.ts';

export interface Output {
  readonly options: Readonly<OutputOptions>;
  /** `clear` takes its line off the terminal. */
  readonly progress: Progress & { clear(): void };
  /** A report for a person: already escaped and painted. On stdout, or on stderr beside a JSON document. */
  text(text: string): void;
  /** The command's result as JSON; with --json only, and once. */
  document(document: Record<string, unknown>): void;
  /** One of many rows: a JSON line of its own; with --json an element of the document's `rows`. */
  row(row: unknown): void;
  /** Something said by the way; not with --quiet. */
  note(text: string): void;
  warn(text: string): void;
  error(error: ReconcileError): void;
}

export function createOutput(options: OutputOptions, stdout: Stream, stderr: Stream): Output {
  let rows = 0;
  const line = (text: string): void => {
    progress.clear();
    stderr.write(`${text}\n`);
  };
  const progress = terminalProgress(stderr, options, (text) => line(`warning: ${escapeLines(text)}`));
  const document = (content: Record<string, unknown>): void => {
    if (!options.json) return;
    progress.clear();
    const text = safeJson(content, 2);
    // Rows are written as they come; the rest of their document follows.
    stdout.write(rows === 0 ? `${text}\n` : `\n],${text.slice(1)}\n`);
  };
  return {
    options,
    progress,
    document,
    text(text) {
      progress.clear();
      if (!options.json) stdout.write(text.endsWith('\n') ? text : `${text}\n`);
      else if (!options.quiet) stderr.write(text.endsWith('\n') ? text : `${text}\n`);
    },
    row(row) {
      progress.clear();
      const text = safeJson(row);
      stdout.write(!options.json ? `${text}\n` : rows === 0 ? `{"rows": [\n${text}` : `,\n${text}`);
      rows++;
    },
    note(text) {
      if (!options.quiet) line(escapeLines(text));
    },
    warn: (text) => progress.warn(text),
    error(error) {
      line(`reconcile: ${escapeLines(error.message)}`);
      if (error.hint) line(escapeLines(error.hint));
      if (options.verbose) for (const cause of causes(error)) line(`  caused by: ${escapeLines(cause)}`);
      if (options.debug) line(escapeLines(error.stack ?? ''));
      const { code, message, hint, check } = error;
      document({ version: 1, error: { code, message, hint: hint ?? null, check: check ?? null } });
    },
  };
}

/** Its own line breaks are ours: messages have them; everything else that a terminal would act on is written out. */
function escapeLines(text: string): string {
  return text.split('\n').map(escapeText).join('\n');
}

/** JSON as it is, with what JSON.stringify leaves raw and a terminal may act on (C1 controls, direction marks) escaped. */
export function safeJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    /[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function causes(error: Error): string[] {
  const list: string[] = [];
  for (let cause = error.cause; cause !== undefined && list.length < 10; cause = (cause as Error).cause) {
    const code = (cause as { code?: unknown }).code;
    const text = cause instanceof Error ? cause.message : String(cause);
    list.push(typeof code === 'string' ? `${text} (${code})` : text);
  }
  return list;
}

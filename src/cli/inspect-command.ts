// `reconcile inspect`: what is in the log, with nothing but the log at hand. Reads only.
import type { Command } from 'commander';
import { ReconcileError } from '../reconcile-error.ts';
import { escapeText } from '../report/escape-text.ts';
import type { InspectOutcome } from '../requests.ts';
import { addCommonOptions, addConnectionOptions, addForceOption } from './common-options.ts';
import type { ExitCode } from './exit-code.ts';
import { paragraphs } from './help-text.ts';
import { addLogOptions, type LogOptions, logRequest } from './log-options.ts';
import type { Output } from './output.ts';
import { type CommandContext, perform } from './perform.ts';
import { plural } from './plural.ts';
import { chooseServers } from './server-options.ts';
import { keepYoungGenerationSmall } from './young-generation.ts';

interface InspectOptions extends LogOptions {
  rows?: boolean;
}

export function addInspectCommand(program: Command): void {
  const command = program
    .command('inspect')
    .summary('say what is in a binlog: the account, transactions, changes by table')
    .description(
      paragraphs(`Reads a binlog, files or a running server, and says what is in it: files, bytes and events by type, a torn tail,
transactions, changes by table, first and last commit. Needs no other server. Writes to none.
Without --record or --start-…, it begins where the log begins.`),
    );
  addLogOptions(command, 'begin where this failover record says').option(
    '--rows',
    'every change as a JSON line, values as text',
  );
  addForceOption(addCommonOptions(addConnectionOptions(command))).addHelpText(
    'after',
    `
Examples:
  reconcile inspect --binlog /mnt/db2/mysql
  reconcile inspect --binlog binlog.000007 --rows | jq .table`,
  );
  command.action(() => perform(command, runInspect));
}

async function runInspect({
  options,
  output,
  signal,
  force,
}: CommandContext<InspectOptions>): Promise<ExitCode> {
  const log = logRequest(options);
  const live = log.binlog.length === 0;
  if (live) keepYoungGenerationSmall();
  if (live && options.failed === undefined && options.record === undefined) {
    throw new ReconcileError('usage', 'what is to be read?', {
      hint: 'Name binlog files or their directory, --binlog PATH, or the server, --failed mysql://user@host:3306.',
    });
  }
  const servers = live
    ? await chooseServers(
        [{ role: 'failed', given: options.failed, required: true }],
        options,
        options.record,
      )
    : {};
  // Of the whole program this needs the reader only: what is not loaded costs no time before the first byte is read.
  const { inspectWindow } = await import('../session/inspect-window.ts');
  const outcome = await inspectWindow({
    ...log,
    record: options.record,
    failed: servers.failed,
    onRows: options.rows ? (lines) => printRows(lines, output) : undefined,
    force,
    signal,
    progress: output.progress,
  });
  const { header, source } = outcome;
  output.document({ version: 1, source, ...header });
  // Rows have stdout to themselves.
  if (options.rows && !output.options.json) output.note(inspectText(outcome));
  else output.text(inspectText(outcome));
  return header.account.closes ? 0 : 3;
}

/** The lines are JSON as they come; only as elements of one document they have to be taken apart. */
async function printRows(lines: Buffer[], output: Output): Promise<void> {
  output.progress.clear();
  if (output.options.json) {
    const text = Buffer.concat(lines).toString('utf8');
    for (const line of text.split('\n')) if (line !== '') output.row(JSON.parse(line));
    return;
  }
  // Called back when it is written, or when its reader has gone away.
  for (const block of lines) await new Promise<void>((done) => process.stdout.write(block, () => done()));
}

function inspectText({ header }: InspectOutcome): string {
  const { window, account, tables, undecoded, warnings } = header;
  const events = Object.entries(account.events).sort(([, a], [, b]) => b - a);
  const lines = [
    `from ${window.start.file}:${window.start.position} to ${window.end.file}:${window.end.position}`,
    `  ${plural(window.transactions, 'transaction')}, ${plural(window.changes, 'change')}, ${plural(window.bytes, 'byte')}`,
  ];
  if (window.firstCommit)
    lines.push(`  first commit ${window.firstCommit}, last ${window.lastCommit} (${window.seconds} s)`);
  const width = Math.max(...tables.map(({ table }) => escapeText(table).length), 0);
  for (const { table, insert, update, delete: deleted, distinctRows } of tables) {
    lines.push(
      `  ${escapeText(table).padEnd(width)}  ${plural(insert, 'insert')}, ${plural(update, 'update')}, ${plural(deleted, 'delete')} of ${plural(distinctRows, 'distinct row')}`,
    );
  }
  lines.push(
    `account: ${plural(account.files.length, 'file')}, ${plural(account.bytes, 'byte')}; every byte is accounted for: ${account.closes ? 'yes' : 'NO'}`,
    ...events.map(([type, count]) => `  ${String(count).padStart(8)} ${escapeText(type)}`),
    `  own transactions ${account.transactions.own}, replicated ${account.transactions.replicated}, skipped ${account.transactions.skipped}`,
  );
  if (account.rolledBack > 0)
    lines.push(
      `  prepared by XA and rolled back: ${plural(account.rolledBack, 'change')}, in no transaction`,
    );
  for (const one of account.undecoded) {
    lines.push(
      `  not decoded: ${escapeText(one.file)}:${one.position} ${one.reason}: ${escapeText(one.detail).slice(0, 200)}`,
    );
  }
  const unlisted = undecoded - account.undecoded.length;
  if (unlisted > 0)
    lines.push(`  not decoded: ${unlisted} more (the first ${account.undecoded.length} are listed)`);
  if (account.tornTail) {
    const { file, position, bytes, reason } = account.tornTail;
    lines.push(
      `  torn tail: ${escapeText(file)}:${position}, ${bytes} bytes, never committed (${escapeText(reason)})`,
    );
  }
  for (const warning of warnings) lines.push(`warning: ${escapeText(warning)}`);
  return lines.join('\n');
}

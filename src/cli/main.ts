// The command line as a whole: builds it, parses it, and sees that the process ends well. One file a command beside it.
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import type { ReconcileError } from '../reconcile-error.ts';
import { addCleanCommand } from './clean-command.ts';
import { outputOptions } from './common-options.ts';
import { addDiffCommand } from './diff-command.ts';
import { addDryRun } from './dry-run-command.ts';
import { paragraphs } from './help-text.ts';
import { addInspectCommand } from './inspect-command.ts';
import { createOutput } from './output.ts';
import { asReconcileError } from './perform.ts';
import { addRecordCommand } from './record-command.ts';
import { addReplayCommand } from './replay-command.ts';
import { addReportCommand } from './report-command.ts';
import { addUndoCommand } from './undo-command.ts';
import { unknownCommand, usageError } from './usage-error.ts';
import { addVerifyCommand } from './verify-command.ts';

/** Parses and performs; the outcome is process.exitCode. Never throws. */
export async function run(words: readonly string[] = process.argv.slice(2)): Promise<void> {
  watchStreams();
  const program = buildProgram();
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (thrown) {
    process.exitCode = reportUsage(thrown, words, program);
  }
  // The process would end below in the middle of what a slow reader (a pager, ssh) has not taken yet.
  for (const stream of [process.stdout, process.stderr]) await written(stream);
  // A connection that a broken server keeps half open must not keep the process.
  setTimeout(() => process.exit(), 250).unref();
}

export function buildProgram(): Command {
  const program = new Command('reconcile')
    .description(
      paragraphs(`After a botched MySQL or MariaDB failover: finds the writes that only the failed primary has, and replays them on
the restored primary, without hurting what that one has accepted since. Nothing is written without --apply.

Without a command: the whole dry run from ./failover.json. Reads both servers, writes the plan, prints what is
missing, present and in conflict, and the next command to type. Writes to no server.`),
    )
    .version(packageVersion(), '-V, --version', 'the version')
    .enablePositionalOptions()
    .showSuggestionAfterError(true)
    .configureHelp({ showGlobalOptions: false })
    .helpCommand('help [command]', 'the help of a command')
    // Printed by us, once, in our own form.
    .configureOutput({ writeErr: () => {}, outputError: () => {} })
    .exitOverride();
  addRecordCommand(program);
  addDiffCommand(program);
  addInspectCommand(program);
  addReportCommand(program);
  addReplayCommand(program);
  addVerifyCommand(program);
  addUndoCommand(program);
  addCleanCommand(program);
  addDryRun(program);
  program.addHelpText(
    'after',
    `
Servers are written mysql://user@host:3306, host[:port] or
mysql:///?socket=/path. Passwords: RECONCILE_PASSWORD, or a variable a role such
as RECONCILE_FAILED_PASSWORD; or an option file's [client], [reconcile] and
[reconcile-failed] groups; else a prompt, on a terminal only.

Exit code:
  0    nothing is missing, or all is done       3    a person has to decide
  1    error                                    4    a safety check refused
  2    writes are missing, all can be replayed  130  interrupted`,
  );
  return program;
}

/**
 * `reconcile … | head` closes our stdout: what can't be printed is dropped, what is being done is done. On a full disk too,
 * but there somebody takes what is left for the whole: an error, in the end.
 */
function watchStreams(): void {
  process.stderr.on('error', () => {});
  let lost: NodeJS.ErrnoException | null = null;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') lost ??= error;
  });
  process.once('exit', (code) => {
    if (!lost) return;
    process.stderr.write(
      `reconcile: the output is not whole: ${lost.message}\nWhat the command did is done; only what it says of it is lost. Give the output another place.\n`,
    );
    // Errors, refusals and interrupts say more than this.
    if (code < 4) process.exitCode = 1;
  });
}

/** Settles when all is with the system, or can't be. */
async function written(stream: NodeJS.WriteStream): Promise<void> {
  if (!stream.destroyed) await new Promise<void>((done) => stream.write('', () => done()));
}

/** The exit code. Help and version are no errors, though commander throws them. */
function reportUsage(thrown: unknown, words: readonly string[], program: Command): number {
  if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0;
  const error = asUsage(thrown, words, program) ?? asReconcileError(thrown);
  const options = { json: words.includes('--json'), color: false, progress: false };
  createOutput(outputOptions(options, process.env, process.stdout), process.stdout, process.stderr).error(
    error,
  );
  return 1;
}

function asUsage(thrown: unknown, words: readonly string[], program: Command): ReconcileError | null {
  if (!(thrown instanceof CommanderError)) return null;
  const [first, second = ''] = words.filter((word) => !word.startsWith('-'));
  // `help` of what is no command: commander would show the help of all, as an error.
  if (thrown.code === 'commander.help' && first === 'help') return unknownCommand(second, program);
  const named = program.commands.find((command) => command.name() === first);
  return usageError(thrown, named?.name() ?? '');
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

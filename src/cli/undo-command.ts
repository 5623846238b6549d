// `reconcile undo`: takes a replay back; like it a rehearsal without --apply.
import type { Command } from 'commander';
import { escapeText } from '../report/escape-text.ts';
import { conflictLines } from '../report/report-text.ts';
import type { UndoOutcome } from '../requests.ts';
import { describeAddress } from '../server/server-address.ts';
import {
  addCommonOptions,
  addConnectionOptions,
  addForceOption,
  addJournalOption,
  type ConnectionSettings,
} from './common-options.ts';
import { addEngineOptions, type EngineOptions } from './engine-options.ts';
import type { ExitCode } from './exit-code.ts';
import { paragraphs } from './help-text.ts';
import { type CommandContext, perform } from './perform.ts';
import { plural } from './plural.ts';
import { chooseRestored } from './server-options.ts';
import { confirm } from './terminal-prompt.ts';
import { addThrottleOptions, parseThrottle, type ThrottleSettings } from './throttle-options.ts';
import { DEFAULT_WORKERS, parseWorkers } from './workers.ts';
import { boundYoungGeneration } from './young-generation.ts';

interface UndoOptions extends ConnectionSettings, EngineOptions, ThrottleSettings {
  record?: string;
  restored?: string;
  apply?: boolean;
  yes?: boolean;
  journal: string;
  workers: string;
}

export function addUndoCommand(program: Command): void {
  const command = program
    .command('undo')
    .summary('take a replay back (with --apply only)')
    .description(
      paragraphs(`Takes back what a replay wrote, by its undo file: last transaction first, each whole, its rows locked and
checked first. Rows that live traffic has changed since are left as they are and said, with all that builds on them.
Without --apply it says what it would do and writes nothing. Running it again goes on where it stopped.`),
    )
    .argument('<undo-file>', 'the file that `replay --apply` wrote')
    .option('--apply', 'write to the restored primary')
    .option('-y, --yes', 'with --apply: do not ask (needed where there is no terminal)')
    .option('--restored <server>', 'the restored primary (else from the record)')
    .option('--record <file>', 'the failover record (./failover.json where it is there)')
    .option('--workers <n>', 'transactions under way at once, 1 to 64', DEFAULT_WORKERS);
  addJournalOption(command);
  addEngineOptions(command);
  addThrottleOptions(command);
  addForceOption(addCommonOptions(addConnectionOptions(command))).addHelpText(
    'after',
    '\nExample:\n  reconcile undo reconcile.undo-1a2b3c4d.jsonl --apply\n\nExit code: 0 all is taken back, 2 (without --apply) there is something to take\nback, 3 live traffic has changed some of it, 4 refused, 1 error.',
  );
  command.action((file: string) => perform<UndoOptions>(command, (context) => runUndo(file, context)));
}

async function runUndo(file: string, context: CommandContext<UndoOptions>): Promise<ExitCode> {
  boundYoungGeneration();
  const { options, output, signal, force } = context;
  const { record, restored } = await chooseRestored(options);
  const apply = options.apply === true;
  if (apply && !options.yes) {
    const where = escapeText(describeAddress(restored.address));
    if (
      !(await confirm(
        `Take the replay of ${escapeText(file)} back from the restored primary ${where}?`,
        signal,
      ))
    ) {
      output.note('nothing was written');
      return 1;
    }
  }
  const { undo } = await import('../reconcile.ts');
  const outcome = await undo({
    record,
    restored,
    file,
    apply,
    journal: options.journal,
    workers: parseWorkers(options.workers),
    throttle: parseThrottle(options),
    engine: options.engine,
    allowTriggers: options.allowTriggers === true,
    force,
    signal,
    progress: output.progress,
  });
  output.document(undoDocument(outcome));
  output.text(undoText(outcome));
  if (outcome.conflicts.length > 0 || outcome.held.length > 0) return 3;
  return !apply && outcome.undone.length > 0 ? 2 : 0;
}

function undoDocument({
  apply,
  undone,
  nothingToUndo,
  held,
  conflicts,
  file,
}: UndoOutcome): Record<string, unknown> {
  return {
    version: 1,
    apply,
    undone: apply ? undone.length : 0,
    ...(apply ? {} : { wouldUndo: undone.length }),
    nothingToUndo: nothingToUndo.length,
    held: held.length,
    conflicts,
    file,
  };
}

function undoText({ apply, undone, nothingToUndo, held, conflicts, file }: UndoOutcome): string {
  const lines = [
    apply
      ? `took back ${plural(undone.length, 'transaction')}`
      : `would take back ${plural(undone.length, 'transaction')}; nothing was written`,
    `  nothing to undo  ${nothingToUndo.length}`,
    `  left as it is    ${held.length + new Set(conflicts.map(({ transaction }) => transaction)).size}`,
  ];
  if (conflicts.length > 0)
    lines.push('no longer fitting:', ...conflicts.flatMap((one, i) => conflictLines(one, i)));
  if (!apply && undone.length > 0) lines.push('Next:', `  reconcile undo ${file} --apply`);
  return lines.join('\n');
}

// `reconcile clean`: removes the journal from the restored primary, with --apply only.
import type { Command } from 'commander';
import { escapeText } from '../report/escape-text.ts';
import type { CleanOutcome } from '../requests.ts';
import { describeAddress } from '../server/server-address.ts';
import {
  addCommonOptions,
  addConnectionOptions,
  addForceOption,
  addJournalOption,
  type ConnectionSettings,
} from './common-options.ts';
import type { ExitCode } from './exit-code.ts';
import { paragraphs } from './help-text.ts';
import { type CommandContext, perform } from './perform.ts';
import { plural } from './plural.ts';
import { chooseRestored } from './server-options.ts';
import { confirm } from './terminal-prompt.ts';

interface CleanOptions extends ConnectionSettings {
  record?: string;
  restored?: string;
  apply?: boolean;
  yes?: boolean;
  journal: string;
}

export function addCleanCommand(program: Command): void {
  const command = program
    .command('clean')
    .summary('remove the journal that replays leave (with --apply only)')
    .description(
      paragraphs(`Removes the journal table from the restored primary, and its schema where nothing else is in it. Without --apply
it says what is there and writes nothing. Refused while a plan or an undo file in this folder can still be replayed or
taken back, and for a day after the last entry: the journal is what keeps a second replay from writing twice.`),
    )
    .option('--apply', 'remove it')
    .option('-y, --yes', 'with --apply: do not ask (needed where there is no terminal)')
    .option('--restored <server>', 'the restored primary (else from the record)')
    .option('--record <file>', 'the failover record (./failover.json where it is there)');
  addJournalOption(command);
  addForceOption(addCommonOptions(addConnectionOptions(command))).addHelpText(
    'after',
    '\nExample:\n  reconcile clean --restored db1 --apply\n\nExit code: 0 it is gone, or (without --apply) said what is there, 4 refused,\n1 error.',
  );
  command.action(() => perform<CleanOptions>(command, runClean));
}

async function runClean({ options, output, signal, force }: CommandContext<CleanOptions>): Promise<ExitCode> {
  const { restored } = await chooseRestored(options);
  const apply = options.apply === true;
  const { journal } = options;
  if (apply && !options.yes) {
    const question = `Remove the journal ${escapeText(journal)}.journal from the restored primary ${escapeText(describeAddress(restored.address))}?`;
    if (!(await confirm(question, signal))) {
      output.note('nothing was removed');
      return 1;
    }
  }
  const { progress } = output;
  const { clean } = await import('../reconcile.ts');
  const outcome = await clean({ restored, apply, journal, folder: process.cwd(), force, signal, progress });
  const { contents, removed, schemaRemoved, schema } = outcome;
  output.document({ version: 1, apply, schema, journal: contents, removed, schemaRemoved });
  output.text(cleanText(outcome));
  return 0;
}

function cleanText({ apply, contents, schema, removed, schemaRemoved }: CleanOutcome): string {
  const table = `${escapeText(schema)}.journal`;
  if (contents === null) return `there is no ${table}: nothing to remove`;
  const { applied, undone } = contents;
  const what = `${table} (${plural(applied, 'transaction')} replayed, ${undone} taken back)`;
  if (!apply || !removed)
    return [`would remove ${what}; nothing was removed`, 'Next:', '  reconcile clean --apply'].join('\n');
  return `removed ${what}${schemaRemoved ? ' and its schema' : `; schema ${escapeText(schema)} holds more and stays`}`;
}

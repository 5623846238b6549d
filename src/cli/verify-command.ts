// `reconcile verify`: proves a replay row by row. Reads only.
import type { Command } from 'commander';
import { escapeText, valueText } from '../report/escape-text.ts';
import type { VerifyOutcome } from '../requests.ts';
import {
  addCommonOptions,
  addConnectionOptions,
  addForceOption,
  addJournalOption,
  type ConnectionSettings,
} from './common-options.ts';
import { DEFAULT_PLAN } from './diff-command.ts';
import { type ExitCode, verifyExitCode } from './exit-code.ts';
import { paragraphs } from './help-text.ts';
import { type CommandContext, perform } from './perform.ts';
import { plural } from './plural.ts';
import { chooseRestored } from './server-options.ts';
import { boundYoungGeneration } from './young-generation.ts';

interface VerifyOptions extends ConnectionSettings {
  record?: string;
  restored?: string;
  journal: string;
}

export function addVerifyCommand(program: Command): void {
  const command = program
    .command('verify')
    .summary('prove a replay, row by row')
    .description(
      paragraphs(`Reads back every row that the replayed transactions of the plan touched, and says of each whether it is as they
left it, was changed since by live traffic, or is wrong. Writes to no server.`),
    )
    .argument('[plan]', 'the plan file', DEFAULT_PLAN)
    .option('--restored <server>', 'the restored primary (else from the record)')
    .option('--record <file>', 'the failover record (./failover.json where it is there)');
  addJournalOption(command);
  addForceOption(addCommonOptions(addConnectionOptions(command))).addHelpText(
    'after',
    '\nExample:\n  reconcile verify reconcile.plan.jsonl\n\nExit code: 0 all is replayed and nothing is wrong, 2 some is not replayed yet,\n3 a person has to look, 4 refused, 1 error.',
  );
  command.action((plan: string) => perform<VerifyOptions>(command, (context) => runVerify(plan, context)));
}

async function runVerify(plan: string, context: CommandContext<VerifyOptions>): Promise<ExitCode> {
  boundYoungGeneration();
  const { options, output, signal, force } = context;
  const { record, restored } = await chooseRestored(options);
  const { verify } = await import('../reconcile.ts');
  const outcome = await verify({
    record,
    restored,
    plan,
    journal: options.journal,
    force,
    signal,
    progress: output.progress,
  });
  const { rows, replayed, changedSince, wrong, wrongRows, transactions } = outcome;
  const accountCloses = outcome.header.account.closes;
  output.document({
    ...{ version: 1, rows, replayed, changedSince, wrong, wrongRows, transactions, accountCloses, plan },
  });
  output.text(verifyText(outcome));
  return verifyExitCode(outcome, accountCloses);
}

function verifyText(outcome: VerifyOutcome): string {
  const { rows, replayed, changedSince, wrong, wrongRows, transactions, header } = outcome;
  const lines = [
    `${plural(rows, 'row')} of ${plural(transactions.replayed, 'replayed transaction')} read back`,
    `  as replayed      ${replayed}`,
    `  changed since    ${changedSince}`,
    `  wrong            ${wrong}`,
  ];
  if (!header.account.closes)
    lines.push(
      'The plan’s window was not read whole (its account does not close): what it lacks is not proved.',
    );
  if (transactions.notReplayed > 0)
    lines.push(`not replayed yet: ${plural(transactions.notReplayed, 'transaction')} of the plan`);
  if (transactions.replayed === 0)
    lines.push('Nothing of this plan was replayed: there is nothing to prove.');
  for (const { table, key, transaction, why } of wrongRows) {
    const name = Object.entries(key).map(([column, value]) => `${escapeText(column)}=${valueText(value)}`);
    lines.push(
      `  ${escapeText(table)} ${name.join(', ')}  (transaction ${escapeText(transaction)}): ${escapeText(why)}`,
    );
  }
  return lines.join('\n');
}

// `reconcile diff`, and the bare `reconcile`, which is the same with the next step spelled out. Reads only.
import type { Command } from 'commander';
import { diffDocument, diffExitCode } from '../report/report-json.ts';
import { renderText } from '../report/report-text.ts';
import {
  addCommonOptions,
  addConnectionOptions,
  addForceOption,
  addJournalOption,
} from './common-options.ts';
import type { ExitCode } from './exit-code.ts';
import { paragraphs } from './help-text.ts';
import { addLogOptions, type LogOptions, logRequest } from './log-options.ts';
import { type CommandContext, perform } from './perform.ts';
import { addPolicyOptions, type PolicyOptions, policyRequest } from './policy-options.ts';
import { chooseServers, recordPath } from './server-options.ts';
import { MAX_LOAD, parseMaxLoad } from './throttle-options.ts';
import { boundYoungGeneration } from './young-generation.ts';

export const DEFAULT_PLAN = 'reconcile.plan.jsonl';
/** Without --verbose: of conflicts, held and unsupported transactions each. */
export const SHOWN = 10;

export interface DiffOptions extends LogOptions, PolicyOptions {
  restored?: string;
  plan: string;
  maxLoad: string;
  journal: string;
}

export function addDiffCommand(program: Command): void {
  const command = program
    .command('diff')
    .summary('find what only the failed primary has; writes the plan, to no server')
    .description(
      paragraphs(`Reads what the failed primary wrote after the failover, compares it row by row with the restored primary, and
writes the plan: every transaction, whether it is missing, present, in conflict or held, and why.
Writes to no server. The plan holds customers' rows: it is created with mode 0600.`),
    );
  addDiffOptions(command);
  command.addHelpText(
    'after',
    `
Examples:
  reconcile diff                          with ./failover.json, both reachable
  reconcile diff --binlog /mnt/db2/mysql  db2 is dead, its binlog files are not
  reconcile diff --failed db2 --restored db1 --start-position binlog.000007:4711

Exit code: 0 nothing is missing, 2 all that is missing can be replayed,
3 a person has to decide, 4 refused, 1 error.`,
  );
  command.action(() => perform(command, runDiff));
}

/** Options of `diff` and of the bare command. */
export function addDiffOptions(command: Command): void {
  addLogOptions(command)
    .option('--restored <server>', 'the restored primary (else from the record)')
    .option('--plan <file>', 'where the plan is written', DEFAULT_PLAN)
    .option('--max-load <n>', 'wait while more sessions of others are running; off: never', MAX_LOAD);
  addJournalOption(command);
  addForceOption(addCommonOptions(addConnectionOptions(addPolicyOptions(command))));
}

export async function runDiff({
  options,
  output,
  signal,
  force,
}: CommandContext<DiffOptions>): Promise<ExitCode> {
  boundYoungGeneration();
  const log = logRequest(options);
  const record = recordPath(options.record);
  const live = log.binlog.length === 0;
  const servers = await chooseServers(
    [
      ...(live ? [{ role: 'failed' as const, given: options.failed, required: true }] : []),
      { role: 'restored', given: options.restored, required: true },
    ],
    options,
    record,
  );
  const { dryRun } = await import('../reconcile.ts');
  const outcome = await dryRun({
    ...log,
    record,
    failed: servers.failed,
    restored: servers.restored,
    plan: options.plan,
    maxLoad: parseMaxLoad(options.maxLoad),
    policy: policyRequest(options),
    journal: options.journal,
    force,
    signal,
    progress: output.progress,
  });
  output.document(diffDocument(outcome, { record: record ?? null, source: outcome.source }));
  const { color, verbose } = output.options;
  output.text(renderText(outcome, { color, most: verbose ? Number.POSITIVE_INFINITY : SHOWN }));
  return diffExitCode(outcome.header);
}

// `reconcile replay`: without --apply a rehearsal, with it the only command here that writes to a server.
import type { Command } from 'commander';
import { scanPlanFile } from '../plan/plan-file.ts';
import { escapeText } from '../report/escape-text.ts';
import { conflictLines, renderText } from '../report/report-text.ts';
import type { ReplayOutcome } from '../requests.ts';
import { describeAddress } from '../server/server-address.ts';
import { acceptDamage } from '../session/damaged-plan.ts';
import {
  addCommonOptions,
  addConnectionOptions,
  addForceOption,
  addJournalOption,
  type ConnectionSettings,
} from './common-options.ts';
import { DEFAULT_PLAN, SHOWN } from './diff-command.ts';
import { addEngineOptions, type EngineOptions } from './engine-options.ts';
import { type ExitCode, replayExitCode } from './exit-code.ts';
import { paragraphs } from './help-text.ts';
import { type CommandContext, perform } from './perform.ts';
import { plural } from './plural.ts';
import { addPolicyOptions, type PolicyOptions, policyRequest } from './policy-options.ts';
import { chooseServers, recordPath } from './server-options.ts';
import { confirm } from './terminal-prompt.ts';
import { addThrottleOptions, parseThrottle, type ThrottleSettings } from './throttle-options.ts';
import { DEFAULT_WORKERS, parseWorkers } from './workers.ts';
import { boundYoungGeneration } from './young-generation.ts';

interface ReplayOptions extends ConnectionSettings, EngineOptions, ThrottleSettings, PolicyOptions {
  record?: string;
  failed?: string;
  restored?: string;
  apply?: boolean;
  yes?: boolean;
  undo?: string;
  journal: string;
  workers: string;
}

export function addReplayCommand(program: Command): void {
  const command = program
    .command('replay')
    .summary('write the missing transactions to the restored primary (with --apply only)')
    .description(
      paragraphs(`Judges every missing transaction of the plan again, against the restored primary as it is now.
Without --apply it says what it would do and writes nothing. With --apply it writes each transaction whole, its rows
locked and checked first; what does not fit any more is left out and said. Running it again goes on where it stopped.`),
    )
    .argument('[plan]', 'the plan file', DEFAULT_PLAN)
    .option('--apply', 'write to the restored primary')
    .option('-y, --yes', 'with --apply: do not ask (needed where there is no terminal)')
    .option('--restored <server>', 'the restored primary (else from the record)')
    .option(
      '--failed <server>',
      'the failed primary (else from the record): where it is up, it must be fenced and have written nothing since',
    )
    .option('--record <file>', 'the failover record (./failover.json where it is there)')
    .option('--workers <n>', 'transactions under way at once, 1 to 64', DEFAULT_WORKERS)
    .option('--undo <file>', 'where the undo file is written (else beside the plan)');
  addJournalOption(command, 'schema of the journal table, where GTIDs can’t carry it');
  addEngineOptions(command);
  addThrottleOptions(command);
  addForceOption(addCommonOptions(addConnectionOptions(addPolicyOptions(command)))).addHelpText(
    'after',
    `
Examples:
  reconcile replay                     rehearse reconcile.plan.jsonl
  reconcile replay --apply             the same, written
  reconcile replay --policy rules.yaml what the rules make of the conflicts
  reconcile replay --apply --yes --max-lag 2s --max-rate 100
                                       from a script, and gently

Exit code: 0 nothing is left, 2 (without --apply) there is something to write,
3 a person has to decide, 4 refused, 1 error.`,
  );
  command.action((plan: string) => perform<ReplayOptions>(command, (context) => runReplay(plan, context)));
}

async function runReplay(given: string, context: CommandContext<ReplayOptions>): Promise<ExitCode> {
  boundYoungGeneration();
  const { options, output, signal, force } = context;
  const record = recordPath(options.record);
  const servers = await chooseServers(
    [
      { role: 'restored', given: options.restored, required: true },
      // It may be dead: a replay needs the plan alone. Where it is up, it must be fenced.
      {
        role: 'failed',
        given: options.failed,
        required: options.failed !== undefined,
        silent: options.failed === undefined,
      },
    ],
    options,
    record,
  );
  const apply = options.apply === true;
  const common = { record, failed: servers.failed, restored: servers.restored, journal: options.journal };
  const { progress } = output;
  const { replay, resolve } = await import('../reconcile.ts');
  // What the policy makes of it is said before anything is asked or written.
  const resolved = await resolve({
    ...{ ...common, plan: given, policy: policyRequest(options), force, signal, progress },
  });
  const plan = resolved?.plan ?? given;
  if (resolved) {
    const { color, verbose } = output.options;
    output.text(renderText(resolved, { color, most: verbose ? Number.POSITIVE_INFINITY : SHOWN }));
  }
  if (apply && !options.yes) {
    const { header, damage } = await scanPlanFile(plan);
    // Nobody is asked about what is refused anyhow; the warning comes with the replay.
    if (damage !== null) acceptDamage(plan, 'plan', { force, progress: { warn() {} } })(damage);
    const where = escapeText(describeAddress(servers.restored!.address));
    const question = `Replay up to ${plural(header.transactions.missing, 'transaction')} on the restored primary ${where}?`;
    if (!(await confirm(question, signal))) {
      output.note('nothing was written');
      return 1;
    }
  }
  const outcome = await replay({
    ...common,
    failedNamed: options.failed !== undefined,
    plan,
    apply,
    workers: parseWorkers(options.workers),
    throttle: parseThrottle(options),
    engine: options.engine,
    allowTriggers: options.allowTriggers === true,
    undo: options.undo,
    force,
    signal,
    progress,
  });
  output.document({
    ...replayDocument(outcome),
    ...(resolved ? { policy: resolved.header.policy, resolutions: resolved.resolutions } : {}),
  });
  output.text(replayText(outcome));
  return replayExitCode(outcome);
}

function replayDocument(outcome: ReplayOutcome): Record<string, unknown> {
  return {
    version: 1,
    apply: outcome.apply,
    applied: outcome.apply ? outcome.applied.length : 0,
    ...(outcome.apply ? {} : { wouldApply: outcome.applied.length }),
    alreadyPresent: outcome.alreadyPresent.length,
    held: outcome.held,
    conflicts: outcome.conflicts,
    transactionsPerSecond: outcome.transactionsPerSecond,
    seconds: outcome.seconds,
    undo: outcome.undo,
    engine: outcome.engine,
    secondsHeldBack: outcome.secondsHeldBack,
    gtids: outcome.apply ? outcome.gtids : '',
    ...(outcome.apply ? {} : { wouldKeepGtids: outcome.gtids }),
    lackingGtids: outcome.lackingGtids,
    verified: outcome.verified,
    plan: outcome.plan,
  };
}

function replayText(outcome: ReplayOutcome): string {
  const {
    apply,
    applied,
    alreadyPresent,
    held,
    conflicts,
    transactionsPerSecond,
    secondsHeldBack,
    gtids,
    lackingGtids,
    undo,
    verified,
    plan,
  } = outcome;
  const lines = [
    apply
      ? `replayed ${plural(applied.length, 'transaction')} (${Math.round(transactionsPerSecond)} a second)`
      : `would replay ${plural(applied.length, 'transaction')}; nothing was written`,
    `  already there    ${alreadyPresent.length}`,
    `  left out         ${held}`,
  ];
  if (secondsHeldBack >= 1) lines.push(`  held back        ${secondsHeldBack} s, for customers and replicas`);
  if (undo) lines.push(`  undo file        ${undo}`);
  if (gtids !== '') lines.push(`  GTIDs            ${gtids}`);
  lines.push(...lackingLines(lackingGtids));
  if (conflicts.length > 0)
    lines.push('no longer fitting:', ...conflicts.flatMap((one, i) => conflictLines(one, i)));
  if (verified) {
    const { rows, replayed, changedSince, wrong } = verified;
    lines.push(
      `read back ${plural(rows, 'row')}: ${replayed} as replayed, ${changedSince} changed since, ${wrong} wrong`,
    );
  }
  if (!apply && applied.length > 0) lines.push('Next:', `  reconcile replay ${plan} --apply`);
  return lines.join('\n');
}

/** Told, not mended: an empty transaction under each of them is for whoever lets the failed primary follow again. */
function lackingLines(lacking: ReplayOutcome['lackingGtids']): string[] {
  if (!lacking || (lacking.present === '' && lacking.leftOut === '')) return [];
  return [
    ...(lacking.present === '' ? [] : [`  GTIDs lacking    ${lacking.present} (their rows are there)`]),
    ...(lacking.leftOut === '' ? [] : [`  GTIDs lacking    ${lacking.leftOut} (left out)`]),
    '                   Until they are executed there, the failed primary can’t follow by its GTIDs.',
  ];
}

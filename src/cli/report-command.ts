// `reconcile report`: the plan for a person or a program. Reads the plan file only.
import type { Command } from 'commander';
import { writePrivateFile } from '../plan/private-file.ts';
import { ReconcileError } from '../reconcile-error.ts';
import { type ReportData, readReport } from '../report/report-data.ts';
import { diffDocument } from '../report/report-json.ts';
import { renderText } from '../report/report-text.ts';
import { addCommonOptions } from './common-options.ts';
import { DEFAULT_PLAN } from './diff-command.ts';
import type { ExitCode } from './exit-code.ts';
import { safeJson } from './output.ts';
import { type CommandContext, perform } from './perform.ts';

interface ReportOptions {
  format: string;
  output?: string;
}

type Renderer = (data: ReportData, color: boolean) => string | Promise<string>;

/** Add a format here, and it is in --help and in the error for an unknown one. */
const FORMATS: Readonly<Record<string, Renderer>> = {
  text: (data, color) => renderText(data, { color, most: Number.POSITIVE_INFINITY }),
  json: (data) => `${safeJson(diffDocument(data), 2)}\n`,
};

export function addReportCommand(program: Command): void {
  const command = program
    .command('report')
    .summary('show the plan again, whole')
    .description(
      'Prints the plan, every conflict in it, for a person or a program. Asks no server and writes to none.',
    )
    .argument('[plan]', 'the plan file', DEFAULT_PLAN)
    .option('--format <format>', Object.keys(FORMATS).join(', '), 'text')
    .option('-o, --output <file>', 'write it there (mode 0600) instead of to stdout');
  addCommonOptions(command).addHelpText(
    'after',
    '\nExample:\n  reconcile report reconcile.plan.jsonl --format json -o plan.json',
  );
  command.action((plan: string) => perform<ReportOptions>(command, (context) => runReport(plan, context)));
}

async function runReport(
  plan: string,
  { options, output }: CommandContext<ReportOptions>,
): Promise<ExitCode> {
  const format = output.options.json ? 'json' : options.format;
  const render = Object.hasOwn(FORMATS, options.format) ? FORMATS[format] : undefined;
  if (!render) {
    throw new ReconcileError('usage', `--format: unknown format ${JSON.stringify(options.format)}`, {
      hint: `One of ${Object.keys(FORMATS).join(', ')}.`,
    });
  }
  const data = await readReport(plan);
  if (options.output === undefined) {
    if (output.options.json) output.document(diffDocument(data));
    else output.text(await render(data, output.options.color));
    return 0;
  }
  const text = await render(data, false);
  await writePrivateFile(
    { path: options.output, what: 'the report', isOurs: isNoEvidence, option: '-o FILE' },
    [text],
  );
  output.document({ version: 1, output: options.output, format });
  output.note(`written to ${options.output}`);
  return 0;
}

/** A report may replace any file but those that a replay depends on. */
function isNoEvidence(head: string): boolean {
  return !head.startsWith('{"type":"plan"') && !head.includes('"recordedAt"');
}

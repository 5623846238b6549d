// The options that many commands share, and reading them. Parsing only: never connects.
import { type Command, InvalidArgumentError } from 'commander';
import { ReconcileError } from '../reconcile-error.ts';
import { DEFAULT_JOURNAL_SCHEMA } from '../replay/journal-schema.ts';
import { CHECKS, isCheckName } from '../server/safety-checks/check-names.ts';
import { SSL_MODES } from '../server/tls.ts';
import type { OutputOptions } from './output-options.ts';

export interface CommonOptions {
  json?: boolean;
  quiet?: boolean;
  verbose?: boolean;
  color: boolean;
  progress: boolean;
}

export interface ConnectionSettings {
  sslMode?: string;
  sslCa?: string;
  sslCert?: string;
  sslKey?: string;
  defaultsFile?: string;
}

export interface ForceOptions {
  force?: string[];
}

export function addCommonOptions(command: Command): Command {
  return command
    .option('--json', 'one JSON document on stdout; everything for people on stderr')
    .option('-q, --quiet', 'results, warnings and errors only')
    .option('-v, --verbose', 'every finding, every step, and what an error was caused by')
    .option('--no-color', 'no colours (also: NO_COLOR)')
    .option('--no-progress', 'no progress line on the terminal');
}

export function addConnectionOptions(command: Command): Command {
  return command
    .option('--defaults-file <file>', 'MySQL option file with user, password, ssl-… (else ~/.my.cnf)')
    .option('--ssl-mode <mode>', `${SSL_MODES.join(', ')} (default: PREFERRED)`)
    .option('--ssl-ca <file>', "the certificate authority's certificate, PEM")
    .option('--ssl-cert <file>', 'our own certificate, PEM')
    .option('--ssl-key <file>', "our own certificate's key, PEM");
}

export function addForceOption(command: Command): Command {
  return command.option('--force <check>', 'override one safety check by its name; repeatable', collect);
}

/** `description`: where it says more than elsewhere. */
export function addJournalOption(command: Command, description = 'schema of the journal table'): Command {
  // Of a script's variable that is not set: no journal would be found, and nothing in it counted as replayed.
  const named = (schema: string): string => {
    if (schema.trim() === '') throw new InvalidArgumentError('It is the name of a schema.');
    return schema;
  };
  return command.option('--journal <schema>', description, named, DEFAULT_JOURNAL_SCHEMA);
}

/** For options that may be given several times. */
export function collect(value: string, previous: string[] = []): string[] {
  return [...previous, value];
}

/** For comma lists that may be given several times. */
export function collectList(value: string, previous: string[] = []): string[] {
  return [
    ...previous,
    ...value
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  ];
}

/** Throws ReconcileError('usage') for names that are no check. */
export function forcedChecks({ force = [] }: ForceOptions): ReadonlySet<string> {
  const unknown = force.filter((name) => !isCheckName(name));
  if (unknown.length > 0) {
    const list = Object.entries(CHECKS).map(([name, meaning]) => `  ${name.padEnd(20)} ${meaning}`);
    throw new ReconcileError('usage', `--force: unknown check ${unknown.join(', ')}`, {
      hint: `The checks are:\n${list.join('\n')}`,
    });
  }
  return new Set(force);
}

export function outputOptions(
  options: CommonOptions,
  environment: Readonly<Record<string, string | undefined>>,
  stdout: { isTTY?: boolean },
): OutputOptions {
  return {
    json: options.json === true,
    quiet: options.quiet === true,
    verbose: options.verbose === true,
    color: options.color && !environment.NO_COLOR && environment.TERM !== 'dumb' && stdout.isTTY === true,
    progress: options.progress && environment.TERM !== 'dumb',
    debug: Boolean(environment.RECONCILE_DEBUG),
  };
}

// Which servers a command works on: command line, option file, failover record, in this order. Never connects.
import { existsSync } from 'node:fs';
import { ReconcileError } from '../reconcile-error.ts';
import { type FailoverRecord, loadRecord } from '../record/failover-record.ts';
import { chooseServer, readDefaults, type ServerChoice, type ServerRole } from '../server/server-choice.ts';
import type { ConnectionSettings } from './common-options.ts';
import { passwordPrompt } from './terminal-prompt.ts';

export const DEFAULT_RECORD = 'failover.json';

/**
 * The record's path: the given one, else ./failover.json where it is there. With another start it still says which
 * servers are meant, and which are not.
 */
export function recordPath(given: string | undefined): string | undefined {
  return given ?? (existsSync(DEFAULT_RECORD) ? DEFAULT_RECORD : undefined);
}

export interface WantedServer {
  role: ServerRole;
  /** `--failed` and its like. */
  given: string | undefined;
  required: boolean;
  /** A server that is asked only if it is there: nobody is asked for its password. */
  silent?: boolean;
}

/** For the commands that work on the restored primary alone. */
export async function chooseRestored(
  options: ConnectionSettings & { record?: string; restored?: string },
): Promise<{ record: string | undefined; restored: ServerChoice }> {
  const record = recordPath(options.record);
  const { restored } = await chooseServers(
    [{ role: 'restored', given: options.restored, required: true }],
    options,
    record,
  );
  return { record, restored: restored! };
}

/**
 * By role; a role that nothing names is absent. One after the other: two password prompts at once would be a riddle.
 * Throws ReconcileError('usage') where a required one is missing.
 */
export async function chooseServers(
  wanted: readonly WantedServer[],
  settings: ConnectionSettings,
  record: string | undefined,
): Promise<Partial<Record<ServerRole, ServerChoice>>> {
  const options = readDefaults(settings.defaultsFile);
  let loaded: FailoverRecord | undefined;
  const choices: Partial<Record<ServerRole, ServerChoice>> = {};
  for (const { role, given, required, silent } of wanted) {
    if (given === undefined && record !== undefined) loaded ??= await loadRecord(record);
    const recorded = role === 'failed' ? loaded?.new : role === 'restored' ? loaded?.old : undefined;
    const choice = await chooseServer({
      role,
      given,
      recorded: recorded && { host: recorded.host, port: recorded.port, user: recorded.user ?? null },
      tls: {
        origin: '--ssl-mode',
        mode: settings.sslMode,
        ca: settings.sslCa,
        cert: settings.sslCert,
        key: settings.sslKey,
      },
      options,
      environment: process.env,
      prompt: silent ? null : passwordPrompt(),
    });
    if (choice) choices[role] = choice;
    else if (required) {
      throw new ReconcileError('usage', `which server is the ${role} primary?`, {
        hint:
          role === 'old' || role === 'new'
            ? `Name it: --${role} mysql://user@host:3306.`
            : `Name it, --${role} mysql://user@host:3306, or give the failover record, --record FILE.`,
      });
    }
  }
  return choices;
}

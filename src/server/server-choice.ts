// Which server a role means, whole: address, user, password, TLS. Never connects and never asks a person by itself.
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Credentials, type PasswordPrompt, resolveCredentials } from './credentials.ts';
import { type FileOption, readOptionFile } from './option-file.ts';
import { DEFAULT_PORT, parseServerAddress, type ServerAddress } from './server-address.ts';
import { readTlsOptions, type TlsOptions, type TlsSettings } from './tls.ts';

export type ServerRole = 'failed' | 'restored' | 'old' | 'new';

/** Ready for connectServer. */
export interface ServerChoice {
  role: ServerRole;
  address: ServerAddress;
  credentials: Credentials;
  tls: TlsOptions;
}

export interface ServerSources {
  role: ServerRole;
  /** What the command line says; undefined: the option file's, then `recorded`. */
  given: string | undefined;
  /** The address in the failover record. */
  recorded?: { host: string; port: number; user?: string | null } | undefined;
  /** --ssl-… of the command line. */
  tls: TlsSettings;
  options: readonly FileOption[];
  environment: Readonly<Record<string, string | undefined>>;
  /** Null where there is no terminal to ask on. */
  prompt: PasswordPrompt | null;
}

/** The option file's options: `path`'s, else ~/.my.cnf's, else none. */
export function readDefaults(path: string | undefined): FileOption[] {
  if (path !== undefined) return readOptionFile(path);
  const own = join(homedir(), '.my.cnf');
  return existsSync(own) ? readOptionFile(own) : [];
}

/** Null where nothing names a server for this role. */
export async function chooseServer(sources: ServerSources): Promise<ServerChoice | null> {
  const { role, given, recorded } = sources;
  const address =
    given !== undefined
      ? parseServerAddress(given, `--${role}`)
      : (addressInOptionFile(role, sources.options) ??
        (recorded ? { host: recorded.host, port: recorded.port } : null));
  if (!address) return null;
  const fromFile = optionsForRole(sources.options, role);
  const tls = readTlsOptions([sources.tls, fromUrl(address), fileTls(fromFile)]);
  const credentials = await resolveCredentials({
    role,
    address,
    options: fromFile,
    environment: sources.environment,
    recordedUser: recorded?.user ?? undefined,
    prompt: sources.prompt,
  });
  return { role, address, credentials, tls };
}

/** The options that hold for a role, the most specific group's value last whatever the order in the file. */
function optionsForRole(options: readonly FileOption[], role: ServerRole): Map<string, FileOption> {
  const values = new Map<string, FileOption>();
  for (const group of ['client', 'reconcile', `reconcile-${role}`]) {
    for (const option of options) if (option.group === group) values.set(option.name, option);
  }
  return values;
}

/**
 * Host, port and socket count in the role's own group only: [client] names the server that a person works with every
 * day, and taking it for the failed or the restored primary could point a replay at the wrong machine.
 */
function addressInOptionFile(role: ServerRole, options: readonly FileOption[]): ServerAddress | null {
  const values = new Map<string, FileOption>();
  for (const option of options) if (option.group === `reconcile-${role}`) values.set(option.name, option);
  const host = values.get('host')?.value;
  const socket = values.get('socket')?.value;
  const port = values.get('port');
  if (!host && !socket) return null;
  const place = port ? `${port.file}, line ${port.line}` : '';
  const name = host ?? 'localhost';
  const bracketed = name.includes(':') ? `[${name}]` : name;
  const address = parseServerAddress(`${bracketed}:${port?.value ?? DEFAULT_PORT}`, place);
  return socket ? { ...address, socketPath: socket } : address;
}

function fromUrl(address: ServerAddress): TlsSettings {
  const parameters = address.parameters ?? {};
  return {
    origin: "the server's address",
    mode: parameters['ssl-mode'],
    ca: parameters['ssl-ca'],
    cert: parameters['ssl-cert'],
    key: parameters['ssl-key'],
  };
}

function fileTls(options: Map<string, FileOption>): TlsSettings {
  const mode = options.get('ssl-mode');
  const one = mode ?? options.get('ssl-ca') ?? options.get('ssl-cert');
  const text = (name: string): string | undefined => options.get(name)?.value ?? undefined;
  // MariaDB's clients say the same with two switches of their own.
  const isOn = (name: string): boolean => {
    const option = options.get(name);
    return option !== undefined && !/^(0|off|false)$/i.test(option.value ?? '1');
  };
  const mariadbMode = isOn('skip-ssl')
    ? 'DISABLED'
    : isOn('ssl-verify-server-cert')
      ? 'VERIFY_IDENTITY'
      : undefined;
  return {
    origin: one ? `option file ${one.file}, line ${one.line}` : 'the option file',
    mode: text('ssl-mode') ?? mariadbMode,
    ca: text('ssl-ca'),
    cert: text('ssl-cert'),
    key: text('ssl-key'),
  };
}

// Finds a server's user and password: URL, environment, option file, prompt. Never prints or stores them.
import { userInfo } from 'node:os';
import { ReconcileError } from '../reconcile-error.ts';
import type { FileOption } from './option-file.ts';
import { describeAddress, type ServerAddress } from './server-address.ts';

export interface Credentials {
  user: string;
  /** Undefined where nobody gave one: the account may have none. */
  password: string | undefined;
}

/** Asks a person on the terminal; the answer is not echoed. */
export type PasswordPrompt = (question: string) => Promise<string>;

interface CredentialSources {
  role: string;
  address: ServerAddress;
  /** By name, for this role: see optionsForRole. */
  options: ReadonlyMap<string, FileOption>;
  environment: Readonly<Record<string, string | undefined>>;
  /** Whom the failover record was taken as. */
  recordedUser?: string | undefined;
  prompt: PasswordPrompt | null;
}

export async function resolveCredentials(sources: CredentialSources): Promise<Credentials> {
  const { role, address, options, environment, prompt } = sources;
  const variable = (suffix: string): string | undefined =>
    environment[`RECONCILE_${role.toUpperCase()}_${suffix}`] ?? environment[`RECONCILE_${suffix}`];
  const user =
    address.user ?? variable('USER') ?? options.get('user')?.value ?? sources.recordedUser ?? loginName();
  let password = address.password ?? variable('PASSWORD') ?? passwordInFile(options);
  if (password === undefined && prompt) {
    password = await prompt(`Password for ${user} on the ${role} primary ${describeAddress(address)}: `);
  }
  return { user, password };
}

/** For hints: all the ways to give a password, in their order. */
export function waysToGivePassword(role: string): string {
  const variable = `RECONCILE_${role.toUpperCase()}_PASSWORD`;
  return `Give the password in ${variable}, in an option file's [reconcile-${role}] or [client] group, or in the mysql:// address.`;
}

function passwordInFile(options: ReadonlyMap<string, FileOption>): string | undefined {
  const option = options.get('password');
  // `password` alone on its line means "ask me" to the mysql clients.
  return option?.value ?? undefined;
}

function loginName(): string {
  try {
    return userInfo().username;
  } catch (cause) {
    throw new ReconcileError('usage', 'no user is given, and this process has no login name', {
      hint: 'Write mysql://user@host:port.',
      cause,
    });
  }
}

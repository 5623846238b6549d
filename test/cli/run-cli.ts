// Runs the command line in a process of its own, from its source. Not a test.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

export interface CliResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

interface CliOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** Ctrl-C once this is settled. */
  interruptOn?: Promise<unknown>;
}

const ENTRY = fileURLToPath(new URL('cli-entry.ts', import.meta.url));

/** No terminal, and an environment without anything of the machine's own. */
export async function runCli(words: string[], options: CliOptions = {}): Promise<CliResult> {
  const { cwd, env = {}, interruptOn } = options;
  const child = spawn(process.execPath, [ENTRY, ...words], {
    cwd,
    env: { PATH: process.env.PATH ?? '', HOME: cwd ?? '/', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  void interruptOn?.then(() => child.kill('SIGINT'));
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code: code as number | null, stdout, stderr };
}

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
  /** Milliseconds until Ctrl-C. */
  interruptAfter?: number;
}

const ENTRY = fileURLToPath(new URL('cli-entry.ts', import.meta.url));

/** No terminal, and an environment without anything of the machine's own. */
export async function runCli(words: string[], options: CliOptions = {}): Promise<CliResult> {
  const { cwd, env = {}, interruptAfter } = options;
  const child = spawn(process.execPath, [ENTRY, ...words], {
    cwd,
    env: { PATH: process.env.PATH ?? '', HOME: cwd ?? '/', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (interruptAfter !== undefined) setTimeout(() => child.kill('SIGINT'), interruptAfter);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code: code as number | null, stdout, stderr };
}

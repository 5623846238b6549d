// Runs the real executable as an operator's shell would. Passwords go by the environment; no terminal, no home folder.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** RECONCILE_EXECUTABLE names another build, such as the packed one after its installation. */
export function executable(): string {
  return process.env.RECONCILE_EXECUTABLE ?? join(import.meta.dirname, '../../bin/reconcile.js');
}

const LONGEST_MS = 60_000;

export interface Run {
  /** As typed. */
  command: string;
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  /** Where it runs, and its home. */
  folder: string;
  env: Record<string, string>;
}

export function runReconcile(args: readonly string[], { folder, env }: RunOptions): Promise<Run> {
  return new Promise((resolve, reject) => {
    const { PATH, TMPDIR } = process.env;
    const child = spawn(process.execPath, [executable(), ...args], {
      cwd: folder,
      env: { ...(PATH ? { PATH } : {}), ...(TMPDIR ? { TMPDIR } : {}), HOME: folder, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const command = `reconcile ${args.join(' ')}`;
    const impatience = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${command} did not end within ${LONGEST_MS / 1000} s\n${stdout}${stderr}`));
    }, LONGEST_MS);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(impatience);
      resolve({ command, code, stdout, stderr });
    });
  });
}

/** The one document on stdout. */
// biome-ignore lint/suspicious/noExplicitAny: a document of the contract, taken apart by assertions
export function jsonOf({ command, stdout, stderr, code }: Run): any {
  try {
    return JSON.parse(stdout);
  } catch (cause) {
    throw new Error(`${command} (exit ${code}) wrote no JSON document:\n${stdout}\n${stderr}`, { cause });
  }
}

/** For an assertion's message: what was typed and all that came back. */
export function told({ command, code, stdout, stderr }: Run): string {
  return `$ ${command}\n${stdout}${stderr}(exit ${code})`;
}

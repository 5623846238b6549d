// Types a command of reconcile as an operator would, and lets its real output through to the terminal.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Narrator } from './narrator.ts';

const PROJECT = join(import.meta.dirname, '..');
const EXECUTABLE = process.env.RECONCILE_EXECUTABLE ?? join(PROJECT, 'bin/reconcile.js');

export interface Shell {
  narrator: Narrator;
  folder: string;
  /** Passwords. */
  env: Record<string, string>;
}

/** Throws where it ends with another exit code than the story needs. */
export async function typeCommand(
  args: string[],
  expected: number,
  { narrator, folder, env }: Shell,
): Promise<void> {
  narrator.command(`reconcile ${args.join(' ')}`);
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(process.execPath, [EXECUTABLE, ...args], {
      cwd: folder,
      env: { ...process.env, HOME: folder, ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.once('error', reject);
    child.once('exit', resolve);
  });
  if (code !== expected) {
    throw new Error(`reconcile ${args[0] ?? ''} ended with exit code ${code}; the story needs ${expected}.`);
  }
}

export function checkBuilt(): void {
  if (process.env.RECONCILE_EXECUTABLE || existsSync(join(PROJECT, 'dist/cli/main.js'))) return;
  throw new Error('reconcile is not built yet. Run: npm run build');
}

// Runs a short-lived program to its end, and finds programs. Never starts a server.
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface RunOptions {
  input?: string | Buffer;
  cwd?: string;
}

/** Its standard output. Throws with the last lines of its standard error when it fails. */
export function runProgram(argv: string[], options: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const [program, ...args] = argv;
    const child = spawn(program!, args, {
      cwd: options.cwd,
      stdio: 'pipe',
      env: { ...process.env, LC_ALL: 'C' },
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) return resolve(Buffer.concat(out).toString());
      const said = lastLines(Buffer.concat(err.length > 0 ? err : out).toString());
      reject(new Error(`${argv.join(' ')} ended with ${code ?? signal}:\n${said}`));
    });
    child.stdin.on('error', () => {}); // A program that ends before it has read all of its input says why by itself.
    child.stdin.end(options.input);
  });
}

export function lastLines(text: string, count = 20): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}

/** The path of a program on the PATH, or in a folder for administrators' programs, which a user's PATH often lacks. */
export function onPath(program: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  for (const folder of [...folders, '/usr/sbin', '/usr/local/sbin']) {
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {}
  }
  return undefined;
}

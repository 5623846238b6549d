// Starts the real executable and says how it ended. Passwords go by the environment; no terminal.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

export const EXECUTABLE = join(import.meta.dirname, '..', 'bin', 'reconcile.js');
const LONGEST_MS = 120_000;

export interface Ended {
  /** Null where it was killed. */
  code: number | null;
  /** All that it said. */
  text: string;
  /** Its document. */
  stdout: string;
}

export interface Running {
  child: ChildProcess;
  ended: Promise<Ended>;
}

/** `fileLimit`: no file of its may grow past so many KiB, as on a full disk. */
export function startTool(args: readonly string[], password: string, fileLimit?: number): Running {
  const words = [process.execPath, EXECUTABLE, ...args];
  const env = { PATH: process.env.PATH, HOME: '/nonexistent', RECONCILE_PASSWORD: password };
  const stdio = ['ignore', 'pipe', 'pipe'] as const;
  const child =
    fileLimit === undefined
      ? spawn(words[0]!, words.slice(1), { env, stdio: [...stdio] })
      : spawn('bash', ['-c', `ulimit -f ${fileLimit}; exec "$@"`, 'bash', ...words], {
          env,
          stdio: [...stdio],
        });
  let text = '';
  let stdout = '';
  child.stdout!.on('data', (more: Buffer) => {
    stdout += more.toString();
  });
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (more: string) => {
      text += more;
    });
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    const impatience = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`reconcile ${args.join(' ')} did not end within ${LONGEST_MS / 1000} s:\n${text}`));
    }, LONGEST_MS);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(impatience);
      resolve({ code, text, stdout });
    });
  });
  return { child, ended };
}

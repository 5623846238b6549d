// Asks a person on the terminal: a password without echo, a yes. Never where there is no terminal.
import { createInterface } from 'node:readline/promises';
import { ReconcileError } from '../reconcile-error.ts';
import type { PasswordPrompt } from '../server/credentials.ts';

/** Null without a terminal on both sides: a script must never hang on a question. */
export function passwordPrompt(
  stdin: NodeJS.ReadStream = process.stdin,
  stderr: NodeJS.WriteStream = process.stderr,
): PasswordPrompt | null {
  if (!stdin.isTTY || !stderr.isTTY) return null;
  return (question) => askHidden(question, stdin, stderr);
}

function askHidden(question: string, stdin: NodeJS.ReadStream, stderr: NodeJS.WriteStream): Promise<string> {
  stderr.write(question);
  return new Promise((resolve, reject) => {
    let typed = '';
    const end = (): void => {
      stdin.off('data', onData);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write('\n');
    };
    const onData = (chunk: Buffer): void => {
      for (const character of chunk.toString('utf8')) {
        if (character === '\r' || character === '\n') {
          end();
          resolve(typed);
          return;
        }
        if (character === '\x03' || character === '\x04') {
          end();
          reject(new ReconcileError('interrupted', 'interrupted at the password prompt; nothing was done'));
          return;
        }
        if (character === '\x7f' || character === '\b') typed = [...typed].slice(0, -1).join('');
        else if (character === '\x15') typed = '';
        else typed += character;
      }
    };
    stdin.setRawMode(true);
    stdin.resume();
    stdin.on('data', onData);
  });
}

/** Throws ReconcileError('usage') without a terminal: nobody is there to be asked, and nobody has said --yes. */
export async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new ReconcileError('usage', 'there is no terminal to ask on before writing: nothing was written', {
      hint: 'In a script, say it beforehand: --apply --yes.',
    });
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // Raw mode keeps Ctrl-C from the process: hand it on.
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    const answer = await terminal.question(`${question} [y/N] `, { signal });
    return /^\s*y(es)?\s*$/i.test(answer);
  } finally {
    terminal.close();
  }
}

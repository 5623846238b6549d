// Owns one running server process: its start, its end, and what it said. Knows nothing of SQL.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { noteProcess } from './lifetime.ts';
import { lastLines } from './run-program.ts';

export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #gone: Promise<unknown>;
  readonly #log: string;

  constructor(argv: string[], folder: string, log: string) {
    this.#log = log;
    const [program, ...args] = argv;
    const output = openSync(log, 'a');
    // Detached, or Ctrl-C in a terminal would reach the server before we do.
    this.#child = spawn(program!, args, { stdio: ['ignore', output, output], detached: true, cwd: folder });
    closeSync(output);
    noteProcess(folder, this.#child.pid);
    this.#gone = once(this.#child, 'exit')
      .catch(() => {})
      .finally(() => noteProcess(folder, undefined));
    // A forgotten server must not keep this process from ending.
    this.#child.unref();
  }

  get running(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  lastWords(): string {
    return lastLines(readFileSync(this.#log, 'utf8'));
  }

  async kill(): Promise<void> {
    this.#signal('SIGKILL');
    await this.#end();
  }

  async stop(timeoutMs = 60_000): Promise<void> {
    this.#signal('SIGTERM');
    const impatience = setTimeout(() => this.#signal('SIGKILL'), timeoutMs);
    await this.#end();
    clearTimeout(impatience);
  }

  freeze(): void {
    this.#signal('SIGSTOP');
  }

  thaw(): void {
    this.#signal('SIGCONT');
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.running) this.#child.kill(signal);
  }

  async #end(): Promise<void> {
    if (!this.running) return;
    this.#child.ref();
    await this.#gone;
  }
}

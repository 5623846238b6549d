// Owns the promise that nothing outlives this process: not at its end, not after Ctrl-C, not after kill -9 of
// itself. Never starts a server; each one registers here how it is ended.
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Mortal {
  remove(): Promise<void>;
}

const living = new Set<Mortal>();
const PREFIX = join(tmpdir(), `reconcile-sandbox-${process.pid}`);
const PID_FILE = 'server.pid';
let guarded = false;
let folders = 0;

/** A temporary folder which is deleted with this process, however that ends. */
export function ownFolder(name: string): string {
  guard();
  const folder = `${PREFIX}-${++folders}-${name.replace(/[^\w-]/g, '_')}`;
  mkdirSync(folder, { mode: 0o700 });
  return folder;
}

/** Notes the process that works in an own folder, so that it's killed with this process. */
export function noteProcess(folder: string, pid: number | undefined): void {
  const file = join(folder, PID_FILE);
  if (pid === undefined) rmSync(file, { force: true });
  else writeFileSync(file, String(pid));
}

export function endWithThisProcess(mortal: Mortal): void {
  guard();
  living.add(mortal);
}

export function hasEnded(mortal: Mortal): void {
  living.delete(mortal);
}

/** Removes everything that this process started. */
export async function stopAll(): Promise<void> {
  const results = await Promise.allSettled([...living].map((mortal) => mortal.remove()));
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  if (failures.length > 0) throw new AggregateError(failures, 'Some sandbox servers could not be removed.');
}

function guard(): void {
  if (guarded) return;
  guarded = true;
  startWatchdog();
  process.on('exit', killAndDelete);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, async () => {
      await stopAll().catch(() => {});
      // The signal's own effect, unless the program has a handler which decides what happens.
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    });
  }
}

function killAndDelete(): void {
  for (const name of readdirSync(tmpdir())) {
    const folder = join(tmpdir(), name);
    if (!folder.startsWith(`${PREFIX}-`)) continue;
    try {
      process.kill(Number(readFileSync(join(folder, PID_FILE), 'utf8')), 'SIGKILL');
    } catch {} // No such file or process: it has ended.
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

// Reads a pipe that only this process holds open, so it wakes up when this process is gone for whatever reason.
const WATCHDOG = `
while read -r _; do :; done
for folder in "$1"-*; do
  [ -d "$folder" ] || continue
  if pid=$(cat "$folder/${PID_FILE}" 2>/dev/null); then kill -9 "$pid" 2>/dev/null; sleep 0.3; fi
  rm -rf "$folder" || { sleep 1; rm -rf "$folder"; }
done`;

function startWatchdog(): void {
  // Detached: Ctrl-C in a terminal goes to the whole process group.
  const dog = spawn('sh', ['-c', WATCHDOG, 'sandbox-watchdog', PREFIX], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  dog.on('error', () => {});
  dog.unref();
  (dog.stdin as unknown as { unref(): void }).unref();
}

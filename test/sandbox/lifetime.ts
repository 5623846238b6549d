// Owns the promise that nothing outlives this process: not at its end, not after Ctrl-C, not after kill -9 of
// itself. Never starts a server; each one registers here how it is ended.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONTAINER_FILE, hasNotedContainers, killNoted, PID_FILE } from './watchdog.ts';

export interface Mortal {
  remove(): Promise<void>;
}

const living = new Set<Mortal>();
let root: string | undefined;
let folders = 0;

/** A temporary folder which is deleted with this process, however that ends. */
export function ownFolder(name: string): string {
  root ??= guardedRoot();
  const folder = join(root, `${++folders}-${name.replace(/[^\w-]/g, '_')}`);
  mkdirSync(folder, { mode: 0o700 });
  return folder;
}

/** Notes the process that works in an own folder, so that it's killed with this process; undefined when it's gone. */
export function noteProcess(folder: string, pid: number | undefined): void {
  const file = join(folder, PID_FILE);
  if (pid === undefined) rmSync(file, { force: true });
  else writeFileSync(file, String(pid));
}

/** Notes the container that belongs to an own folder, so that it's removed with this process. */
export function noteContainer(folder: string, engine: string, paths: string[]): void {
  writeFileSync(join(folder, CONTAINER_FILE), JSON.stringify({ engine, paths }));
}

export function endWithThisProcess(mortal: Mortal): void {
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

function guardedRoot(): string {
  const folder = mkdtempSync(join(tmpdir(), `reconcile-sandbox-${process.pid}-`));
  startWatchdog(folder);
  process.on('exit', () => killAndDelete(folder));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, async () => {
      await stopAll().catch(() => {});
      killAndDelete(folder);
      // Again, for its own effect. Not exit(): libraries with a handler wait until theirs is the only one.
      process.kill(process.pid, signal);
    });
  }
  return folder;
}

function killAndDelete(folder: string): void {
  killNoted(folder);
  // Containers can't be removed without waiting: they and their notes are left to the watchdog.
  if (!hasNotedContainers(folder)) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

function startWatchdog(folder: string): void {
  const program = join(import.meta.dirname, 'watchdog.ts');
  const dog = spawn(process.execPath, ['--experimental-strip-types', '--no-warnings', program, folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // Ctrl-C in a terminal goes to the whole process group.
    detached: true,
    env: {},
  });
  dog.on('error', () => {});
  dog.unref();
  (dog.stdin as unknown as { unref(): void }).unref();
}

// Runs beside a process that has sandbox servers, and ends them when that process is gone, kill -9 included: it
// reads a pipe which only that process holds open. Knows them by the notes in their folders, and touches no other.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { engineRequest } from './container-engine.ts';

export const PID_FILE = 'server.pid';
export const CONTAINER_FILE = 'container.json';

/** Kills the server processes that are noted under a folder. */
export function killNoted(root: string): void {
  for (const pid of notes(root, PID_FILE)) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {} // It has ended by itself.
  }
}

async function removeNotedContainers(root: string): Promise<void> {
  for (const note of notes(root, CONTAINER_FILE)) {
    const { engine, paths } = JSON.parse(note) as { engine: string; paths: string[] };
    // In this order: a network goes only after the containers on it.
    for (const path of paths) await engineRequest(engine, 'DELETE', path, 30_000);
  }
}

export function hasNotedContainers(root: string): boolean {
  return notes(root, CONTAINER_FILE).length > 0;
}

function notes(root: string, name: string): string[] {
  return listing(root).flatMap((folder) => {
    try {
      return [readFileSync(join(root, folder, name), 'utf8')];
    } catch {
      return [];
    }
  });
}

function listing(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

if (process.argv[1] === import.meta.filename) {
  const root = process.argv[2]!;
  for await (const _ of process.stdin);
  killNoted(root);
  await removeNotedContainers(root);
  await sleep(200); // A process that dies can still be writing.
  rmSync(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}

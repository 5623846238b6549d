// Builds a cached folder once, however many processes want it at the same time. Never leaves half a folder under
// its final name: a builder works in a folder beside it, which is renamed when all is done.
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export async function buildOnce(
  folder: string,
  build: (unfinished: string) => Promise<void>,
): Promise<string> {
  if (existsSync(folder)) return folder;
  await mkdir(dirname(folder), { recursive: true });
  const lock = `${folder}.lock`;
  await takeLock(lock);
  const unfinished = `${folder}.${process.pid}.new`;
  try {
    if (existsSync(folder)) return folder;
    await removeOrphans(folder);
    await mkdir(unfinished, { mode: 0o700 });
    await build(unfinished);
    await rename(unfinished, folder);
    return folder;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
    await rm(lock, { recursive: true, force: true });
  }
}

async function takeLock(lock: string): Promise<void> {
  for (;;) {
    try {
      await mkdir(lock);
      await writeFile(join(lock, 'pid'), String(process.pid));
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (await isStale(lock)) {
      // Renamed first, so that of two waiters only one takes the dead owner's lock away.
      const aside = `${lock}.${process.pid}`;
      await rename(lock, aside).catch(() => {});
      await rm(aside, { recursive: true, force: true });
    } else {
      await sleep(200);
    }
  }
}

/** What killed builders of this folder have left: it can be hundreds of megabytes. */
async function removeOrphans(folder: string): Promise<void> {
  for (const name of await readdir(dirname(folder))) {
    const [base, pid, suffix] = name.split('.');
    if (base !== basename(folder) || suffix !== 'new' || isAlive(Number(pid))) continue;
    await rm(join(dirname(folder), name), { recursive: true, force: true });
  }
}

async function isStale(lock: string): Promise<boolean> {
  try {
    const pid = Number(await readFile(join(lock, 'pid'), 'utf8'));
    if (pid > 0) return !isAlive(pid);
    return false;
  } catch {
    // No pid yet: the owner is just about to write it, or it died in between.
    const made = await stat(lock).catch(() => undefined);
    return made !== undefined && Date.now() - made.mtimeMs > 10_000;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

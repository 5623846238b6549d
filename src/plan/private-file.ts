// Puts a file on disk for its owner alone (0600), whole or not at all, and never in the place of something it does not
// know: a record or a device under the same name stays what it is. Knows nothing of what is written.
import { randomBytes } from 'node:crypto';
import { access, constants, type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ReconcileError } from '../reconcile-error.ts';

export interface PrivateFile {
  path: string;
  /** For messages: `the plan`. */
  what: string;
  /** Whether a file with this beginning may be replaced. */
  isOurs: (head: string) => boolean;
  /** For hints: how another place is named, `--plan FILE`. */
  option: string;
}

const HEAD = 256;

type Chunks = Iterable<string | Buffer> | AsyncIterable<string | Buffer>;

/** A file that is written and has no name of its own yet. */
export interface PrivateDraft {
  /** Puts it under its name once it is on disk. Throws ReconcileError('input'); there is no draft then any more. */
  keep(): Promise<void>;
  /** Removes it, if it was not kept. Never throws. */
  discard(): Promise<void>;
}

/** Each chunk is appended; the file appears under its name once all are on disk. Throws ReconcileError('input'). */
export async function writePrivateFile(file: PrivateFile, chunks: Chunks): Promise<void> {
  await (await draftPrivateFile(file, chunks)).keep();
}

/**
 * Returns once all chunks are written; they go to the disk while the caller does something else. A chunk must stay what it
 * is until the one behind the next is asked for. Throws ReconcileError('input').
 */
export async function draftPrivateFile(file: PrivateFile, chunks: Chunks): Promise<PrivateDraft> {
  const target = await replaceable(file);
  const path = `${target}.${randomBytes(4).toString('hex')}.tmp`;
  let handle: FileHandle | null = null;
  const discard = async (): Promise<void> => {
    await handle?.close().catch(() => {});
    await rm(path, { force: true }).catch(() => {});
  };
  const orDiscard = async (steps: () => Promise<void>): Promise<void> => {
    await steps().catch(async (cause: unknown) => {
      await discard();
      if (cause instanceof ReconcileError) throw cause;
      throw new ReconcileError('input', `${file.path}: ${file.what} can't be written: ${reason(cause)}`, {
        hint: `Give another place with ${file.option}; ${dirname(target)} must exist and have room.`,
        cause,
      });
    });
  };
  let synced = Promise.resolve();
  await orDiscard(async () => {
    const opened = await open(path, 'wx', 0o600);
    handle = opened;
    // The next chunk is made while this one is written.
    let writing = Promise.resolve();
    for await (const chunk of chunks) {
      await writing;
      writing = opened.appendFile(chunk);
      // Whoever awaits it learns of a failure; until then it must not end the process.
      writing.catch(() => {});
    }
    await writing;
    synced = opened.sync();
    synced.catch(() => {});
  });
  return {
    keep: () =>
      orDiscard(async () => {
        await synced;
        await handle?.close();
        // Somebody may have put something else there meanwhile.
        await replaceable(file);
        await rename(path, target);
        await syncFolder(dirname(target));
      }),
    discard,
  };
}

/** Until its folder is on disk too, a power cut may take the file's name away. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (cause) {
    // Some network file systems know no such thing, and the file itself is on disk.
    if (!['EINVAL', 'ENOTSUP'].includes((cause as { code?: string }).code ?? '')) throw cause;
  } finally {
    await handle.close();
  }
}

/** Whether `writePrivateFile` will find its place: asked before hours of reading, not after. */
export async function checkPlace(file: PrivateFile): Promise<void> {
  const target = await replaceable(file);
  await access(dirname(target), constants.W_OK).catch((cause: unknown) => {
    throw new ReconcileError('input', `${file.path}: ${file.what} can't be written: ${reason(cause)}`, {
      hint: `Give another place with ${file.option}.`,
      cause,
    });
  });
}

/** The real place behind links; refuses what is no file of ours. */
async function replaceable({ path, what, isOurs, option }: PrivateFile): Promise<string> {
  const target = await realpath(path).catch(() => resolve(path));
  const found = await stat(target).catch(() => null);
  if (!found) return target;
  const head = found.isFile() ? await beginning(target) : null;
  if (head !== null && (head.trim() === '' || isOurs(head))) return target;
  throw new ReconcileError('input', `${path} is not ${what} of an earlier run, and is left as it is`, {
    hint: `Name another file with ${option}.`,
  });
}

async function beginning(path: string): Promise<string> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD), 0, HEAD, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

// Which files make up a binlog, and in which order: from file names and directories as a person gives them. Looks at
// the first bytes of a file only; never reads events.
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileReason, ReconcileError } from '../reconcile-error.ts';
import { FLAG_RELAY_LOG } from './event-type.ts';
import { flagsOf, HEADER_LENGTH, MAGIC_LENGTH } from './raw-event.ts';

export type FileForm = 'plain' | 'gzip' | 'zstd' | 'encrypted' | 'empty' | 'other';

export interface BinlogFile {
  /** Base name, without `.gz` or `.zst`: what coordinates name. */
  file: string;
  path: string;
  size: number;
  form: FileForm;
  /** A file that should stand before this one and is not there: passing over it would hide transactions. */
  missingBefore: string | null;
}

/** Files in log order. Throws `input` where nothing is found or where two logs are mixed. */
export async function findBinlogFiles(paths: string[]): Promise<BinlogFile[]> {
  const found: BinlogFile[] = [];
  for (const path of paths) {
    const info = await statOf(path);
    if (info.isDirectory()) found.push(...(await filesOfDirectory(path)));
    else if (info.isFile()) found.push(await describe(path));
    else {
      throw new ReconcileError(
        'input',
        `${path} is no file but a device or a pipe, which can be read only once`,
        {
          hint: 'Write the log into a file, and name that; .gz and .zst files are read as they are.',
        },
      );
    }
  }
  if (found.length === 0) {
    throw new ReconcileError('input', `no binlog files in ${paths.join(', ')}`, {
      hint: 'Give binlog files, or a directory that holds them, with --binlog.',
    });
  }
  refuseDoubles(found);
  const ordered = paths.length === 1 ? found : sortByNumber(found);
  if (paths.length !== 1 || ordered.length === 1) markGaps(ordered);
  return ordered;
}

/** `binlog.000007` is number 7 of `binlog`; null for a name without a number. */
export function numberOf(file: string): { stem: string; number: number } | null {
  const parts = /^(.*)\.(\d+)$/.exec(file);
  return parts === null ? null : { stem: parts[1]!, number: Number(parts[2]) };
}

async function filesOfDirectory(directory: string): Promise<BinlogFile[]> {
  const names = (await readdir(directory)).sort();
  const numbered = names.filter((name) => numberOf(withoutSuffix(name)) !== null);
  const files: BinlogFile[] = [];
  const relayLogs: string[] = [];
  for (const name of numbered) {
    const path = join(directory, name);
    if (!(await stat(path)).isFile()) continue;
    const file = await describe(path);
    if (file.form === 'other') continue;
    if (await isRelayLog(file)) relayLogs.push(name);
    else files.push(file);
  }
  if (files.length === 0 && relayLogs.length > 0) {
    throw new ReconcileError(
      'input',
      `${directory} holds no binlog files, only relay logs: ${relayLogs[0]} …`,
      {
        hint: 'Give the failed primary’s own binlog. Where a replica’s relay logs are all that is left, name them one by one with --binlog.',
      },
    );
  }
  const indexes = names.filter((name) => name.endsWith('.index'));
  for (const index of indexes) {
    const listed = await filesOfIndex(join(directory, index), files);
    if (listed !== null) return listed;
  }
  const stems = new Set(
    files.filter((file) => file.form !== 'empty').map((file) => numberOf(file.file)!.stem),
  );
  if (stems.size > 1) {
    throw new ReconcileError('input', `${directory} holds more than one binlog: ${[...stems].join(', ')}`, {
      hint: 'Give the files of one of them with --binlog.',
    });
  }
  const ordered = sortByNumber(files);
  markGaps(ordered);
  return ordered;
}

/**
 * The index knows the order across a change of log_bin's name. Files behind its last entry are taken too: a crash can
 * come between making a file and listing it, and an index may have been copied before the files.
 */
async function filesOfIndex(path: string, files: BinlogFile[]): Promise<BinlogFile[] | null> {
  const entries = (await readFile(path, 'utf8'))
    .split('\n')
    .map((line) => basename(line.trim()))
    .filter((name) => name !== '');
  const byName = new Map(files.map((file) => [file.file, file]));
  if (!entries.some((entry) => byName.has(entry))) return null;
  const ordered: BinlogFile[] = [];
  let missing: string | null = null;
  for (const entry of entries) {
    const file = byName.get(entry);
    if (file === undefined) {
      missing ??= entry;
      continue;
    }
    ordered.push({ ...file, missingBefore: missing });
    missing = null;
  }
  const last = numberOf(entries.at(-1)!);
  if (last !== null) {
    const later = files.filter((file) => {
      const at = numberOf(file.file);
      return at !== null && at.stem === last.stem && at.number > last.number;
    });
    const tail = sortByNumber(later);
    markGaps([{ ...ordered.at(-1)!, file: entries.at(-1)! }, ...tail]);
    if (tail.length > 0 && missing !== null) tail[0]!.missingBefore ??= missing;
    ordered.push(...tail);
  }
  return ordered;
}

async function describe(path: string): Promise<BinlogFile> {
  const handle = await open(path, 'r');
  try {
    const size = (await handle.stat()).size;
    const head = Buffer.alloc(MAGIC_LENGTH);
    const { bytesRead } = await handle.read(head, 0, MAGIC_LENGTH, 0);
    const form = formOf(head.subarray(0, bytesRead));
    const name = basename(path);
    const file = form === 'gzip' || form === 'zstd' ? withoutSuffix(name) : name;
    return { file, path, size, form, missingBefore: null };
  } finally {
    await handle.close();
  }
}

function formOf(head: Buffer): FileForm {
  const magic = head.toString('hex');
  if (magic === 'fe62696e') return 'plain';
  if (magic === 'fd62696e') return 'encrypted';
  if (magic.startsWith('1f8b')) return 'gzip';
  if (magic === '28b52ffd') return 'zstd';
  return head.length < MAGIC_LENGTH || magic === '00000000' ? 'empty' : 'other';
}

/** A replica's relay logs lie beside its binlogs and look alike, but for a flag in the format description. */
async function isRelayLog(file: BinlogFile): Promise<boolean> {
  if (file.form !== 'plain' || file.size < MAGIC_LENGTH + HEADER_LENGTH) return false;
  const handle = await open(file.path, 'r');
  try {
    const header = Buffer.alloc(HEADER_LENGTH);
    await handle.read(header, 0, HEADER_LENGTH, MAGIC_LENGTH);
    return (flagsOf(header) & FLAG_RELAY_LOG) !== 0;
  } finally {
    await handle.close();
  }
}

function withoutSuffix(name: string): string {
  return name.replace(/\.(gz|zst|zstd)$/i, '');
}

function sortByNumber(files: BinlogFile[]): BinlogFile[] {
  return files.sort((a, b) => {
    const [x, y] = [numberOf(a.file), numberOf(b.file)];
    if (x === null || y === null) return a.file < b.file ? -1 : 1;
    return x.stem === y.stem ? x.number - y.number : x.stem < y.stem ? -1 : 1;
  });
}

function markGaps(files: BinlogFile[]): void {
  for (let i = 1; i < files.length; i++) {
    const [before, here] = [numberOf(files[i - 1]!.file), numberOf(files[i]!.file)];
    if (before === null || here === null || before.stem !== here.stem) continue;
    if (here.number > before.number + 1) {
      const digits = files[i]!.file.length - here.stem.length - 1;
      files[i]!.missingBefore = `${here.stem}.${String(before.number + 1).padStart(digits, '0')}`;
    }
  }
}

function refuseDoubles(files: BinlogFile[]): void {
  const seen = new Map<string, string>();
  for (const file of files) {
    const other = seen.get(file.file);
    if (other !== undefined) {
      throw new ReconcileError('input', `${file.file} is there twice: ${other} and ${file.path}`, {
        hint: 'Give one of the two.',
      });
    }
    seen.set(file.file, file.path);
  }
}

async function statOf(path: string) {
  try {
    return await stat(path);
  } catch (cause) {
    throw new ReconcileError('input', `${path} can't be read: ${fileReason(cause)}`, {
      hint: `Check the path given with --binlog (looked in ${dirname(path)}).`,
      cause,
    });
  }
}

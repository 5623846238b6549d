// Which of the files a window begins and ends in. Reads nothing.
import { basename } from 'node:path';
import { ReconcileError } from '../reconcile-error.ts';
import type { BinlogFile } from './binlog-files.ts';
import { shorterThanStart } from './file-errors.ts';
import { MAGIC_LENGTH } from './raw-event.ts';

/** Where to begin: at the oldest file that is there, at coordinates, or at the head of a file. */
export type StartPoint =
  | { kind: 'beginning' }
  | { kind: 'position'; file: string; position: number }
  | { kind: 'file'; file: string };

/** Index of the first file to be read, and the position in it. Throws `purged` and `input`. */
export function startOf(files: BinlogFile[], start: StartPoint): { first: number; position: number } {
  if (start.kind === 'beginning') return { first: 0, position: MAGIC_LENGTH };
  const wanted = basename(start.file);
  const first = files.findIndex((file) => file.file === wanted);
  if (first < 0) {
    throw new ReconcileError('purged', `${wanted} is not among the files (oldest is ${files[0]!.file})`, {
      hint: `The window starts in ${wanted}: give that file and all behind it with --binlog.`,
    });
  }
  const position = start.kind === 'position' ? Math.max(start.position, MAGIC_LENGTH) : MAGIC_LENGTH;
  const { size, form } = files[first]!;
  if (form === 'plain' && position > size) throw shorterThanStart(wanted, size, position);
  return { first, position };
}

/** Index of the last file to be read. */
export function stopOf(
  files: BinlogFile[],
  stop: { file: string; position: number } | undefined,
  first: number,
): number {
  if (stop === undefined) return files.length - 1;
  const wanted = basename(stop.file);
  const last = files.findIndex((file) => file.file === wanted);
  if (last < 0 || last < first) {
    throw new ReconcileError(
      'input',
      `${wanted}, where reading should stop, is not among the files from the start on`,
    );
  }
  return last;
}

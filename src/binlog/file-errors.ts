// What can be wrong with a binlog file, in words for a person: the fact, the place, the way out.
import { ReconcileError } from '../reconcile-error.ts';
import type { BinlogFile } from './binlog-files.ts';
import type { EventPlace } from './raw-event.ts';

export function encrypted(file: BinlogFile): ReconcileError {
  return new ReconcileError('unsupported', `${file.path} is encrypted`, {
    hint: 'Read it from the running server with --failed, or decrypt it with mysqlbinlog --read-from-remote-server --raw first.',
  });
}

export function notABinlog(file: BinlogFile): ReconcileError {
  return new ReconcileError(
    'input',
    `${file.path} is no binlog file: it does not begin with the magic number`,
    {
      hint: 'Give binlog files, or a directory that holds them, with --binlog.',
    },
  );
}

export function corrupt(file: string, position: number, reason: string, cause?: unknown): ReconcileError {
  return new ReconcileError('corrupt', `${file} position ${position}: ${reason}`, {
    hint: 'Copy the file again from the server or a backup, or read it live with --failed.',
    cause,
  });
}

/** Coordinates that point into the middle of an event must not be taken for damage. */
export function noEventAt({ file, position }: EventPlace): ReconcileError {
  return new ReconcileError('input', `no event starts at position ${position} of ${file}`, {
    hint: 'Take the coordinates from the failover record, or from the output of mysqlbinlog.',
  });
}

export function shorterThanStart(file: string, size: number, start: number): ReconcileError {
  return new ReconcileError('input', `${file} is ${size} bytes long, but the window starts at ${start}`, {
    hint: 'The copy is cut short, or the server lost the end of its log in the crash; or the coordinates are of another server.',
  });
}

/** An empty copy is no empty log: what the window had may be in the file that was meant. */
export function beginsWithNothing(file: string, reason: string): ReconcileError {
  return new ReconcileError('input', `${file} begins with nothing that can be read: ${reason}`, {
    hint: 'The window begins in this file. Copy it again from the server or a backup, or read it live with --failed.',
  });
}

/** Its list of earlier GTIDs is what the replica had fetched: it would hide what stood before the replica was set up. */
export function relayLog(file: BinlogFile): ReconcileError {
  return new ReconcileError(
    'unsupported',
    `${file.path} is a replica's relay log: it does not say what its source wrote before it`,
    {
      hint: 'Give the failed primary’s own binlog files; or look at the relay log with reconcile inspect, and begin at a place in it with --start-position FILE:POS.',
    },
  );
}

export function tooOld(file: BinlogFile): ReconcileError {
  return new ReconcileError(
    'unsupported',
    `${file.path} was written by MySQL before 5.0: it has no format description`,
    {
      hint: 'Binlogs of MySQL 5.7 and later and of MariaDB 10.5 and later are read.',
    },
  );
}

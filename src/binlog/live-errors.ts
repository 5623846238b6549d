// What a server or the network says when a dump fails, in our own words: which of it is a purged file, a missing
// privilege, a broken connection. Never holds a secret.
import { ReconcileError } from '../reconcile-error.ts';
import type { EventPlace } from './raw-event.ts';

const ACCESS_DENIED = new Set([1044, 1045, 1698, 3118, 3955]);
const NEEDS_PRIVILEGE = new Set([1227, 1142]);
const DUMP_FAILED = 1236;

interface ServerFault {
  errno?: number;
  code?: string;
  message?: string;
}

export function dumpError(
  error: unknown,
  at: EventPlace,
  files: readonly { name: string; size: number }[],
): ReconcileError {
  if (error instanceof ReconcileError) return error;
  const fault = error as ServerFault;
  const message = fault.message ?? String(error);
  const errno = fault.errno ?? 0;
  if (NEEDS_PRIVILEGE.has(errno)) {
    return new ReconcileError('privilege', `the user may not read the binary log: ${message}`, {
      hint: 'GRANT REPLICATION SLAVE ON *.* TO that user on the failed primary, or give the files with --binlog.',
      cause: error,
    });
  }
  if (
    errno === DUMP_FAILED &&
    /could not find (the )?(first|next) log|purged|not found in (the )?binary log index/i.test(message)
  ) {
    const oldest = files[0]?.name ?? 'none at all';
    return new ReconcileError('purged', `${at.file} was purged (oldest is ${oldest}): ${message}`, {
      hint: 'Give the files, from a backup or a copy of the data directory, with --binlog.',
      cause: error,
    });
  }
  if (errno === DUMP_FAILED) {
    return new ReconcileError(
      'corrupt',
      `${at.file} position ${at.position}: the server can't read its log: ${message}`,
      {
        hint: 'Copy the binlog files from the server and give them with --binlog.',
        cause: error,
      },
    );
  }
  const what = ACCESS_DENIED.has(errno) ? 'the server refuses us' : 'the connection broke';
  return new ReconcileError(
    'connection',
    `${what} while reading ${at.file} position ${at.position}: ${message}`,
    {
      hint: 'The same command starts again; or give the binlog files with --binlog.',
      cause: error,
    },
  );
}

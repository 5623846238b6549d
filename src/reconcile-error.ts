// The one error class of the project, and what a file system's refusal is called in it. The core throws it; only src/cli prints it and turns it into an exit code.

/**
 * What went wrong, as a runbook script tells it apart.
 *
 * `usage` a wrong option; `connection` a server that can't be reached or refuses us; `input` a file or a value that
 * can't be read (record, plan, policy); `corrupt` binlog or plan bytes that contradict themselves; `purged` binlog
 * that is gone; `unsupported` a server or format we don't read; `privilege` a missing GRANT; `refused` a safety check
 * (exit 4); `interrupted` Ctrl-C (exit 130); `internal` a bug of ours.
 */
export type ErrorCode =
  | 'usage'
  | 'connection'
  | 'input'
  | 'corrupt'
  | 'purged'
  | 'unsupported'
  | 'privilege'
  | 'refused'
  | 'interrupted'
  | 'internal';

export interface ErrorDetails {
  /** The way out: what to type or to change. One sentence. */
  hint?: string;
  cause?: unknown;
  /** For `refused`: the name that `--force` takes to override this one check. */
  check?: string;
}

/** States the fact and the place in `message`, the way out in `hint`. */
export class ReconcileError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly check: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ReconcileError';
    this.code = code;
    this.hint = details.hint;
    this.check = details.check;
  }
}

/** Why a file can't be read, for a message that names it. `cause`: what node:fs threw. */
export function fileReason(cause: unknown): string {
  switch ((cause as { code?: string }).code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EISDIR':
      return 'it is a directory';
    case 'EACCES':
      return 'permission denied';
    default:
      return cause instanceof Error ? cause.message : String(cause);
  }
}

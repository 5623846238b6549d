// A place in a log as a person writes it: FILE:POSITION. Nothing else.
import { ReconcileError } from '../reconcile-error.ts';
import type { LogPosition } from './window-request.ts';

/** `option` is for the message. Throws ReconcileError('usage'). */
export function parsePosition(text: string, option: string): LogPosition {
  const parts = /^(.+):(\d+)$/.exec(text);
  if (!parts || !Number.isSafeInteger(Number(parts[2]))) {
    throw new ReconcileError('usage', `${option} ${text}: no position`, {
      hint: 'Write it FILE:POSITION, like binlog.000007:4711.',
    });
  }
  return { file: parts[1]!, position: Number(parts[2]) };
}

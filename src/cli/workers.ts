// The --workers option of replay and undo.
import { ReconcileError } from '../reconcile-error.ts';

export const DEFAULT_WORKERS = '4';

export function parseWorkers(text: string): number {
  const workers = Number(text);
  if (/^\d+$/.test(text) && workers >= 1 && workers <= 64) return workers;
  throw new ReconcileError('usage', `--workers: ${JSON.stringify(text)} is no number from 1 to 64`);
}

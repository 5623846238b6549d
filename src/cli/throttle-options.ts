// The options that hold a replay or an undo back for the sake of customers and replicas. Parsing only.
import type { Command } from 'commander';
import { ReconcileError } from '../reconcile-error.ts';
import type { ThrottleLimits } from '../replay/throttle.ts';
import { parseDuration } from './duration.ts';

/** Sessions. */
export const MAX_LOAD = '50';

export interface ThrottleSettings {
  maxLag: string;
  maxLoad: string;
  maxShare: string;
  maxRate: string;
}

export function addThrottleOptions(command: Command): Command {
  return command
    .option('--max-lag <duration>', 'wait while a replica is further behind; off: never', '5s')
    .option('--max-load <n>', 'wait while more sessions of others are running; off: never', MAX_LOAD)
    .option(
      '--max-share <percent>',
      'of all running sessions, how many may be ours while others are at work; off: any',
      '3',
    )
    .option('--max-rate <n>', 'transactions a second, at most', 'off');
}

/** Throws ReconcileError('usage') that names the option. */
export function parseMaxLoad(text: string): number | null {
  return text === 'off' ? null : number(text, '--max-load');
}

/** Throws ReconcileError('usage') that names the option. */
export function parseThrottle({ maxLag, maxLoad, maxShare, maxRate }: ThrottleSettings): ThrottleLimits {
  const share = maxShare === 'off' ? null : number(maxShare.replace(/%$/, ''), '--max-share', 100);
  return {
    maxLag: maxLag === 'off' ? null : parseDuration(maxLag, '--max-lag'),
    maxLoad: parseMaxLoad(maxLoad),
    maxShare: share === null || share === 100 ? null : share / 100,
    maxRate: maxRate === 'off' ? null : number(maxRate, '--max-rate'),
  };
}

function number(text: string, option: string, most = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value > 0 && value <= most) return value;
  const limit = most === 100 ? ' up to 100' : '';
  throw new ReconcileError('usage', `${option}: ${JSON.stringify(text)} is no number above 0${limit}`, {
    hint: 'Write a number, or off.',
  });
}

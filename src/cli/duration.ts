// Reads durations and times as people type them. Pure.
import { ReconcileError } from '../reconcile-error.ts';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `10m`, `5s`, `1h30m`, `500ms`, `0`: milliseconds. Throws ReconcileError('usage') naming `option`. */
export function parseDuration(text: string, option: string): number {
  if (text === '0') return 0;
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) {
    throw new ReconcileError('usage', `${option}: ${JSON.stringify(text)} is no duration`, {
      hint: 'Write a number and its unit: 500ms, 5s, 10m, 2h, 1d.',
    });
  }
  let milliseconds = 0;
  for (const [, number, , unit] of text.matchAll(/(\d+(\.\d+)?)(ms|s|m|h|d)/g)) {
    milliseconds += Number(number) * UNITS[unit!]!;
  }
  return Math.round(milliseconds);
}

/**
 * `2026-11-20 10:00:00.123456` in UTC, or with Z or an offset: microseconds since 1970. A local time would mean
 * another moment on another machine. Throws ReconcileError('usage') naming `option`.
 */
export function parseDateTime(text: string, option: string): number {
  const parts = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,6}))?\s*(Z|[+-]\d\d:?\d\d)?$/i.exec(
    text.trim(),
  );
  const zone = parts?.[4]?.toUpperCase() ?? 'Z';
  const milliseconds = parts ? Date.parse(`${parts[1]}T${parts[2]}${zone}`) : Number.NaN;
  // Date.parse takes 30 February for 2 March.
  const day = new Date(Date.parse(`${parts?.[1]}T00:00:00Z`));
  if (!parts || Number.isNaN(milliseconds) || day.toISOString().slice(0, 10) !== parts[1]) {
    throw new ReconcileError('usage', `${option}: ${JSON.stringify(text)} is no date and time`, {
      hint: 'Write it in UTC, 2026-11-20 10:00:00, or with an offset, 2026-11-20T10:00:00+02:00.',
    });
  }
  return milliseconds * 1000 + Number((parts[3] ?? '').padEnd(6, '0'));
}

// What the journal keeps of transactions that a policy resolved, beside the mark that they are replayed: their rows are not
// those of the log, and what was left out or given another key must be known when later transactions are judged.
import type { Remembered } from '../diff/resolution.ts';
import type { PlanTransaction } from '../plan/plan.ts';
import type { JournalState } from './journal.ts';

/** Journal entries, each with the transaction's journalKey in front. None where no policy had a say. */
export function resolutionNotes(
  key: string,
  { source, leftOut = [], rekeyed = [] }: Pick<PlanTransaction, 'source' | 'leftOut' | 'rekeyed'>,
): string[] {
  if (!source) return [];
  return [
    `${key} resolved`,
    ...leftOut.map((change) => `${key} left out ${change}`),
    ...rekeyed.map(({ change, key: given }) => `${key} key ${change} ${given}`),
  ];
}

/** By journalKey, what stands in the journal. */
export function readNotes(entries: Iterable<readonly [string, JournalState]>): Map<string, Remembered> {
  const found = new Map<string, Remembered>();
  for (const [entry, state] of entries) {
    const note = /^(.*) (?:resolved|left out (\d+)|key (\d+) (-?\d+))$/s.exec(entry);
    if (!note || state !== 'applied') continue;
    const [, key, leftOut, change, given] = note;
    const known = found.get(key!) ?? { leftOut: [], rekeyed: [] };
    found.set(key!, known);
    if (leftOut !== undefined) known.leftOut.push(Number(leftOut));
    if (given !== undefined) known.rekeyed.push({ change: Number(change), key: given });
  }
  return found;
}

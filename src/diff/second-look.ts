// What has to be asked once it is known which transactions would be replayed: whether the application has sent them again,
// and whether a value is taken that no slot stands for. Marks footprints; the next decision makes conflicts of the marks.
import type { Transaction } from '../binlog/transaction.ts';
import type { DecidedTransaction } from './decision.ts';
import type { Slot, TransactionFootprint } from './footprint.ts';
import type { KeyNormaliser } from './key-normaliser.ts';
import { likelyRetries } from './likely-retries.ts';
import { takenPrefixes } from './prefix-keys.ts';
import type { RestoredChanges } from './restored-changes.ts';
import type { LookedUp } from './restored-facts.ts';
import type { RestoredReader } from './restored-reader.ts';
import { takenExpressions } from './taken-expressions.ts';
import { wholeRowRetries } from './whole-rows.ts';
import type { WindowRows } from './window-rows.ts';
import type { WindowSlots } from './window-slots.ts';

interface FirstLook {
  window: WindowRows;
  /** Index-aligned with the window, as is `decided`. */
  prints: readonly TransactionFootprint[];
  decided: readonly DecidedTransaction[];
  slots: WindowSlots;
  facts: LookedUp;
  reader: RestoredReader;
  normaliser: KeyNormaliser;
  changes: RestoredChanges;
}

interface ReplayMemory {
  isExecuted: (transaction: Transaction) => boolean;
  appliedOnRestored: (transactions: readonly Transaction[]) => Promise<ReadonlySet<string>>;
}

export interface SecondLook {
  facts: LookedUp;
  /** Tables of which it can't be told whether inserts into them were sent again, and why. */
  untold: ReadonlyMap<string, string>;
  /** Keys over expressions that could not be asked for (expressionKeyName), and why. */
  unasked: ReadonlyMap<string, string>;
}

export async function lookAgain(first: FirstLook, memory: ReplayMemory): Promise<SecondLook> {
  const { window, prints, decided, slots, facts, reader, normaliser, changes } = first;
  const again = wholeRowRetries(window, prints, decided, slots, changes);
  // Seen by nothing but rows that look alike: what was replayed is known by more than that.
  const executed = [...again.keys()].map((i) => window.transactions.at(i)!).filter(memory.isExecuted);
  const replayed = executed.length > 0 ? await memory.appliedOnRestored(executed) : new Set<string>();
  const { found, untold } = await likelyRetries(window, window.tables, decided, changes, reader);
  for (const [i, list] of [...found, ...again]) {
    const print = prints[i]!;
    if (replayed.has(print.id)) print.applied = true;
    else {
      print.retries = list.map((one) => {
        return { ...one, restored: one.restored && slots.contentOf(one.restored) };
      });
    }
  }
  const taken = await takenPrefixes(window, window.tables, decided, slots, reader, normaliser);
  for (const [i, list] of taken.marks) prints[i]!.retries = [...(prints[i]!.retries ?? []), ...list];
  const expressions = await takenExpressions(window, window.tables, decided, slots, reader);
  for (const [i, list] of expressions.marks) prints[i]!.retries = [...(prints[i]!.retries ?? []), ...list];
  const rows = new Map([...taken.rows, ...expressions.rows]);
  return { facts: withRows(facts, rows), untold, unasked: expressions.unasked };
}

function withRows(facts: LookedUp, rows: ReadonlyMap<Slot, string>): LookedUp {
  return rows.size === 0 ? facts : { ...facts, row: (slot) => rows.get(slot) ?? facts.row(slot) };
}

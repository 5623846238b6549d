// Decides the window under a policy. What rules make of rows can touch places that the window itself does not (a merged
// row's unique values, a new key), so it decides, looks those up, and decides again until nothing new is touched.

import { rekeyColumn } from '../policy/check-policy.ts';
import type { Policy } from '../policy/policy.ts';
import { rowRule } from '../policy/policy.ts';
import { ReconcileError } from '../reconcile-error.ts';
import { decide } from './decide.ts';
import type { DecidedTransaction } from './decision.ts';
import type { Slot, TransactionFootprint } from './footprint.ts';
import type { Footprints } from './footprints.ts';
import { type KeyNormaliser, needsCollation } from './key-normaliser.ts';
import { bounds } from './merge-columns.ts';
import { PolicyResolver } from './policy-resolver.ts';
import type { Remembered, WindowList, Write } from './resolution.ts';
import { type LookedUp, lookUpFacts } from './restored-facts.ts';
import type { RestoredReader } from './restored-reader.ts';
import { unpackRow } from './row-text.ts';
import type { WindowTransaction } from './window-rows.ts';
import type { WindowSlots } from './window-slots.ts';
import type { WindowTable } from './window-table.ts';
import { writeRow } from './write-row.ts';

export interface WindowToResolve {
  window: WindowList;
  tables: ReadonlySet<WindowTable>;
  prints: Footprints;
  slots: WindowSlots;
  facts: LookedUp;
  reader: RestoredReader;
  normaliser: KeyNormaliser;
  /** Null: everything is held, but for what earlier replays made of it. */
  policy: Policy | null;
  remembered: (index: number) => Remembered | null;
  /** Ids that the restored primary has executed, with rows or without: nothing there tells. */
  uncertain: ReadonlySet<string>;
}

/** Live traffic goes on giving out keys until the replay writes: new rows get theirs so far beyond. */
const KEY_GAP = 1000n;
const ROUNDS = 30;

export async function resolveWindow(
  request: WindowToResolve,
): Promise<{ decided: DecidedTransaction[]; facts: LookedUp }> {
  const { window, prints, slots, reader, normaliser, policy, remembered } = request;
  const { tables } = request;
  await settleRestoredKeys(request, tables);
  const freeKeys = await freeKeysOf(tables, window, policy, reader);
  const asked = new Set(prints.transactions.flatMap(vanishingKeys));
  let { facts } = request;
  for (let round = 0; round < ROUNDS; round++) {
    const known = slots.count;
    const resolver = new PolicyResolver({
      policy,
      window,
      tables,
      print: prints.print,
      values: (held) => unpackRow(slots.contents.text(held)),
      freeKeys,
      cantWrite: (index, write) => cantWrite(window.at(index)!, write),
      remembered,
      uncertain: request.uncertain,
    });
    const decided = decide(prints.transactions, facts, resolver);
    const vanishing = resolver.judged.flatMap(vanishingKeys).filter((key) => !asked.has(key));
    if (slots.count === known && vanishing.length === 0) return { decided, facts };
    for (const key of vanishing) asked.add(key);
    const fresh = range(known, slots.count);
    const more = await lookUpFacts(resolver.judged, prints.foreignKeys, slots, reader, normaliser, fresh);
    facts = layered(facts, more, known, new Set(resolver.judged.flatMap(vanishingKeys)));
  }
  throw new ReconcileError('internal', `the policy's outcome was not settled after ${ROUNDS} look-ups`, {
    hint: 'Diff without --policy, and report this with the policy file.',
  });
}

/** What becomes of tables whose types can't be made from text is known before the plan is written. */
function cantWrite(one: WindowTransaction, { source, row }: Write): string | null {
  const change = one.transaction.changes[source];
  const logged = change ? [change.before, change.after] : [];
  try {
    for (const values of [row.before, row.after]) if (values) writeRow(row.table, values, logged);
    return null;
  } catch (error) {
    if (error instanceof ReconcileError) return error.message;
    throw error;
  }
}

/** Rows of the restored primary become part of what is written: their keys must have names, too. */
async function settleRestoredKeys(
  { slots, facts, normaliser }: WindowToResolve,
  tables: ReadonlySet<WindowTable>,
): Promise<void> {
  const collated = new Map(
    [...tables].map((table) => [
      table.definition,
      keyColumns(table).filter((i) => needsCollation(table.definitions[i]!)),
    ]),
  );
  for (const slot of range(0, slots.count)) {
    const { definition, isRow } = slots.keyOf(slot);
    const columns = isRow ? (collated.get(definition) ?? []) : [];
    const row = columns.length > 0 ? facts.row(slot) : null;
    if (row === null) continue;
    const values = unpackRow(row);
    for (const column of columns) normaliser.want(definition.columns[column]!, values[column]!);
  }
  await normaliser.settle();
}

export function keyColumns({ primaryKey, uniqueKeys, foreignKeys, referencedBy }: WindowTable): number[] {
  return [
    ...new Set([
      ...primaryKey.columns,
      ...uniqueKeys.flatMap(({ columns }) => columns),
      ...foreignKeys.flatMap(({ columns }) => columns),
      ...referencedBy.flatMap(({ positions }) => positions),
    ]),
  ];
}

/** Beyond the restored primary's, beyond the window's, and a gap more. */
async function freeKeysOf(
  tables: ReadonlySet<WindowTable>,
  window: WindowList,
  policy: Policy | null,
  reader: RestoredReader,
): Promise<Map<string, bigint>> {
  const free = new Map<string, bigint>();
  if (!policy) return free;
  for (const { name, definition } of tables) {
    const column = rekeyColumn(definition);
    if (!column || rowRule(policy, '', name, 'key-taken').rule !== 'rekey' || free.has(name)) continue;
    free.set(name, await reader.nextKey(definition, column));
  }
  if (free.size === 0) return free;
  for (const { rows } of window) {
    for (const row of rows) {
      const next = row && free.get(row.table.name);
      if (next === null || next === undefined) continue;
      const { table, before, after } = row!;
      for (const image of [before, after]) {
        const key = BigInt(image?.[table.primaryKey.columns[0]!] ?? 0);
        if (key >= free.get(table.name)!) free.set(table.name, key + 1n);
      }
    }
  }
  for (const { name, definition } of tables) {
    const next = free.get(name);
    if (next === undefined) continue;
    const left = bounds(rekeyColumn(definition)!).most - next;
    free.set(name, next + (left > 2n * KEY_GAP ? KEY_GAP : 0n));
  }
  return free;
}

function vanishingKeys({ changes }: TransactionFootprint): string[] {
  return changes.flatMap(({ vanishing }) =>
    vanishing.flatMap(({ slot, foreignKeys }) => foreignKeys.map((key) => `${key}:${slot}`)),
  );
}

function layered(
  below: LookedUp,
  above: LookedUp,
  firstAbove: Slot,
  children: ReadonlySet<string>,
): LookedUp {
  return {
    value: (slot) => (slot >= firstAbove ? above : below).value(slot),
    row: (slot) => (slot >= firstAbove ? above : below).row(slot),
    isCounted: (slot) => (slot >= firstAbove ? above : below).isCounted(slot),
    children: (key, parent) => (children.has(`${key}:${parent}`) ? above : below).children(key, parent),
  };
}

function* range(from: number, to: number): Generator<number> {
  for (let i = from; i < to; i++) yield i;
}

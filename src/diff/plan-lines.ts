// The diff as the lines of a plan. Counts and describes; decides nothing.
import { wholeImage } from '../binlog/kept-change.ts';
import type { Change, Transaction } from '../binlog/transaction.ts';
import {
  PLAN_VERSION,
  type PlanChange,
  type PlanFacts,
  type PlanHeader,
  type PlanLine,
  type PlanTable,
  type PlanTransaction,
  type TransactionState,
} from '../plan/plan.ts';
import { encodeImage } from '../plan/row-image.ts';
import { isoTime, tableCounts, tableName, windowCounts } from '../plan/window-counts.ts';
import { describeConflict, displayChangeKey } from './conflict.ts';
import type { DecidedTransaction } from './decision.ts';
import type { WindowDiff } from './diff-window.ts';
import type { Slot } from './footprint.ts';
import { policySummary, resolvedParts } from './plan-resolution.ts';
import { type WindowReference, windowReferences } from './window-references.ts';
import type { WindowTransaction } from './window-rows.ts';
import type { WindowTable } from './window-table.ts';

export function* planLines(diff: WindowDiff, facts: PlanFacts): Generator<PlanLine> {
  yield header(diff, facts);
  const tables = new Map<WindowTable, PlanTable>();
  const references = windowReferences(diff.window, diff.decided, diff.slots);
  let index = 0;
  for (const one of diff.window) {
    for (const [i, row] of one.rows.entries()) {
      if (!row || tables.has(row.table)) continue;
      const table = planTable(tables.size, row.table, one.transaction.changes[i]!.table.body);
      tables.set(row.table, table);
      yield table;
    }
    yield planTransaction(one, diff.decided[index]!, diff, facts, { tables, references });
    index += 1;
  }
}

function header(diff: WindowDiff, facts: PlanFacts): PlanHeader {
  const { window, executed: _, ...rest } = facts;
  const transactions = noStates();
  const changes = noStates();
  for (const { decision, changes: states } of diff.decided) {
    transactions[decision.kind] += 1;
    for (const state of states) changes[state] += 1;
  }
  return {
    type: 'plan',
    version: PLAN_VERSION,
    ...rest,
    warnings: [...rest.warnings, ...diff.warnings],
    window: {
      ...window,
      ...windowCounts(diff.window.transactions),
      tornTail: facts.account.tornTail !== null,
    },
    ...(diff.policy ? { policy: policySummary(diff.policy, diff.decided) } : {}),
    transactions,
    changes,
    tables: tableCounts(diff.window.transactions, (i, j) => diff.decided[i]!.changes[j] === 'conflict'),
  };
}

function planTable(id: number, table: WindowTable, body: Buffer): PlanTable {
  return {
    type: 'table',
    id,
    schema: table.schema,
    table: table.table,
    columns: table.definitions.map(({ name }) => name),
    key: table.primaryKey.columns.map((i) => table.definitions[i]!.name),
    definition: table.definition.definitionDigest,
    tableMap: body.toString('base64'),
  };
}

interface Named {
  tables: ReadonlyMap<WindowTable, PlanTable>;
  /** By the slot of a key that both sides gave out. */
  references: ReadonlyMap<Slot, WindowReference[]>;
}

function planTransaction(
  one: WindowTransaction,
  { decision, changes, resolved }: DecidedTransaction,
  diff: WindowDiff,
  facts: PlanFacts,
  { tables, references }: Named,
): PlanTransaction {
  const { transaction, rows } = one;
  const logged = transaction.changes.map((change, i): PlanChange => {
    const row = rows[i] ?? null;
    const columns = change.table.columns.length;
    return {
      table: row ? tables.get(row.table)!.id : -1,
      name: tableName(change.table),
      op: change.kind,
      state: changes[i]!,
      key: row && displayChangeKey(row),
      flags: change.flags,
      ...(row ? encodedImages(change, columns) : {}),
    };
  });
  const earlier = decision.kind === 'present' && diff.remembered(transaction) !== null;
  return {
    type: 'transaction',
    id: transaction.id,
    gtid: transaction.gtid,
    state: decision.kind,
    start: place(transaction.start),
    end: place(transaction.end),
    committed: isoTime(transaction.committedAt > 0 ? transaction.committedAt : null),
    executed: transaction.gtid !== null && facts.executed(transaction.gtid),
    ...(transaction.loggedDigest === undefined ? {} : { loggedDigest: transaction.loggedDigest }),
    ...(resolved ? resolvedParts(one, resolved, logged) : { changes: logged }),
    ...(earlier ? { resolvedEarlier: true as const } : {}),
    ...(decision.kind === 'conflict'
      ? {
          conflicts: decision.findings.map((finding) => {
            const described = describeConflict(finding, one, diff, diff.facts);
            const refer = finding.kind === 'key-taken' && references.get(finding.slot!);
            return refer ? { ...described, references: refer } : described;
          }),
        }
      : {}),
    ...(decision.kind === 'held' ? { heldBy: { transaction: decision.by, because: decision.because } } : {}),
    ...(decision.kind === 'unsupported' ? { unsupported: decision.reasons } : {}),
  };
}

function encodedImages(change: Change, columns: number): Pick<PlanChange, 'before' | 'after'> {
  const before = encodedImage(change, 'before', columns);
  const after = encodedImage(change, 'after', columns);
  return { ...(before === null ? {} : { before }), ...(after === null ? {} : { after }) };
}

function encodedImage(change: Change, side: 'before' | 'after', columns: number): string | null {
  // A plan has images in the very form in which they are kept.
  const whole = wholeImage(change, side);
  if (whole) return whole.toString('base64');
  const image = change[side];
  return image && encodeImage(image, columns);
}

function place({ file, position }: Transaction['start']): { file: string; position: number } {
  return { file, position };
}

function noStates(): Record<TransactionState, number> {
  return { missing: 0, present: 0, conflict: 0, held: 0, unsupported: 0 };
}

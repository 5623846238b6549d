// What one rule makes of one row's changes in one transaction. Sees that row alone; whether the outcome fits the rest (unique
// values, parents, children) is judged afterwards, as for any transaction.
import type { ConflictKind } from '../plan/plan.ts';
import type { ColumnRule, Placed, RowRule } from '../policy/policy.ts';
import { mergeColumns } from './merge-columns.ts';
import { WHOLE_ROW } from './occurrences.ts';
import type { RowChange } from './window-rows.ts';

type Values = readonly (string | null)[];

/** One step of the row: what it finds and what it leaves. */
export interface Step {
  before: (string | null)[] | null;
  after: (string | null)[] | null;
}

export type Edit =
  /** One step a change, in place of the logged ones. A step from a row to the same row is none. */
  | { kind: 'write'; steps: Step[] }
  | { kind: 'leave-out' }
  | { kind: 'as-logged' }
  /** `why` null: the rule is to hold it. */
  | { kind: 'refuse'; why: string | null };

export interface RowInConflict {
  kind: ConflictKind;
  /** All changes of the transaction to the row, in order. */
  rows: readonly RowChange[];
  /** What the restored primary has, or would have by then. */
  restored: Values | null;
  /** Whether the transaction gave the row another key. */
  moves: boolean;
}

const NO_RULE: Partial<Record<ConflictKind, string>> = {
  'parent-missing':
    'no rule can bring back a row that the restored primary deleted, or undo that one was left out',
  'schema-differs': 'no rule can put values into another table than they were logged for',
};
const SPREADS: Partial<Record<ConflictKind, string>> = {
  'unique-taken': 'another row has the value, and a rule changes no row that the transaction does not name',
  'children-exist': 'rows that only the restored primary has would go with it',
};

/** Why rules that are not `hold` leave this kind alone. */
export function whyNot(kind: ConflictKind): string {
  return NO_RULE[kind] ?? SPREADS[kind] ?? `it says nothing of ${kind}`;
}

export function editRow(
  { kind, rows, restored, moves }: RowInConflict,
  { rule }: Placed<RowRule>,
  columns: ReadonlyMap<string, Placed<ColumnRule>>,
): Edit {
  const never = NO_RULE[kind];
  if (never !== undefined) return { kind: 'refuse', why: rule === 'hold' ? null : never };
  const asItIs = kind === 'likely-retry' && rule === 'take-failed';
  // Such rows are counted, by the restored primary's log: one left out or made otherwise would be counted wrongly.
  if (rows[0]!.table.primaryKey.name === WHOLE_ROW && !asItIs)
    return { kind: 'refuse', why: rule === 'hold' ? null : 'the table has no key to tell its rows by' };
  const [before, after] = [rows[0]!.before, rows.at(-1)!.after];
  const bothChanged = kind === 'changed-on-restored' && before !== null && after !== null && !moves;
  if (rule === 'hold' && !(bothChanged && columns.size > 0)) return { kind: 'refuse', why: null };
  if (rule === 'keep-restored' && !(bothChanged && columns.size > 0)) return { kind: 'leave-out' };
  const spreads = SPREADS[kind];
  if (spreads !== undefined) return { kind: 'refuse', why: spreads };
  // Somebody decided that it is another row, and not the same one sent again.
  if (kind === 'likely-retry') return { kind: 'as-logged' };
  if (moves) return { kind: 'refuse', why: 'the transaction gave the row another key' };
  // A row that came and went within the transaction leaves nothing: the restored primary's row is not its business.
  if (before === null && after === null) return { kind: 'leave-out' };
  if (bothChanged && restored !== null) {
    return steps(rows, restored, (next) =>
      mergeColumns(
        rows[0]!.table.definitions,
        { before, after: next, restored },
        (name) => columns.get(name)?.rule ?? rule,
      ),
    );
  }
  if (rule === 'merge-columns')
    return { kind: 'refuse', why: 'a row that is gone on one side can’t be merged' };
  return steps(rows, restored, (next) => ({ values: next }));
}

function steps(
  rows: readonly RowChange[],
  restored: Values | null,
  outcome: (after: (string | null)[]) => ReturnType<typeof mergeColumns>,
): Edit {
  const found: Step[] = [];
  let current = restored === null ? null : [...restored];
  for (const { after } of rows) {
    let next: (string | null)[] | null = null;
    if (after !== null) {
      const merged = outcome(after);
      if ('refused' in merged) return { kind: 'refuse', why: merged.refused };
      next = merged.values;
    }
    found.push({ before: current, after: next });
    current = next;
  }
  return sameRow(restored, current) ? { kind: 'leave-out' } : { kind: 'write', steps: found };
}

export function sameRow(one: Values | null, other: Values | null): boolean {
  if (one === null || other === null) return one === other;
  return one.every((value, i) => value === other[i]);
}

// A policy: what an operator has decided beforehand of conflicts, by table, column, kind and transaction. Types, and which
// rule holds where. Never looks at a row and never reads a file.
import type { ConflictKind } from '../plan/plan.ts';

/** For one transaction, and for everything that no table's rule speaks of. */
export const DECISIONS = ['hold', 'keep-restored', 'take-failed'] as const;
export type DecisionRule = (typeof DECISIONS)[number];

export const ROW_RULES = [...DECISIONS, 'merge-columns', 'rekey'] as const;
export type RowRule = (typeof ROW_RULES)[number];

export const COLUMN_RULES = [...DECISIONS, 'add'] as const;
export type ColumnRule = (typeof COLUMN_RULES)[number];

/** Which rules can decide which kind. What is not here no rule decides: it could only spread to rows nobody named. */
export const RULES_BY_KIND: Partial<Record<ConflictKind, readonly RowRule[]>> = {
  'changed-on-restored': [...DECISIONS, 'merge-columns'],
  'deleted-on-restored': DECISIONS,
  'key-taken': [...DECISIONS, 'rekey'],
  'partly-present': DECISIONS,
  'likely-retry': DECISIONS,
  'unique-taken': ['hold', 'keep-restored'],
  'children-exist': ['hold', 'keep-restored'],
};

/** A rule, and where it stands: `policy.yaml:4:18`, or the option that gave it. */
export interface Placed<Rule> {
  rule: Rule;
  place: string;
}

export interface TablePolicy {
  place: string;
  /** For every kind that `kinds` does not name and that the rule can decide. */
  every: Placed<RowRule> | null;
  kinds: ReadonlyMap<ConflictKind, Placed<RowRule>>;
  columns: ReadonlyMap<string, Placed<ColumnRule>>;
}

export interface Policy {
  /** The file's path as it was given; null where options alone say it. */
  file: string | null;
  /** Of the file's bytes. */
  sha256: string | null;
  default: Placed<DecisionRule>;
  /** By `schema.table`. */
  tables: ReadonlyMap<string, TablePolicy>;
  /** By transaction id. */
  decisions: ReadonlyMap<string, Placed<DecisionRule>>;
}

/**
 * The rule for a row of `table` that is in conflict for this reason. A table's rule that can't decide the kind holds it:
 * `rekey` says nothing of a row that both sides changed. `unable` is that rule then.
 */
export function rowRule(
  policy: Policy,
  transaction: string,
  table: string,
  kind: ConflictKind,
): Placed<RowRule> & { unable?: RowRule } {
  const decided = policy.decisions.get(transaction);
  if (decided) return decided;
  const own = policy.tables.get(table);
  const rule = own?.kinds.get(kind) ?? own?.every ?? policy.default;
  const able = RULES_BY_KIND[kind]?.includes(rule.rule) ?? false;
  return able || rule.rule === 'hold' ? rule : { rule: 'hold', place: rule.place, unable: rule.rule };
}

/** None where the transaction itself is decided: that stands above the table's columns. */
export function columnRules(
  policy: Policy,
  transaction: string,
  table: string,
): ReadonlyMap<string, Placed<ColumnRule>> {
  return (policy.decisions.has(transaction) ? null : policy.tables.get(table)?.columns) ?? new Map();
}

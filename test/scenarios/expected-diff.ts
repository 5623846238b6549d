// Brings what a diff found and what a scenario expects of it into one shape, with transactions named by their number
// in failed.sql. Judges nothing.
import { readFileSync } from 'node:fs';
import type { ExpectedConflict, Scenario, State } from './scenario.ts';

interface Comparable {
  transactions: Record<State, number>;
  changes: Record<State, number>;
  conflicts: unknown[];
  held: unknown[];
  unsupported: unknown[];
}

/** Of the document of `diff --json`, what is looked at here. */
interface DiffDocument {
  transactions: Record<State, number>;
  changes: Record<State, number>;
  conflicts: (Omit<ExpectedConflict, 'transaction'> & { transaction: string })[];
  held: { transaction: string; by: string; because: string }[];
  unsupported: { transaction: string; reasons: string[] }[];
}

/** The plan's transactions in the order of their commit: number n of failed.sql is the n-th. */
export function planned(plan: string): { id: string; state: State }[] {
  return readFileSync(plan, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
    .filter(({ type }) => type === 'transaction');
}

export function wantedOfDiff({ expected: { diff } }: Scenario): Comparable {
  const { transactions, changes, conflicts, held, unsupported } = diff;
  return { transactions, changes, conflicts: inOrder(conflicts), held: inOrder(held), unsupported };
}

export function foundByDiff(
  document: DiffDocument,
  ids: readonly string[],
  { expected }: Scenario,
): Comparable {
  const numbers = new Map(ids.map((id, i) => [id, i + 1]));
  const number = (id: string): number | string => numbers.get(id) ?? id;
  const { transactions, changes, conflicts, held, unsupported } = document;
  return {
    transactions,
    changes,
    conflicts: inOrder(
      conflicts.map(({ transaction, table, key, kind, columns }) => {
        return { transaction: number(transaction), table, key, kind, columns };
      }),
    ),
    held: inOrder(
      held.map(({ transaction, by, because }) => {
        return { transaction: number(transaction), by: number(by), because };
      }),
    ),
    unsupported: unsupported.map(({ transaction, reasons }) => {
      const said = reasons.join('\n');
      const wanted = expected.diff.unsupported.find((one) => one.transaction === number(transaction));
      const mentions = wanted && said.includes(wanted.mentions) ? wanted.mentions : said;
      return { transaction: number(transaction), mentions };
    }),
  };
}

/** Each transaction's state, by number: what is named nowhere in expected.json is missing. */
export function wantedStates({ expected: { diff }, transactions }: Scenario): State[] {
  const states: State[] = new Array(transactions).fill('missing');
  for (const number of diff.present) states[number - 1] = 'present';
  for (const { transaction } of diff.conflicts) states[transaction - 1] = 'conflict';
  for (const { transaction } of diff.held) states[transaction - 1] = 'held';
  for (const { transaction } of diff.unsupported) states[transaction - 1] = 'unsupported';
  return states;
}

/** Several rows of one transaction have no order that means anything. */
function inOrder<T extends { transaction: number | string }>(list: readonly T[]): T[] {
  const rank = ({ transaction, ...rest }: T): string =>
    `${String(transaction).padStart(6, '0')} ${JSON.stringify(Object.entries(rest).sort())}`;
  return [...list].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

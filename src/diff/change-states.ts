// What becomes of each change of a decided transaction. Decides nothing.
import type { ChangeState, Decision } from './decision.ts';
import type { TransactionFootprint } from './footprint.ts';
import type { NetTransition } from './net-transitions.ts';
import type { StepState } from './slot-positions.ts';

export function changeStates(
  transaction: TransactionFootprint,
  decision: Decision,
  net: NetTransition[],
  state: StepState[],
  shared: SharedStates,
): readonly ChangeState[] {
  if (decision.kind !== 'conflict' && decision.kind !== 'held')
    return shared.all(decision.kind, transaction.changes.length);
  const stateOf = new Map(net.map(({ slot }, i) => [slot, state[i]!]));
  const inConflict = new Set(decision.kind === 'conflict' ? decision.findings.map((f) => f.slot) : []);
  const changes = new Set(decision.kind === 'conflict' ? decision.findings.map((f) => f.change) : []);
  return transaction.changes.map((change, i): ChangeState => {
    if (changes.has(i) || change.rows.some((row) => inConflict.has(row.slot))) return 'conflict';
    return change.rows.length > 0 && change.rows.every((row) => stateOf.get(row.slot) === 'present')
      ? 'present'
      : 'held';
  });
}

/** "All of them missing" is one list for all transactions of so many changes. */
export class SharedStates {
  readonly #known = new Map<string, readonly ChangeState[]>();

  all(state: ChangeState, length: number): readonly ChangeState[] {
    const name = `${state} ${length}`;
    let list = this.#known.get(name);
    if (!list) {
      list = new Array<ChangeState>(length).fill(state);
      this.#known.set(name, list);
    }
    return list;
  }
}

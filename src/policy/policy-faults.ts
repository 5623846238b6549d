// Collects what is wrong with a policy, so that one look at the file puts all of it right. Prints nothing.
import { ReconcileError } from '../reconcile-error.ts';

/** A file of something else has thousands. */
const MOST = 20;

export class PolicyFaults {
  readonly #faults: { at: number[]; text: string }[] = [];

  /** `place` is `file:line:column`; `fact` what is wrong, `wayOut` a sentence. */
  add(place: string, fact: string, wayOut: string): void {
    const at = place.split(':').slice(-2).map(Number);
    this.#faults.push({ at, text: `${place}: ${fact}. ${wayOut}` });
  }

  /** Throws ReconcileError('input') with all of them, in the order of the file. */
  throwAny(): void {
    if (this.#faults.length === 0) return;
    const inOrder = this.#faults.sort(({ at: a }, { at: b }) => a[0]! - b[0]! || a[1]! - b[1]!);
    const lines = inOrder.slice(0, MOST).map(({ text }) => text);
    if (inOrder.length > MOST) lines.push(`… and ${inOrder.length - MOST} faults more`);
    throw new ReconcileError('input', lines.join('\n'), {
      hint: 'The policy file is described in docs/conflicts.md; nothing was read or written with this one.',
    });
  }
}

// A window's footprints as numbers in one list: a change takes some twenty bytes, and is objects only while somebody looks
// at it. Knows nothing of what the numbers mean.
import { integers, offsets } from '../binlog/number-list.ts';
import type { ChangeFootprint, Reference, TransactionFootprint, Transition, Vanishing } from './footprint.ts';
import { packHeld, unpackHeld } from './held-number.ts';

export class PackedFootprints {
  readonly #numbers = integers();
  readonly #starts = offsets();
  readonly #counts = integers();

  /** Takes a transaction's changes; answers with its footprint, which makes them anew whenever it is asked. */
  add(head: Omit<TransactionFootprint, 'changes'>, changes: Iterable<ChangeFootprint>): TransactionFootprint {
    const index = this.#starts.length;
    this.#starts.push(this.#numbers.length);
    let count = 0;
    for (const change of changes) {
      this.#pack(change);
      count += 1;
    }
    this.#counts.push(count);
    return new PackedFootprint(head, this, index);
  }

  changes(index: number): ChangeFootprint[] {
    const numbers = this.#numbers;
    let at = this.#starts.at(index);
    const next = (): number => numbers.at(at++);
    const nextOrNull = (): number | null => unpackHeld(numbers.at(at++));
    const transition = (): Transition => ({ slot: next(), from: nextOrNull(), to: nextOrNull() });
    const reference = (): Reference => ({
      foreignKey: next(),
      child: next(),
      parent: nextOrNull(),
      left: nextOrNull(),
    });
    const vanishing = (): Vanishing => {
      const slot = next();
      const mark = next();
      return { slot, unchecked: (mark & 1) !== 0, foreignKeys: list(mark >> 1, next) };
    };
    const counted = (): ChangeFootprint['counted'][number] => ({ slot: next(), step: next() > 0 ? 1 : -1 });
    return list(this.#counts.at(index), () => {
      const rows = list(next(), transition);
      const unique = list(next(), transition);
      const references = list(next(), reference);
      // One bit, for nearly no change has the last list.
      const rest = next();
      const gone = list(rest >> 1, vanishing);
      return {
        rows,
        unique,
        references,
        vanishing: gone,
        counted: (rest & 1) === 0 ? [] : list(next(), counted),
      };
    });
  }

  #pack({ rows, unique, references, vanishing, counted }: ChangeFootprint): void {
    this.#packTransitions(rows);
    this.#packTransitions(unique);
    this.#push(references.length);
    for (const { foreignKey, child, parent, left } of references) this.#push(foreignKey, child, parent, left);
    this.#push(vanishing.length * 2 + (counted.length > 0 ? 1 : 0));
    for (const { slot, foreignKeys, unchecked } of vanishing)
      this.#push(slot, foreignKeys.length * 2 + (unchecked ? 1 : 0), ...foreignKeys);
    if (counted.length === 0) return;
    this.#push(counted.length);
    for (const { slot, step } of counted) this.#push(slot, step);
  }

  #packTransitions(transitions: readonly Transition[]): void {
    this.#push(transitions.length);
    for (const { slot, from, to } of transitions) this.#push(slot, from, to);
  }

  #push(...numbers: (number | null)[]): void {
    for (const number of numbers) this.#numbers.push(packHeld(number));
  }
}

function list<T>(length: number, make: () => T): T[] {
  const made: T[] = [];
  for (let i = 0; i < length; i++) made.push(make());
  return made;
}

class PackedFootprint implements TransactionFootprint {
  readonly id: string;
  readonly unsupported: string[];
  readonly differs: TransactionFootprint['differs'];
  applied: boolean;
  readonly #packed: PackedFootprints;
  readonly #index: number;

  constructor(head: Omit<TransactionFootprint, 'changes'>, packed: PackedFootprints, index: number) {
    this.id = head.id;
    this.unsupported = head.unsupported;
    this.differs = head.differs;
    this.applied = head.applied;
    this.#packed = packed;
    this.#index = index;
  }

  get changes(): ChangeFootprint[] {
    return this.#packed.changes(this.#index);
  }
}

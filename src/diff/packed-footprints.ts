// A window's footprints as numbers in one list: a change takes some twenty bytes, and is objects only while somebody looks
// at it. Knows nothing of what the numbers mean.
import { integers, offsets } from '../binlog/number-list.ts';
import type { ChangeFootprint, Reference, TransactionFootprint, Transition, Vanishing } from './footprint.ts';
import { packHeld, unpackHeld } from './held-number.ts';

/** Bits of each of a change's five counts, in the one number before its parts; NUMBERS, and five, where one needs more. */
const COUNT_BITS = 6;
const MOST = (1 << COUNT_BITS) - 1;
const NUMBERS = -1;

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
      const packed = next();
      const count = (number: number): number =>
        packed === NUMBERS ? next() : (packed >> (number * COUNT_BITS)) & MOST;
      const counts = [count(0), count(1), count(2), count(3), count(4)] as const;
      return {
        rows: list(counts[0], transition),
        unique: list(counts[1], transition),
        references: list(counts[2], reference),
        vanishing: list(counts[3], vanishing),
        counted: list(counts[4], counted),
      };
    });
  }

  #pack({ rows, unique, references, vanishing, counted }: ChangeFootprint): void {
    const counts = [rows.length, unique.length, references.length, vanishing.length, counted.length];
    if (counts.some((count) => count > MOST)) this.#push(NUMBERS, ...counts);
    else this.#push(counts.reduce((packed, count, i) => packed | (count << (i * COUNT_BITS)), 0));
    this.#packTransitions(rows);
    this.#packTransitions(unique);
    for (const { foreignKey, child, parent, left } of references) this.#push(foreignKey, child, parent, left);
    for (const { slot, foreignKeys, unchecked } of vanishing)
      this.#push(slot, foreignKeys.length * 2 + (unchecked ? 1 : 0), ...foreignKeys);
    for (const { slot, step } of counted) this.#push(slot, step);
  }

  #packTransitions(transitions: readonly Transition[]): void {
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

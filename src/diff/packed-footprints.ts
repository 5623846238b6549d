// A window's footprints as numbers in one list: a change takes some twenty bytes, and is objects only while somebody looks
// at it. Knows nothing of what the numbers mean.
import { integers, offsets } from '../binlog/number-list.ts';
import type {
  ChangeFootprint,
  Held,
  Reference,
  Slot,
  TransactionFootprint,
  Transition,
  Vanishing,
} from './footprint.ts';
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
      const counts = at;
      at += numbers.at(at) === NUMBERS ? 6 : 1;
      return {
        rows: list(this.#count(counts, 0), transition),
        unique: list(this.#count(counts, 1), transition),
        references: list(this.#count(counts, 2), reference),
        vanishing: list(this.#count(counts, 3), vanishing),
        counted: list(this.#count(counts, 4), counted),
      };
    });
  }

  /** Without a closure or an object: of a long window each is walked some times. */
  walk(index: number, passages: Passages): void {
    const numbers = this.#numbers;
    let at = this.#starts.at(index);
    for (let left = this.#counts.at(index); left > 0; left--) {
      const counts = at;
      at += numbers.at(at) === NUMBERS ? 6 : 1;
      const rows = this.#count(counts, 0);
      passages.change?.(rows);
      for (let i = 0; i < rows; i++, at += 3)
        passages.row(numbers.at(at), unpackHeld(numbers.at(at + 1)), unpackHeld(numbers.at(at + 2)));
      for (let i = this.#count(counts, 1); i > 0; i--, at += 3)
        passages.unique(numbers.at(at), unpackHeld(numbers.at(at + 1)), unpackHeld(numbers.at(at + 2)));
      for (let i = this.#count(counts, 2); i > 0; i--, at += 4)
        passages.reference(unpackHeld(numbers.at(at + 2)), unpackHeld(numbers.at(at + 3)));
      for (let i = this.#count(counts, 3); i > 0; i--) {
        passages.vanishing(numbers.at(at));
        at += 2 + (numbers.at(at + 1) >> 1);
      }
      for (let i = this.#count(counts, 4); i > 0; i--, at += 2) passages.counted(numbers.at(at));
    }
  }

  /** One of a change's five counts, which stand at `at`. */
  #count(at: number, number: number): number {
    const packed = this.#numbers.at(at);
    return packed === NUMBERS ? this.#numbers.at(at + 1 + number) : (packed >> (number * COUNT_BITS)) & MOST;
  }

  #pack({ rows, unique, references, vanishing, counted }: ChangeFootprint): void {
    this.#packCounts(rows.length, unique.length, references.length, vanishing.length, counted.length);
    this.#packTransitions(rows);
    this.#packTransitions(unique);
    for (const { foreignKey, child, parent, left } of references) {
      this.#push(foreignKey);
      this.#push(child);
      this.#push(parent);
      this.#push(left);
    }
    for (const { slot, foreignKeys, unchecked } of vanishing) {
      this.#push(slot);
      this.#push(foreignKeys.length * 2 + (unchecked ? 1 : 0));
      for (const key of foreignKeys) this.#push(key);
    }
    for (const { slot, step } of counted) {
      this.#push(slot);
      this.#push(step);
    }
  }

  #packCounts(rows: number, unique: number, references: number, vanishing: number, counted: number): void {
    if (Math.max(rows, unique, references, vanishing, counted) > MOST) {
      this.#push(NUMBERS);
      for (const count of [rows, unique, references, vanishing, counted]) this.#push(count);
      return;
    }
    let packed = 0;
    for (const count of [counted, vanishing, references, unique, rows])
      packed = (packed << COUNT_BITS) | count;
    this.#push(packed);
  }

  #packTransitions(transitions: readonly Transition[]): void {
    for (const { slot, from, to } of transitions) {
      this.#push(slot);
      this.#push(from);
      this.#push(to);
    }
  }

  #push(number: number | null): void {
    this.#numbers.push(packHeld(number));
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

  walk(passages: Passages): void {
    this.#packed.walk(this.#index, passages);
  }
}

/** Told of what a transaction's changes do, in their order. */
export interface Passages {
  /** A change of so many row passages begins: these come first. */
  change?(rows: number): void;
  row(slot: Slot, from: Held | null, to: Held | null): void;
  unique(slot: Slot, from: Held | null, to: Held | null): void;
  reference(parent: Slot | null, left: Slot | null): void;
  vanishing(slot: Slot): void;
  counted(slot: Slot): void;
}

/** For whoever wants to be told of some. */
export const NO_PASSAGES: Passages = { row() {}, unique() {}, reference() {}, vanishing() {}, counted() {} };

/** Without an object a change, where they are packed: a transaction can have a hundred thousand. */
export function walkChanges(footprint: TransactionFootprint, passages: Passages): void {
  if (footprint instanceof PackedFootprint) {
    footprint.walk(passages);
    return;
  }
  for (const { rows, unique, references, vanishing, counted } of footprint.changes) {
    passages.change?.(rows.length);
    for (const { slot, from, to } of rows) passages.row(slot, from, to);
    for (const { slot, from, to } of unique) passages.unique(slot, from, to);
    for (const { parent, left } of references) passages.reference(parent, left);
    for (const { slot } of vanishing) passages.vanishing(slot);
    for (const { slot } of counted) passages.counted(slot);
  }
}

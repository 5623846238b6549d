// One transaction's rows on the way from what was logged to what is written: which are edited, which are left out, what
// comes of them all. Knows no rules.
import { type Step, sameRow } from './edit-row.ts';
import type { ChangeFootprint, Slot, TransactionFootprint } from './footprint.ts';
import type { Write } from './resolution.ts';
import { type RowGroup, rowGroups } from './row-groups.ts';
import type { RowChange } from './window-rows.ts';

export type Rows = readonly (RowChange | null)[];
type RowEdit = Step[] | 'leave-out';
type Print = (row: RowChange) => ChangeFootprint;

export class RowEdits {
  #rows: Rows;
  #footprint: TransactionFootprint;
  #groups: RowGroup[] = [];
  readonly #groupOf = new Map<number, RowGroup>();
  #edits = new Map<RowGroup, RowEdit>();
  /** Inserts that were decided to be no retries. */
  readonly #accepted = new Set<number>();

  constructor(footprint: TransactionFootprint, rows: Rows) {
    this.#footprint = footprint;
    this.#rows = rows;
    this.#group();
  }

  get groups(): readonly RowGroup[] {
    return this.#groups;
  }

  groupOf(change: number): RowGroup {
    return this.#groupOf.get(change)!;
  }

  rows({ changes }: RowGroup): RowChange[] {
    return changes.map((change) => this.#rows[change]!);
  }

  table({ changes }: RowGroup): RowChange['table'] {
    return this.#rows[changes[0]!]!.table;
  }

  /** Slots that the group's changes fill. */
  filled({ changes }: RowGroup): Slot[] {
    return changes.flatMap((change) => filledSlots(this.#footprint.changes[change]!));
  }

  of(group: RowGroup): RowEdit | undefined {
    return this.#edits.get(group);
  }

  set(group: RowGroup, edit: RowEdit): void {
    this.#edits.set(group, edit);
  }

  accept(change: number): void {
    this.#accepted.add(change);
  }

  /** Rows that refer to what was given another key follow it; what is left out stays so, the rest is as logged again. */
  translate(translated: (row: RowChange) => RowChange, print: Print): void {
    const leftOut = new Set<number>();
    for (const [{ changes }, edit] of this.#edits) {
      if (edit === 'leave-out') for (const change of changes) leftOut.add(change);
    }
    const before = this.#rows;
    this.#rows = before.map((row) => row && translated(row));
    const { changes } = this.#footprint;
    this.#footprint = {
      ...this.#footprint,
      changes: this.#rows.map((row, i) => (row && row !== before[i] ? print(row) : changes[i]!)),
    };
    this.#group();
    this.#edits = new Map();
    for (const group of this.#groups) {
      if (group.changes.some((change) => leftOut.has(change))) this.#edits.set(group, 'leave-out');
    }
  }

  writes(): Write[] {
    const writes: Write[] = [];
    for (const group of this.#groups) {
      const edit = this.#edits.get(group);
      if (edit === 'leave-out') continue;
      group.changes.forEach((source, i) => {
        const row = this.#rows[source]!;
        const step = edit?.[i];
        if (!step) writes.push({ source, row });
        else if (!sameRow(step.before, step.after))
          writes.push({ source, row: { table: row.table, ...step } });
      });
    }
    return writes.sort((a, b) => a.source - b.source);
  }

  /** The writes, as if the transaction had been logged so. */
  print(writes: readonly Write[], print: Print): TransactionFootprint {
    const { id, retries = [] } = this.#footprint;
    const place = new Map(writes.map(({ source }, i) => [source, i]));
    const open = retries.flatMap((mark) => {
      const change = this.#accepted.has(mark.change) ? undefined : place.get(mark.change);
      return change === undefined ? [] : [{ ...mark, change }];
    });
    // What nobody edited is as it was printed: rows without a key are numbered as they come.
    const own = this.#footprint.changes;
    const changes = writes.map(({ source, row }) => (row === this.#rows[source] ? own[source]! : print(row)));
    return { id, unsupported: [], differs: [], applied: false, changes, retries: open };
  }

  /** What would have been filled and is not, but for `present` rows: those are there. */
  leftOut(present: ReadonlySet<Slot>): { slots: Slot[]; changes: number[] } {
    const slots: Slot[] = [];
    const changes: number[] = [];
    for (const [group, edit] of this.#edits) {
      if (edit !== 'leave-out' || group.slots.every((slot) => present.has(slot))) continue;
      for (const change of group.changes) {
        const filled = filledSlots(this.#footprint.changes[change]!);
        if (filled.length === 0) continue;
        for (const slot of filled) slots.push(slot);
        changes.push(change);
      }
    }
    return { slots, changes };
  }

  #group(): void {
    this.#groups = rowGroups(this.#footprint);
    this.#groupOf.clear();
    for (const group of this.#groups) for (const change of group.changes) this.#groupOf.set(change, group);
  }
}

/** Slots that a change fills: its row's under a new key, its unique values'. */
export function filledSlots({ rows, unique }: ChangeFootprint): Slot[] {
  return [...rows, ...unique].flatMap(({ slot, from, to }) => (from === null && to !== null ? [slot] : []));
}

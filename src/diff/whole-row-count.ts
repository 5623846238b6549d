// Counts rows of tables without any key on the restored primary, by all that they hold: only those that the window takes
// away, for an insert needs none. Decides nothing.
import type { TableDefinition } from '../server/catalogue.ts';
import { inBatches } from '../server/key-batches.ts';
import { wholeRowBytes } from '../server/whole-rows.ts';
import type { Slot, TransactionFootprint } from './footprint.ts';
import type { LookUp, RestoredRow } from './restored-reader.ts';
import { packRow } from './row-text.ts';
import type { WindowSlots } from './window-slots.ts';

/** A whole row's condition is long. */
const ROWS_A_LOOK_UP = 50;

/** Asks how many rows of these contents there are. */
export interface CountLookUp extends LookUp {
  contents: ReadonlySet<number>;
  counts: Map<number, number>;
}

interface Group {
  /** By content: its slots, by their numbers. */
  slots: Map<number, { slot: Slot; number: number }[]>;
  counts: Map<number, number>;
}

export class WholeRowCount {
  readonly #slots: WindowSlots;
  readonly #groups = new Map<TableDefinition, Group>();

  /** Of `transactions`, rows that they find there; without any, of `wanted`. */
  constructor(transactions: readonly TransactionFootprint[], wanted: Iterable<Slot>, slots: WindowSlots) {
    this.#slots = slots;
    if (!slots.hasWholeRows) return;
    if (transactions.length === 0) for (const slot of wanted) this.#add(slot);
    const seen = new Set<Slot>();
    for (const { changes } of transactions) {
      for (const { rows } of changes) {
        for (const { slot, from } of rows) {
          if (!slots.wholeRow(slot) || seen.has(slot)) continue;
          seen.add(slot);
          if (from !== null) this.#add(slot);
        }
      }
    }
  }

  #add(slot: Slot): void {
    const whole = this.#slots.wholeRow(slot);
    if (!whole) return;
    const { definition } = this.#slots.keyOf(slot);
    const group = this.#groups.get(definition) ?? { slots: new Map(), counts: new Map() };
    this.#groups.set(definition, group);
    const content = this.#slots.contentOf(whole.row);
    const list = group.slots.get(content) ?? [];
    list.push({ slot, number: whole.number });
    group.slots.set(content, list);
  }

  *lookUps(): Generator<CountLookUp> {
    for (const [definition, { slots, counts }] of this.#groups) {
      const all = [...slots].map(([content, list]) => {
        return { content, row: this.#slots.wholeRow(list[0]!.slot)!.row };
      });
      for (const batch of inBatches(all, ROWS_A_LOOK_UP, ({ row }) => wholeRowBytes(row))) {
        yield {
          definition,
          columns: [],
          keys: [],
          wholeRows: batch.map(({ row }) => row),
          index: definition.wholeRows?.index ?? undefined,
          written: true,
          contents: new Set(batch.map(({ content }) => content)),
          counts,
        };
      }
    }
  }

  /** Another batch's rows may come too: those count there. */
  take({ contents, counts }: CountLookUp, rows: readonly RestoredRow[]): void {
    for (const row of rows) {
      const content = this.#slots.contents.find(packRow(row));
      if (content !== undefined && contents.has(content)) counts.set(content, (counts.get(content) ?? 0) + 1);
    }
  }

  /** Which slots there is a row for, the lowest numbers first; null: none is left for it. */
  *filled(): Generator<[Slot, number | null]> {
    for (const { slots, counts } of this.#groups.values()) {
      for (const [content, list] of slots) {
        const count = counts.get(content) ?? 0;
        const byNumber = list.toSorted((a, b) => a.number - b.number);
        for (const [i, { slot }] of byNumber.entries()) yield [slot, i < count ? content : null];
      }
    }
  }
}

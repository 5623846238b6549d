// Turns the window's rows into footprints: which slots each change passes through. Never looks at the restored
// primary's rows, only at its keys.
import type { TableDefinition } from '../server/catalogue.ts';
import type { ChangeFootprint, Reference, Slot, TransactionFootprint, Transition } from './footprint.ts';
import { type KeyNormaliser, needsCollation } from './key-normaliser.ts';
import { Occurrences, WHOLE_ROW } from './occurrences.ts';
import { PackedFootprints } from './packed-footprints.ts';
import type { KeyedRow, RowSides } from './row-sides.ts';
import { unpackRow } from './row-text.ts';
import { ForeignKeys, type WindowForeignKey } from './window-foreign-keys.ts';
import { eachRow, type RowChange, rowSides, WindowRows, type WindowTransaction } from './window-rows.ts';
import type { WindowSlots } from './window-slots.ts';
import type { WindowTable } from './window-table.ts';

export interface Footprints {
  transactions: TransactionFootprint[];
  foreignKeys: WindowForeignKey[];
  /** The same of a row that the window does not hold as it is. */
  print: (row: RowChange) => ChangeFootprint;
}

/** Everything that `footprints` will need normalised. */
export function wantKeys(window: Iterable<WindowTransaction>, normaliser: KeyNormaliser): void {
  const collated = new Map<WindowTable, number[]>();
  // Without going through it, where that is known beforehand.
  if (window instanceof WindowRows) {
    if (window.tables.values().every((table) => collatedKeyColumns(table).length === 0)) return;
  }
  for (const one of window) {
    for (const change of eachRow(one)) {
      if (!change) continue;
      const { table } = change;
      let columns = collated.get(table);
      if (!columns) {
        columns = collatedKeyColumns(table);
        collated.set(table, columns);
      }
      if (columns.length === 0) continue;
      const { before, after } = rowSides(change);
      for (const row of [before, after]) {
        for (const column of row ? columns : []) {
          const value = row!.pick([column]);
          if (value) normaliser.want(table.definitions[column]!, value[0]!);
        }
      }
    }
  }
}

function collatedKeyColumns(table: WindowTable): number[] {
  const columns = new Set<number>([
    ...table.primaryKey.columns,
    ...table.uniqueKeys.flatMap((key) => key.columns),
    ...table.foreignKeys.flatMap((key) => key.columns),
    ...table.referencedBy.flatMap((key) => key.positions),
  ]);
  return [...columns].filter((column) => needsCollation(table.definitions[column]!));
}

export function footprints(
  window: Iterable<WindowTransaction>,
  slots: WindowSlots,
  definitions: ReadonlyMap<string, TableDefinition>,
  /** Tables whose transactions can't be judged, and why. */
  untold: ReadonlyMap<string, string> = new Map(),
): Footprints {
  const foreignKeys = new ForeignKeys(definitions);
  const packed = new PackedFootprints();
  const occurrences = new Occurrences();
  const transactions: TransactionFootprint[] = [];
  // One at a time: those of a transaction of 100,000 rows would all be held until the last is made.
  const changesOf = function* (one: WindowTransaction, reasons: Set<string>): Generator<ChangeFootprint> {
    for (const row of eachRow(one)) {
      if (!row) {
        yield NOTHING;
        continue;
      }
      const change = changeFootprint(row, slots, occurrences, foreignKeys);
      for (const unseen of foreignKeys.unseenBy(change)) reasons.add(unseen);
      yield change;
    }
  };
  for (const one of window) {
    const { transaction, unsupported, differs } = one;
    const { id } = transaction;
    const reasons = untold.size > 0 ? untoldOf(one, untold) : new Set<string>();
    const changes = changesOf(one, reasons);
    const head = {
      ...{ id, differs, applied: false },
      // Known when all changes are.
      get unsupported() {
        return reasons.size > 0 ? [...unsupported, ...reasons] : unsupported;
      },
    };
    transactions.push(packed.add(head, changes));
  }
  const print = (row: RowChange): ChangeFootprint => changeFootprint(row, slots, occurrences, foreignKeys);
  return { transactions, foreignKeys: foreignKeys.list, print };
}

/** A million changes have nothing of most kinds. */
const NONE: never[] = [];
const NOTHING: ChangeFootprint = {
  rows: NONE,
  unique: NONE,
  references: NONE,
  vanishing: NONE,
  counted: NONE,
};

function untoldOf(window: WindowTransaction, untold: ReadonlyMap<string, string>): Set<string> {
  const reasons = new Set<string>();
  for (const row of eachRow(window)) {
    const why = row && untold.get(row.table.name);
    if (why) reasons.add(why);
  }
  return reasons;
}

function changeFootprint(
  change: RowChange,
  slots: WindowSlots,
  occurrences: Occurrences,
  foreignKeys: ForeignKeys,
): ChangeFootprint {
  const { table } = change;
  const { definition, primaryKey } = table;
  const images: Images = { sides: rowSides(change), slots };
  const own =
    primaryKey.name === WHOLE_ROW
      ? wholeRowPassage(images, definition, occurrences)
      : passage(images, definition, primaryKey.name, primaryKey.columns);
  return {
    rows: rowTransitions(images, own),
    unique: uniqueTransitions(images, table, own),
    references: references(images, table, own, foreignKeys),
    vanishing: vanishing(images, change, foreignKeys),
    counted: counted(images, table, foreignKeys),
  };
}

interface Images {
  sides: RowSides;
  slots: WindowSlots;
}

/** The slots of a key before and after; null where there is no row, or a NULL in the key. */
interface Passage {
  from: Slot | null;
  to: Slot | null;
}

/** `logged`: where the row has the key's columns, if its table is not the key's own. */
function passage(
  { sides, slots }: Images,
  definition: TableDefinition,
  key: string,
  columns: number[],
  logged: readonly number[] = columns,
): Passage {
  const { before, after } = sides;
  const slotOf = (row: KeyedRow): Slot | null => row.slot(slots, definition, key, columns, logged);
  const from = before && slotOf(before);
  if (!after) return { from, to: null };
  return { from, to: sides.keeps(logged) ? from : slotOf(after) };
}

/** Of a table without any key: the rows' slots by their content. */
function wholeRowPassage(
  { sides: { before, after }, slots }: Images,
  definition: TableDefinition,
  occurrences: Occurrences,
): Passage {
  const slotOf = (row: KeyedRow, number: (content: number) => number): Slot => {
    const content = row.content(slots.contents, null);
    return slots.ofWholeRow(definition, unpackRow(slots.contents.text(content)), number(content));
  };
  const from = before && slotOf(before, (content) => occurrences.take(definition, content));
  const to = after && slotOf(after, (content) => occurrences.put(definition, content));
  return { from, to };
}

function rowTransitions(
  { sides: { before, after }, slots: { contents } }: Images,
  own: Passage,
): Transition[] {
  const from = before?.content(contents, own.from) ?? null;
  const to = after?.content(contents, own.to) ?? null;
  if (own.from !== null && own.from === own.to) return [{ slot: own.from, from, to }];
  const steps: Transition[] = [];
  if (own.from !== null) steps.push({ slot: own.from, from, to: null });
  if (own.to !== null) steps.push({ slot: own.to, from: null, to });
  return steps;
}

function uniqueTransitions(
  images: Images,
  { definition, uniqueKeys }: WindowTable,
  own: Passage,
): Transition[] {
  if (uniqueKeys.length === 0) return NONE;
  return uniqueKeys.flatMap((key) => {
    // No slot is made of what nobody touches: it would be looked up.
    if (own.from === own.to && images.sides.keeps(key.columns)) return [];
    const { from, to } = passage(images, definition, key.name, key.columns);
    if (from === to && own.from === own.to) return [];
    const steps: Transition[] = [];
    if (from !== null) steps.push({ slot: from, from: own.from, to: null });
    if (to !== null) steps.push({ slot: to, from: null, to: own.to });
    return steps;
  });
}

function references(images: Images, table: WindowTable, own: Passage, foreignKeys: ForeignKeys): Reference[] {
  if (table.foreignKeys.length === 0) return NONE;
  return table.foreignKeys.flatMap((key) => {
    const foreignKey = foreignKeys.ofChild(table, key);
    const known = foreignKeys.list[foreignKey];
    // The server itself refuses where no parent is there.
    if (!known || known.parentsHidden !== null) return [];
    const { parentKey, parent, parentColumns } = known;
    // The server does not look at an unchanged reference again, so neither do we.
    if (own.from === own.to && images.sides.keeps(key.columns)) return [];
    const { from, to } = passage(images, parent, parentKey, parentColumns, key.columns);
    if (own.from === own.to && from === to) return [];
    const steps: Reference[] = [];
    if (own.from !== null) steps.push({ foreignKey, child: own.from, parent: null, left: from });
    if (own.to !== null) steps.push({ foreignKey, child: own.to, parent: to, left: null });
    return steps;
  });
}

function vanishing(
  images: Images,
  { table, unchecked = false }: RowChange,
  foreignKeys: ForeignKeys,
): ChangeFootprint['vanishing'] {
  if (!images.sides.before || table.referencedBy.length === 0) return NONE;
  const gone = new Map<Slot, number[]>();
  for (const key of table.referencedBy) {
    const foreignKey = foreignKeys.ofParent(table, key);
    const known = foreignKeys.list[foreignKey];
    if (!known || images.sides.keeps(known.parentColumns)) continue;
    const { parentKey, parentColumns } = known;
    // A new spelling of the same key has the same slot, and yet the servers let the foreign key work on the children.
    const { from } = passage(images, table.definition, parentKey, parentColumns);
    if (from === null) continue;
    gone.set(from, [...(gone.get(from) ?? []), foreignKey]);
  }
  return [...gone].map(([slot, keys]) => ({ slot, foreignKeys: keys, unchecked }));
}

/** Each slot once, however many foreign keys refer to it. */
function counted(images: Images, table: WindowTable, foreignKeys: ForeignKeys): ChangeFootprint['counted'] {
  if (table.referencedBy.length === 0) return NONE;
  const steps = new Map<Slot, 1 | -1>();
  for (const key of table.referencedBy) {
    const known = foreignKeys.list[foreignKeys.ofParent(table, key)];
    if (known?.parentKey !== '' || images.sides.keeps(known.parentColumns)) continue;
    const { from, to } = passage(images, table.definition, '', known.parentColumns);
    if (from === to) continue;
    if (from !== null) steps.set(from, -1);
    if (to !== null) steps.set(to, 1);
  }
  return [...steps].map(([slot, step]) => ({ slot, step }));
}

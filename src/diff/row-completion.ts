// Follows the rows of a window whose log has only some of their columns (MINIMAL, NOBLOB) and completes their images: from
// the restored primary's row where the first change finds it, from the chain itself after that. Never takes a column that
// was not logged for NULL, and completes nothing that is not certain. Asks nobody.
import { logValue } from '../binlog/column-value.ts';
import { valueEnd } from '../binlog/row-image.ts';
import { ABSENT_VALUE, type Change, NULL_VALUE, type RowImage } from '../binlog/transaction.ts';
import { encodeRow, type RowValue } from '../binlog/value-encoder.ts';
import { ReconcileError } from '../reconcile-error.ts';
import { columnDefault } from './column-default.ts';
import { imageColumns } from './image-columns.ts';
import type { OwnChange } from './restored-changes.ts';
import type { RestoredRow } from './restored-reader.ts';
import { packRow } from './row-text.ts';
import type { WindowTable } from './window-table.ts';

/** Why a change's images can't be completed. `touched`: the restored primary wrote the row itself since the failover. */
export interface Gap {
  why: string;
  touched?: { key: string[]; restored: RestoredRow | null; by: readonly OwnChange[] };
}

export interface WholeImages {
  before: RowImage | null;
  after: RowImage | null;
}

/** A row as the failed primary had it: stored bytes, or the canonical value of the restored primary's own row. */
type Values = Exclude<RowValue, undefined>[];

export interface CompletionSources {
  /** The restored primary's row that a change of the window finds first; a Gap where it proves nothing. */
  firstRow(table: WindowTable, key: string[]): RestoredRow | Gap;
  /** Why the table's defaults may have been others at the failover; null: they were the same. */
  defaultsGap(table: WindowTable): Gap | null;
}

export class RowCompletion {
  readonly #flavor: 'mysql' | 'mariadb';
  readonly #sources: CompletionSources;
  /** By table and primary key. null: there is no such row. */
  readonly #rows = new Map<string, Values | Gap | null>();

  constructor(flavor: 'mysql' | 'mariadb', sources: CompletionSources) {
    this.#flavor = flavor;
    this.#sources = sources;
  }

  /** Changes come in the log's order, the whole ones too. */
  complete(table: WindowTable, change: Change): WholeImages | Gap {
    const { before, after } = change;
    const from = before && this.#before(table, before);
    const to = after && (isGap(from) ? from : this.#after(table, after, from));
    const images = isGap(from) ? from : isGap(to) ? to : encode(table, from, to);
    const failed = isGap(images) ? images : null;
    if (before) this.#note(table, before, null, failed && (after ? failed : null));
    if (after) this.#note(table, after, before, failed ?? to);
    return images;
  }

  /** The restored primary's row has this change in it. */
  forget(table: WindowTable, { before, after }: Change): void {
    for (const key of [before && rowKey(table, before), after && rowKey(table, after, before)]) {
      if (key) this.#rows.delete(rowName(table, key));
    }
  }

  #before(table: WindowTable, before: RowImage): Values | Gap {
    const key = rowKey(table, before);
    if (key === null) return { why: `${table.name}: the log lacks columns of the row's primary key` };
    const logged = table.columns.map((_, i) => loggedValue(before, i));
    if (!logged.includes(undefined)) return logged as Values;
    if (key.length === 0)
      return { why: `${table.name}: it has no key, and the log has only some of the row’s columns` };
    const name = rowName(table, key);
    const known = this.#rows.has(name) ? this.#rows.get(name)! : this.#first(table, key);
    if (known === null) return { why: `${table.name}: the log changes a row that is not there any more` };
    if (isGap(known)) return known;
    const whole = [...known];
    for (const [i, value] of logged.entries()) {
      if (value === undefined) continue;
      if (text(table, i, value) !== text(table, i, whole[i]!)) {
        const column = table.definitions[i]!.name;
        return {
          why: `${table.name}.${column}: the log found another value than the row is known to have had`,
        };
      }
      whole[i] = value;
    }
    return whole;
  }

  #first(table: WindowTable, key: string[]): Values | Gap {
    const row = this.#sources.firstRow(table, key);
    return isGap(row) ? row : [...row];
  }

  #after(table: WindowTable, after: RowImage, from: Values | null): Values | Gap {
    const isUpdate = from !== null;
    const gap = (column: number, why: string): Gap => {
      return { why: `${table.name}.${table.definitions[column]!.name} is not in the log, and ${why}` };
    };
    const mayBeReplace =
      this.#flavor === 'mariadb' && table.primaryKey.columns.some((i) => loggedValue(after, i) !== undefined);
    const whole: Values = [];
    for (let i = 0; i < table.columns.length; i++) {
      const logged = loggedValue(after, i);
      if (logged !== undefined) {
        whole.push(logged);
        continue;
      }
      const { generated } = table.definitions[i]!;
      if (generated !== null && (!isUpdate || this.#flavor === 'mariadb')) {
        return gap(i, 'it is a generated column, whose value is worked out by the server alone');
      }
      if (isUpdate) {
        // Its REPLACE is logged as an update, without the columns that it set to their defaults.
        if (mayBeReplace)
          return gap(i, 'MariaDB logs an UPDATE and a REPLACE alike, which leave it another value');
        whole.push(from[i]!);
        continue;
      }
      const altered = this.#sources.defaultsGap(table);
      if (altered) return altered;
      const value = columnDefault(table.definitions[i]!, table.columns[i]!, this.#flavor);
      if (value === undefined) return gap(i, 'its default is none that can be told for certain');
      whole.push(value);
    }
    return whole;
  }

  #note(table: WindowTable, image: RowImage, below: RowImage | null, row: Values | Gap | null): void {
    const key = rowKey(table, image, below);
    if (key !== null) this.#rows.set(rowName(table, key), row);
  }
}

export function isGap(value: unknown): value is Gap {
  return typeof value === 'object' && value !== null && 'why' in value;
}

/** The primary key's canonical values; null where the log lacks one. */
export function rowKey(table: WindowTable, image: RowImage, below: RowImage | null = null): string[] | null {
  return (imageColumns(table.primaryKey.columns, table, image, below) as string[] | undefined) ?? null;
}

export function rowName(table: WindowTable, key: readonly string[]): string {
  return `${table.name}\0${packRow(key)}`;
}

function encode(table: WindowTable, from: Values | null, to: Values | null): WholeImages | Gap {
  try {
    return { before: from && encodeRow(table.columns, from), after: to && encodeRow(table.columns, to) };
  } catch (fault) {
    if (!(fault instanceof ReconcileError)) throw fault;
    return {
      why: `${table.name}: a column that is not in the log can't be taken from the restored primary: ${fault.message}`,
    };
  }
}

/** Stored bytes; null is NULL; undefined: not logged. */
function loggedValue(image: RowImage, column: number): Buffer | null | undefined {
  const start = image.offsets[column]!;
  if (start === ABSENT_VALUE) return undefined;
  return start === NULL_VALUE ? null : Buffer.from(image.bytes.subarray(start, valueEnd(image, column)));
}

function text({ columns }: WindowTable, column: number, value: Values[number]): string | null {
  return Buffer.isBuffer(value) ? logValue(columns[column]!, value, 0, value.length) : value;
}

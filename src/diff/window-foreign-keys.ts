// The foreign keys that the window's tables are an end of, numbered, and whether the rows at their other ends can be found.
// Never looks at a row.
import {
  type ColumnDefinition,
  columnNames,
  hasIndexOver,
  type TableDefinition,
} from '../server/catalogue.ts';
import { hasExactKeys } from '../server/column-sql.ts';
import type { ChangeFootprint } from './footprint.ts';
import type { TableForeignKey, WindowTable } from './window-table.ts';

/** A foreign key as seen from both ends, numbered for the whole window. */
export interface WindowForeignKey {
  name: string;
  child: TableDefinition;
  childColumns: number[];
  parent: TableDefinition;
  /** The parent's unique key that the foreign key refers to: PRIMARY or an index name; '' where none covers the columns. */
  parentKey: string;
  parentColumns: number[];
  /** Why parents can't be found by the child's values, or children by the parent's; null: they can. */
  parentsHidden: string | null;
  childrenHidden: string | null;
}

/** Numbers foreign keys; -1 where the other end's table is not known (it does not exist on the restored primary). */
export class ForeignKeys {
  readonly list: WindowForeignKey[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #definitions: ReadonlyMap<string, TableDefinition>;

  constructor(definitions: ReadonlyMap<string, TableDefinition>) {
    this.#definitions = definitions;
  }

  ofChild(table: WindowTable, key: TableForeignKey): number {
    return this.#number(table.name, key.name, table.definition, key.columns, key.parent, key.parentColumns);
  }

  ofParent(table: WindowTable, key: WindowTable['referencedBy'][number]): number {
    const name = `${key.schema}.${key.table}`;
    const child = this.#definitions.get(name);
    if (!child) return -1;
    return this.#number(name, key.name, child, positions(child, key.columns), table.name, key.parentColumns);
  }

  /** What a change would do to children that can't be looked for. */
  unseenBy({ vanishing }: ChangeFootprint): string[] {
    if (vanishing.length === 0) return [];
    return vanishing
      .flatMap(({ foreignKeys }) => foreignKeys.map((number) => this.list[number]!))
      .filter(({ childrenHidden }) => childrenHidden !== null)
      .map(({ name, child, parent, childrenHidden }) => {
        const [from, to] = [child, parent].map((one) => `${one.schema}.${one.table}`);
        return `it takes away what rows of ${from} may refer to in ${to} (foreign key ${name}), and the restored primary can’t be asked for those: ${childrenHidden}`;
      });
  }

  #number(
    childName: string,
    name: string,
    child: TableDefinition,
    childColumns: number[],
    parentName: string,
    parentColumnNames: readonly string[],
  ): number {
    const id = `${childName}\0${name}`;
    const known = this.#numbers.get(id);
    if (known !== undefined) return known;
    const parent = this.#definitions.get(parentName);
    if (!parent) return -1;
    const parentColumns = positions(parent, parentColumnNames);
    const number = this.list.length;
    const unlike = childColumns
      .map((column, i) => whyUnlike(child.columns[column]!, parent.columns[parentColumns[i]!]!))
      .find((why) => why !== null);
    const parentKey = uniqueKeyOver(parent, parentColumnNames) ?? '';
    this.list.push({
      name,
      child,
      childColumns,
      parent,
      parentColumns,
      parentKey,
      parentsHidden: unlike ?? (parentKey === '' ? notIndexed(parent, parentColumnNames) : null),
      childrenHidden: unlike ?? notIndexed(child, columnNames(child, childColumns)),
    });
    this.#numbers.set(id, number);
    return number;
  }
}

function notIndexed(definition: TableDefinition, columns: readonly string[]): string | null {
  const { schema, table } = definition;
  return hasIndexOver(definition, columns)
    ? null
    : `no statement may use an index over ${schema}.${table} (${columns.join(', ')})`;
}

const TEXTS = new Set(['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext']);
/** Their values are written alike whatever else the column's definition says. */
const PLAIN = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'varbinary', 'enum', 'set']);

/** Why one side's value is not what the other side's row is found by: a BINARY's zeros, a rounded FLOAT. */
function whyUnlike(child: ColumnDefinition, parent: ColumnDefinition): string | null {
  const alike =
    TEXTS.has(child.dataType) && TEXTS.has(parent.dataType)
      ? true
      : child.dataType === parent.dataType &&
        (PLAIN.has(child.dataType) || child.columnType === parent.columnType) &&
        hasExactKeys(child);
  return alike ? null : `${child.columnType} and ${parent.columnType} write the same value differently`;
}

function positions(definition: TableDefinition, names: readonly string[]): number[] {
  return names.map((name) => definition.columns.findIndex((column) => column.name === name));
}

function uniqueKeyOver(definition: TableDefinition, names: readonly string[]): string | null {
  const same = (columns: readonly string[]): boolean => columns.join('\0') === names.join('\0');
  if (definition.primaryKey && same(definition.primaryKey)) return 'PRIMARY';
  const key = definition.uniqueKeys.find(
    (unique) =>
      unique.searchable &&
      !unique.functional &&
      unique.columns.every((part) => part.prefixLength === null) &&
      same(unique.columns.map((part) => part.name)),
  );
  return key ? key.name : null;
}

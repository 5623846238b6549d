// The foreign keys that the window's tables are an end of, numbered, and whether the rows at their other ends can be found.
// Never looks at a row.
import { columnNames, hasIndexOver, type TableDefinition } from '../server/catalogue.ts';
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
  /** Whether parents are found without reading their table, and children. */
  canFindParents: boolean;
  canFindChildren: boolean;
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
      .filter(({ canFindChildren }) => !canFindChildren)
      .map(({ name, child, parent }) => {
        const [from, to] = [child, parent].map((one) => `${one.schema}.${one.table}`);
        return `it takes away what rows of ${from} may refer to in ${to} (foreign key ${name}), and the restored primary has no index that finds them: its own is IGNORED`;
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
    const parentKey = uniqueKeyOver(parent, parentColumnNames) ?? '';
    this.list.push({
      name,
      child,
      childColumns,
      parent,
      parentColumns,
      parentKey,
      canFindParents: parentKey !== '' || hasIndexOver(parent, parentColumnNames),
      canFindChildren: hasIndexOver(child, columnNames(child, childColumns)),
    });
    this.#numbers.set(id, number);
    return number;
  }
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

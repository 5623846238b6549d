// Holds a policy against what is there: tables and columns of the restored primary, transactions of the window. A rule
// for a misspelt name would be a rule for nothing, and nobody would notice. Asks no server itself.
import type { ColumnDefinition, TableDefinition } from '../server/catalogue.ts';
import { meant } from './nearest-name.ts';
import type { Policy, TablePolicy } from './policy.ts';
import { PolicyFaults } from './policy-faults.ts';

const INTEGERS = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint'];

/**
 * `definitions`: at least every table of the window and of the policy that the restored primary has. `transactions`:
 * the window's ids. Throws ReconcileError('input') with every fault.
 */
export function checkPolicy(
  policy: Policy,
  definitions: ReadonlyMap<string, TableDefinition>,
  transactions: ReadonlySet<string>,
): void {
  const faults = new PolicyFaults();
  for (const [name, table] of policy.tables) {
    const definition = definitions.get(name);
    if (definition) checkTable(name, table, definition, faults);
    else {
      faults.add(
        table.place,
        `the restored primary has no table ${name}`,
        meant(name, [...definitions.keys()], 'The window and the policy name'),
      );
    }
  }
  for (const [id, { place }] of policy.decisions) {
    if (transactions.has(id)) continue;
    faults.add(
      place,
      `the window has no transaction ${id}`,
      'Copy the id from the report, and quote it: a decision for nothing decides nothing.',
    );
  }
  faults.throwAny();
}

/** The column that gives a row its new number; null where the table's key is none that can be given anew. */
export function rekeyColumn(definition: TableDefinition): ColumnDefinition | null {
  const { primaryKey, columns } = definition;
  if (primaryKey?.length !== 1) return null;
  const column = columns.find(({ name }) => name === primaryKey[0]);
  return column?.autoIncrement && INTEGERS.includes(column.dataType) ? column : null;
}

function checkTable(
  name: string,
  { every, kinds, columns }: TablePolicy,
  definition: TableDefinition,
  faults: PolicyFaults,
): void {
  const rekey = [every, kinds.get('key-taken')].find((rule) => rule?.rule === 'rekey');
  if (rekey && !rekeyColumn(definition)) {
    faults.add(
      rekey.place,
      `${name} can't be rekeyed: its primary key is not one AUTO_INCREMENT column`,
      'Take hold, keep-restored or take-failed.',
    );
  }
  for (const [columnName, { rule, place }] of columns) {
    const column = definition.columns.find((one) => one.name === columnName);
    if (!column) {
      faults.add(
        place,
        `${name} has no column ${columnName}`,
        meant(
          columnName,
          definition.columns.map((one) => one.name),
          'Its columns are',
        ),
      );
    } else if (definition.primaryKey?.includes(columnName)) {
      faults.add(
        place,
        `${columnName} is of the primary key of ${name}`,
        'A key is not merged: take it out.',
      );
    } else if (column.generated) {
      faults.add(
        place,
        `${name}.${columnName} is generated from other columns`,
        'Give those a rule instead.',
      );
    } else if (rule === 'add' && !isCounter(column)) {
      faults.add(
        place,
        `${name}.${columnName} is ${column.columnType}, and add is exact: it takes integers and DECIMAL only`,
        'Take hold, keep-restored or take-failed.',
      );
    }
  }
}

function isCounter({ dataType }: ColumnDefinition): boolean {
  return dataType === 'decimal' || INTEGERS.includes(dataType);
}

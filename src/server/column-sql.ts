// How a column is asked for and how its value is written in SQL, so that nothing is converted on the way.
// The canonical text is defined in src/binlog/column-value.ts; these are its other half.
import { ReconcileError } from '../reconcile-error.ts';
import type { ColumnDefinition } from './catalogue.ts';
import { quoteName, quoteText } from './sql-text.ts';

/** The expression whose answer, in the text protocol without result conversion, is the column's canonical value. */
export function selectExpression(column: ColumnDefinition, qualifier = ''): string {
  const name = qualifier + quoteName(column.name);
  switch (column.dataType) {
    // A label is text in some character set, and the error value 0 has none: the number is exact.
    case 'enum':
    case 'set':
    case 'bit':
      return `CAST(${name} AS UNSIGNED)`;
    // The server prints a FLOAT with six digits; as a DOUBLE it prints what is stored. `+ 0e0` would lose -0.
    case 'float':
      return `${name} * 1e0`;
    default:
      return name;
  }
}

const NUMERIC = new Set([
  'tinyint',
  'smallint',
  'mediumint',
  'int',
  'bigint',
  'decimal',
  'double',
  'year',
  'bit',
  'enum',
  'set',
]);
const TEMPORAL = new Set(['date', 'time', 'datetime', 'timestamp']);

/** n of BINARY(n). */
export function declaredLength({ columnType }: Pick<ColumnDefinition, 'columnType'>): number {
  return Number(/\((\d+)\)/.exec(columnType)?.[1] ?? 1);
}

/** A literal that an index of the column can be searched with. Throws for types that no key can be looked up by. */
export function keyLiteral(column: ColumnDefinition, value: string): string {
  if (NUMERIC.has(column.dataType)) {
    if (!/^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(value)) {
      throw new ReconcileError(
        'internal',
        `${column.name}: ${JSON.stringify(value)} is not a ${column.dataType}`,
      );
    }
    return value;
  }
  if (TEMPORAL.has(column.dataType)) return quoteText(value);
  // BINARY's trailing zero bytes are no part of the canonical value, but of the stored one: it compares without padding.
  const whole = column.dataType === 'binary' ? value.padEnd(declaredLength(column), '\0') : value;
  const hex = `X'${Buffer.from(whole, 'latin1').toString('hex')}'`;
  return column.charset === null || column.charset === 'binary' ? hex : `_${column.charset} ${hex}`;
}

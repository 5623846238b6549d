// How a column is asked for and how its value is written in SQL, so that nothing is converted on the way.
// The canonical text is defined in src/binlog/column-value.ts; these are its other half.
import { ReconcileError } from '../reconcile-error.ts';
import { quoteName, quoteText } from './sql-text.ts';
import type { ColumnDefinition } from './table-definition.ts';

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
    // DOUBLE(10,2) is rounded as it is stored, -0.01 to -0.010000000000000009, and once more as it is printed.
    case 'double':
      return column.columnType.includes('(') ? `${name} * 1e0` : name;
    // The log has the address's bytes; IPv6 has more than one text for some of them.
    case 'uuid':
    case 'inet4':
    case 'inet6':
      return `CAST(${name} AS BINARY(${declaredLength(column)}))`;
    default:
      return name;
  }
}

/** Data types whose canonical value is itself the literal. */
export const NUMERIC: ReadonlySet<string> = new Set([
  'tinyint',
  'smallint',
  'mediumint',
  'int',
  'bigint',
  'decimal',
  'float',
  'double',
  'year',
  'bit',
  'enum',
  'set',
]);
export const TEMPORAL: ReadonlySet<string> = new Set(['date', 'time', 'datetime', 'timestamp']);

/** MariaDB's types that are stored as so many bytes, and in the log are BINARY of that length. */
const ADDRESS_LENGTHS: Readonly<Record<string, number>> = { uuid: 16, inet4: 4, inet6: 16 };

/** n of BINARY(n), and of the types that are stored like one. */
export function declaredLength({
  columnType,
  dataType,
}: Pick<ColumnDefinition, 'columnType' | 'dataType'>): number {
  return ADDRESS_LENGTHS[dataType] ?? Number(/\((\d+)\)/.exec(columnType)?.[1] ?? 1);
}

/** Whether a key's literal finds exactly the rows that hold its value: the server rounds those of FLOAT(7,3). */
export function hasExactKeys({ dataType, columnType }: ColumnDefinition): boolean {
  return dataType !== 'float' || !columnType.includes('(');
}

/** A literal that an index of the column can be searched with. Throws for types that no key can be looked up by. */
export function keyLiteral(column: ColumnDefinition, value: string): string {
  const literal = plainLiteral(column, value);
  // The server compares a SET's number as a signed one: with the 64th of its members it is negative.
  return column.dataType === 'set' ? String(BigInt.asIntN(64, BigInt(literal))) : literal;
}

/** A literal that is stored as the value. Throws as keyLiteral() does. */
export function plainLiteral(column: ColumnDefinition, value: string): string {
  if (NUMERIC.has(column.dataType)) {
    if (!/^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(value)) {
      throw new ReconcileError(
        'internal',
        `${column.name}: ${JSON.stringify(value)} is not a ${column.dataType}`,
      );
    }
    // Without an exponent the literal would be a DECIMAL.
    const floating = column.dataType === 'float' || column.dataType === 'double';
    return floating && !value.includes('e') ? `${value}e0` : value;
  }
  if (TEMPORAL.has(column.dataType)) return quoteText(value);
  // BINARY's trailing zero bytes are no part of the canonical value, but of the stored one: it compares without padding.
  const padded = column.dataType === 'binary' || column.dataType in ADDRESS_LENGTHS;
  const whole = padded ? value.padEnd(declaredLength(column), '\0') : value;
  const hex = `X'${Buffer.from(whole, 'latin1').toString('hex')}'`;
  return column.charset === null || column.charset === 'binary' ? hex : `_${column.charset} ${hex}`;
}

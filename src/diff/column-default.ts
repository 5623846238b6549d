// What a column holds that an INSERT did not name: its default, from the catalogue's words for it to the canonical value.
// Never guesses: a default in other words than these is not known.
import type { ValueColumn } from '../binlog/column-value.ts';
import { encodeValue } from '../binlog/value-encoder.ts';
import { ReconcileError } from '../reconcile-error.ts';
import type { ColumnDefinition } from '../server/catalogue.ts';

/** Of these a printable ASCII character is one byte, the same one. */
const ASCII_CHARSETS = new Set(['ascii', 'latin1', 'utf8mb3', 'utf8mb4']);

/**
 * undefined: not known. Defaults that the server works out (expressions, CURRENT_TIMESTAMP, AUTO_INCREMENT) are not asked
 * for here: MINIMAL logs those columns.
 */
export function columnDefault(
  { dataType, nullable, charset, labels, default: text, generated }: ColumnDefinition,
  column: ValueColumn,
  flavor: 'mysql' | 'mariadb',
): string | null | undefined {
  if (generated !== null) return undefined;
  const isNull = flavor === 'mysql' ? text === null : text === 'NULL';
  // Without a default, and not NULL, it is what the session's sql_mode let through.
  if (isNull || text === null) return isNull && nullable ? null : undefined;
  const literal = flavor === 'mysql' ? text : text.replace(/^'(.*)'$/s, '$1');
  if (!/^[ -~]*$/.test(literal) || /['\\]/.test(literal)) return undefined;
  const value = canonical(literal, { dataType, charset, labels });
  return value === undefined || !isValue(column, value) ? undefined : value;
}

function canonical(
  literal: string,
  { dataType, charset, labels }: Pick<ColumnDefinition, 'dataType' | 'charset' | 'labels'>,
): string | undefined {
  switch (dataType) {
    case 'tinyint':
    case 'smallint':
    case 'mediumint':
    case 'int':
    case 'bigint':
    case 'decimal':
    case 'date':
    case 'time':
    case 'datetime':
      return literal;
    case 'enum': {
      const index = labels?.indexOf(literal) ?? -1;
      return index < 0 ? undefined : String(index + 1);
    }
    case 'char':
    case 'varchar':
      return ASCII_CHARSETS.has(charset ?? '') && !literal.endsWith(' ') ? literal : undefined;
    default:
      return undefined;
  }
}

function isValue(column: ValueColumn, text: string): boolean {
  try {
    encodeValue(column, text);
    return true;
  } catch (fault) {
    if (fault instanceof ReconcileError && fault.code === 'input') return false;
    throw fault;
  }
}

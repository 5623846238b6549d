// A column of the log against one of the restored primary: what is the same, and how a difference is told.
import { expect, it } from 'vitest';
import * as T from '../../src/binlog/column-type.ts';
import type { LoggedColumn } from '../../src/binlog/logged-column.ts';
import { columnDiffers, unsupportedDataType } from '../../src/diff/logged-type.ts';
import type { ColumnDefinition } from '../../src/server/catalogue.ts';
import { columnDefinition, loggedColumn } from '../columns.ts';

const logged = loggedColumn;
const defined = (columnType: string, more: Partial<ColumnDefinition> = {}): ColumnDefinition =>
  columnDefinition('c', columnType, more);
const COMPRESSED = '/*M!100301 COMPRESSED*/';
const charsetOf = (id: number): string | undefined => ({ 8: 'latin1', 45: 'utf8mb4' })[id];

it.each<[LoggedColumn, ColumnDefinition]>([
  [logged(T.LONG, 0), defined('int(11) unsigned')],
  [logged(T.NEWDECIMAL, (10 << 8) | 2), defined('decimal(10,2)')],
  [logged(T.DATETIME2, 3), defined('datetime(3)')],
  [logged(T.STRING, 16), defined('binary(16)')],
  [logged(T.STRING, 16), defined('uuid')],
  [logged(T.STRING, 4), defined('inet4')],
  [logged(T.STRING, 16), defined('inet6')],
  [logged(T.BLOB, 1), defined('tinytext')],
  [logged(T.BLOB, 4), defined('longblob')],
  [logged(T.GEOMETRY, 4, { geometryType: 1 }), defined('point')],
  [logged(T.GEOMETRY, 4), defined('polygon')],
  [logged(T.GEOMETRY, 4, { geometryType: 7 }), defined('geomcollection')],
  [logged(T.VECTOR, 4, { vectorDimension: 3 }), defined('vector(3)')],
  [logged(T.VECTOR, 4), defined('vector(3)')],
  [logged(T.VARCHAR, 12), defined('vector(3)')],
  [logged(T.VARCHAR_COMPRESSED, 51), defined(`varchar(50) ${COMPRESSED}`)],
  [logged(T.BLOB_COMPRESSED, 2), defined(`text ${COMPRESSED}`)],
  [logged(T.ENUM, 1), defined("enum('COMPRESSED')", { labels: ['COMPRESSED'] })],
  [logged(T.VARCHAR, 50, { collation: 8 }), defined('varchar(50)', { charset: 'latin1' })],
])('the same: %#', (inLog, definition) => {
  expect(columnDiffers(inLog, definition, charsetOf)).toBe(null);
  expect(unsupportedDataType(definition)).toBe(null);
});

it.each<[LoggedColumn, ColumnDefinition, string]>([
  [logged(T.LONG, 0), defined('bigint(20)'), 'INT in the log'],
  [logged(T.LONG, 0, { unsigned: true }), defined('int(11)'), 'unsigned in the log'],
  [logged(T.NEWDECIMAL, (10 << 8) | 2), defined('decimal(10,3)'), 'decimal(10,2) in the log'],
  [logged(T.DATETIME2, 3), defined('datetime'), '3 fractional digits in the log'],
  [logged(T.STRING, 16), defined('binary(8)'), '16 bytes in the log'],
  [logged(T.STRING, 4), defined('inet6'), '4 bytes in the log'],
  [logged(T.BLOB, 1), defined('text'), 'a TEXT or BLOB with lengths of 1 bytes in the log'],
  [logged(T.GEOMETRY, 4, { geometryType: 1 }), defined('polygon'), 'point in the log'],
  [logged(T.GEOMETRY, 4, { geometryType: 0 }), defined('point'), 'geometry in the log'],
  [logged(T.VECTOR, 4, { vectorDimension: 3 }), defined('vector(4)'), 'vector(3) in the log'],
  [logged(T.VARCHAR, 12), defined('vector(4)'), 'vector(3) in the log'],
  [logged(T.VARCHAR, 50), defined(`varchar(50) ${COMPRESSED}`), 'VARCHAR in the log'],
  [logged(T.BLOB_COMPRESSED, 2), defined('text'), 'BLOB COMPRESSED in the log'],
  [
    logged(T.VARCHAR, 50, { collation: 8 }),
    defined('varchar(50)', { charset: 'utf8mb4' }),
    'character set latin1 in the log',
  ],
  [
    logged(T.ENUM, 1, { labels: ['a', 'b'] }),
    defined("enum('b','a')", { labels: ['b', 'a'] }),
    'other members in the log',
  ],
])('differs: %#', (inLog, definition, words) => {
  expect(columnDiffers(inLog, definition, charsetOf)).toContain(words);
});

it('a type that nobody has heard of is unsupported, not different', () => {
  const definition = defined('xmltype');
  expect(columnDiffers(logged(T.BLOB, 4), definition, charsetOf)).toBe(null);
  expect(unsupportedDataType(definition)).toBe('type xmltype is not read exactly yet');
});

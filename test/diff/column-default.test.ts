// The catalogue's words for a default, of both flavours, as the value that a row has.
import { expect, it } from 'vitest';
import * as T from '../../src/binlog/column-type.ts';
import { columnDefault } from '../../src/diff/column-default.ts';
import type { ColumnDefinition } from '../../src/server/catalogue.ts';

function defaultOf(
  flavor: 'mysql' | 'mariadb',
  columnType: string,
  text: string | null,
  more: Partial<ColumnDefinition> = {},
): string | null | undefined {
  const dataType = /^\w+/.exec(columnType)![0];
  const types: Record<string, [type: number, meta: number]> = {
    int: [T.LONG, 0],
    tinyint: [T.TINY, 0],
    decimal: [T.NEWDECIMAL, (8 << 8) | 2],
    varchar: [T.VARCHAR, 80],
    char: [T.STRING, 40],
    enum: [T.ENUM, 1],
    set: [T.SET, 1],
    datetime: [T.DATETIME2, 3],
    timestamp: [T.TIMESTAMP2, 0],
    bit: [T.BIT, 1],
  };
  const [type, meta] = types[dataType]!;
  const definition: ColumnDefinition = {
    name: 'c',
    ordinal: 1,
    dataType,
    columnType,
    unsigned: false,
    nullable: true,
    charset: /char|enum|set/.test(dataType) ? 'utf8mb4' : null,
    collation: null,
    generated: null,
    invisible: false,
    autoIncrement: false,
    labels: dataType === 'enum' ? ['a', 'b'] : null,
    default: text,
    ...more,
  };
  return columnDefault(definition, { type, meta, unsigned: false, binary: false }, flavor);
}

it.each<[string, string | null, string | null, string | null]>([
  ['int(11)', null, 'NULL', null],
  ['int(11)', '-5', '-5', '-5'],
  ['decimal(8,2)', '1.50', '1.50', '1.50'],
  ['varchar(20)', 'none', "'none'", 'none'],
  ['varchar(20)', '', "''", ''],
  ["enum('a','b')", 'b', "'b'", '2'],
  ['datetime(3)', '2026-01-01 00:00:00.500', "'2026-01-01 00:00:00.500'", '2026-01-01 00:00:00.500'],
])('%s DEFAULT %s', (type, mysql, mariadb, value) => {
  expect(defaultOf('mysql', type, mysql)).toBe(value);
  expect(defaultOf('mariadb', type, mariadb)).toBe(value);
});

it.each<[string, string | null, Partial<ColumnDefinition>]>([
  ['int(11)', null, { nullable: false }],
  ['int(11)', '(1 + 1)', {}],
  ['tinyint(4)', '300', {}],
  ['decimal(8,2)', '1.5', {}],
  ['varchar(20)', 'ä', {}],
  ['varchar(20)', 'a', { charset: 'utf16' }],
  ['varchar(20)', "it's", {}],
  ["enum('a','b')", 'c', {}],
  ["set('a','b')", 'a', {}],
  ['datetime(3)', 'CURRENT_TIMESTAMP(3)', {}],
  ['timestamp', '2026-01-01 00:00:00', {}],
  ['bit(1)', "b'1'", {}],
  ['int(11)', '5', { generated: 'virtual' }],
])('%s DEFAULT %s is not known: %j', (type, text, more) => {
  expect(defaultOf('mysql', type, text, more)).toBe(undefined);
});

// A column for tests that need no server: as the catalogue defines it, and as the log describes it.
import type { LoggedColumn } from '../src/binlog/logged-column.ts';
import type { ColumnDefinition } from '../src/server/catalogue.ts';

/** `columnType`: as information_schema has it, such as `decimal(4,2) unsigned`. */
export function columnDefinition(
  name: string,
  columnType: string,
  more: Partial<ColumnDefinition> = {},
): ColumnDefinition {
  return {
    name,
    ordinal: 1,
    dataType: /^\w+/.exec(columnType)![0],
    columnType,
    unsigned: /unsigned/.test(columnType),
    nullable: true,
    charset: null,
    collation: null,
    generated: null,
    invisible: false,
    autoIncrement: false,
    labels: null,
    default: null,
    ...more,
  };
}

export function loggedColumn(type: number, meta = 0, more: Partial<LoggedColumn> = {}): LoggedColumn {
  return {
    type,
    meta,
    nullable: true,
    unsigned: null,
    collation: null,
    name: null,
    labels: null,
    visible: null,
    geometryType: null,
    vectorDimension: null,
    ...more,
  };
}

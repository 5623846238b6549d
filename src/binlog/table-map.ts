// The TABLE_MAP event: which table the rows events behind it belong to and what its columns look like in the log.
// Never reads rows, never asks a server.
import { ByteCursor, DecodeFault } from './byte-cursor.ts';
import { storedLength } from './column-length.ts';
import { realType } from './column-metadata.ts';
import type { LoggedColumn } from './logged-column.ts';
import { readOptionalMetadata } from './table-metadata.ts';

export interface TableMap {
  tableId: number;
  schema: string;
  table: string;
  columns: LoggedColumn[];
  /** Every column's name is known. */
  hasNames: boolean;
  /** The primary key's columns, in key order; null: the log doesn't say (or there is none). */
  primaryKey: number[] | null;
  /** A layout code a column, as storedLength() gives it: what the row splitter runs on. */
  storedLengths: Int32Array;
  /** The event's body without common header and checksum, for replay to send it again. A copy: it pins no block. */
  body: Buffer;
}

/** Longest identifier: 64 characters of up to 4 bytes (as the server's own check). */
const MAX_NAME_LENGTH = 256;
/** The server's own limit is 4096; a packed length may claim anything. */
const MAX_COLUMNS = 65535;

/**
 * `body` is the event without its common header and checksum. `idLength` is 6 (4 before 5.1.4).
 * Throws DecodeFault, and NotReadFault for a table with a column whose length we can't tell.
 */
export function parseTableMap(body: Buffer, flavor: 'mysql' | 'mariadb', idLength = 6): TableMap {
  const copy = Buffer.from(body);
  const cursor = new ByteCursor(copy);
  const tableId = cursor.uint(idLength);
  cursor.skip(2);
  const schema = readName(cursor);
  const table = readName(cursor);
  const count = cursor.packed();
  if (count > MAX_COLUMNS) throw new DecodeFault(`${count} columns`);
  const types = cursor.slice(count);
  const metadata = new ByteCursor(cursor.slice(cursor.packed()));
  const nullBits = cursor.slice((count + 7) >> 3);

  const columns: LoggedColumn[] = [];
  const storedLengths = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const { type, meta } = realType(types[i]!, metadata, `${schema}.${table}`);
    storedLengths[i] = storedLength(type, meta, flavor);
    columns.push({
      type,
      meta,
      nullable: ((nullBits[i >> 3]! >> (i & 7)) & 1) === 1,
      unsigned: null,
      collation: null,
      name: null,
      labels: null,
      visible: null,
      geometryType: null,
      vectorDimension: null,
    });
  }
  if (metadata.left > 0) throw new DecodeFault(`${metadata.left} bytes of column metadata left over`);
  const primaryKey = readOptionalMetadata(cursor, columns, flavor);
  const hasNames = columns.length > 0 && columns.every((column) => column.name !== null);
  return { tableId, schema, table, columns, hasNames, primaryKey, storedLengths, body: copy };
}

function readName(cursor: ByteCursor): string {
  const length = cursor.packed();
  if (length > MAX_NAME_LENGTH) throw new DecodeFault(`a name of ${length} bytes`);
  const name = cursor.utf8(length);
  if (cursor.uint8() !== 0) throw new DecodeFault('a name without its terminating zero');
  return name;
}

// Whether a column means the same in the log as on the restored primary. Never looks at a value, and never lets a
// doubt pass: a value under another type is another value.
import * as T from '../binlog/column-type.ts';
import type { LoggedColumn } from '../binlog/logged-column.ts';
import type { ColumnDefinition } from '../server/catalogue.ts';

/** Log types that a data type of the catalogue may have. Source: MySQL's `field_types.h`. */
const LOG_TYPES: Readonly<Record<string, readonly number[]>> = {
  tinyint: [T.TINY],
  smallint: [T.SHORT],
  mediumint: [T.INT24],
  int: [T.LONG],
  bigint: [T.LONGLONG],
  float: [T.FLOAT],
  double: [T.DOUBLE],
  decimal: [T.NEWDECIMAL],
  bit: [T.BIT],
  year: [T.YEAR],
  date: [T.DATE],
  time: [T.TIME2, T.TIME],
  datetime: [T.DATETIME2, T.DATETIME],
  timestamp: [T.TIMESTAMP2, T.TIMESTAMP],
  char: [T.STRING],
  binary: [T.STRING],
  varchar: [T.VARCHAR],
  varbinary: [T.VARCHAR],
  tinytext: [T.BLOB],
  text: [T.BLOB],
  mediumtext: [T.BLOB],
  longtext: [T.BLOB],
  tinyblob: [T.BLOB],
  blob: [T.BLOB],
  mediumblob: [T.BLOB],
  longblob: [T.BLOB],
  json: [T.JSON_TYPE],
  enum: [T.ENUM],
  set: [T.SET],
  geometry: [T.GEOMETRY],
  point: [T.GEOMETRY],
  linestring: [T.GEOMETRY],
  polygon: [T.GEOMETRY],
  multipoint: [T.GEOMETRY],
  multilinestring: [T.GEOMETRY],
  multipolygon: [T.GEOMETRY],
  geometrycollection: [T.GEOMETRY],
  geomcollection: [T.GEOMETRY],
  // MariaDB logs a vector as the bytes that it is.
  vector: [T.VECTOR, T.VARCHAR],
  uuid: [T.STRING],
  inet4: [T.STRING],
  inet6: [T.STRING],
};

/** MariaDB's COMPRESSED columns have data types like others: only the whole type says it. */
const COMPRESSED_TYPES = new Map([
  [T.VARCHAR, T.VARCHAR_COMPRESSED],
  [T.BLOB, T.BLOB_COMPRESSED],
]);

/** Bytes of a value: in the log these are BINARY(n). */
const FIXED_LENGTHS: Readonly<Record<string, number>> = { uuid: 16, inet4: 4, inet6: 16 };

/** The geometry type codes of WKB. A column of any other data type takes geometries of its own type only. */
const GEOMETRY_CODES: Readonly<Record<string, number>> = {
  geometry: 0,
  point: 1,
  linestring: 2,
  polygon: 3,
  multipoint: 4,
  multilinestring: 5,
  multipolygon: 6,
  geometrycollection: 7,
  geomcollection: 7,
};

/** Bytes of a BLOB's or TEXT's length, by what stands before that word. */
const PREFIX_LENGTHS: Readonly<Record<string, number>> = { tiny: 1, '': 2, medium: 3, long: 4 };

const INTEGERS = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint']);
const TEXT_TYPES = new Set(['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'enum', 'set']);
const TEMPORAL_WITH_FRACTION = new Set([T.TIMESTAMP2, T.DATETIME2, T.TIME2]);

/** Why a column of the restored primary can't be read exactly, whatever the log says; null where it can. */
export function unsupportedDataType(column: ColumnDefinition): string | null {
  return column.dataType in LOG_TYPES ? null : `type ${column.columnType} is not read exactly yet`;
}

/** How the log's column differs in type or meaning from the restored primary's, for a person; null where it doesn't. */
export function columnDiffers(
  logged: LoggedColumn,
  column: ColumnDefinition,
  charsetOf: (collationId: number) => string | undefined,
): string | null {
  const types = logTypes(column);
  if (types === undefined) return null;
  const inLog = !types.includes(logged.type) ? T.columnTypeName(logged.type) : otherShape(logged, column);
  if (inLog !== null) return `${inLog} in the log, ${column.columnType} on the restored primary`;
  if (TEXT_TYPES.has(column.dataType) && logged.collation !== null && column.charset !== null) {
    const charset = charsetOf(logged.collation);
    if (charset !== undefined && charset !== column.charset) {
      return `character set ${charset} in the log, ${column.charset} on the restored primary`;
    }
  }
  // The catalogue's labels are UTF-8, the log's are in the column's character set: only ASCII is the same in both.
  if (
    logged.labels?.every((label) => /^[ -~]*$/.test(label)) &&
    column.labels !== null &&
    logged.labels.join('\0') !== column.labels.join('\0')
  ) {
    return `other members in the log than in ${column.columnType} on the restored primary`;
  }
  return null;
}

function logTypes({ dataType, columnType, labels }: ColumnDefinition): readonly number[] | undefined {
  const types = LOG_TYPES[dataType];
  // A member of an ENUM may be called so.
  if (labels !== null || !/\bCOMPRESSED\b/.test(columnType)) return types;
  return types?.map((type) => COMPRESSED_TYPES.get(type) ?? type);
}

/** What the log's column is, where its type is the same but its sign, precision, length or kind of geometry is not. */
function otherShape(
  logged: LoggedColumn,
  { dataType, columnType, unsigned }: ColumnDefinition,
): string | null {
  const { type, meta } = logged;
  if (logged.unsigned !== null && INTEGERS.has(dataType) && logged.unsigned !== unsigned) {
    return logged.unsigned ? 'unsigned' : 'signed';
  }
  if (dataType === 'decimal') {
    const declared = /\((\d+)(?:,(\d+))?\)/.exec(columnType);
    const [precision, scale] = [meta >> 8, meta & 0xff];
    if (declared && (Number(declared[1]) !== precision || Number(declared[2] ?? 0) !== scale)) {
      return `decimal(${precision},${scale})`;
    }
  }
  const declared = Number(/\((\d+)\)/.exec(columnType)?.[1] ?? 0);
  if (TEMPORAL_WITH_FRACTION.has(type) && declared !== meta) return `${meta} fractional digits`;
  const length = dataType === 'binary' ? declared : FIXED_LENGTHS[dataType];
  if (length !== undefined && length !== meta) return `${meta} bytes`;
  if (type === T.BLOB && meta !== PREFIX_LENGTHS[dataType.replace(/text|blob/, '')]) {
    return `a TEXT or BLOB with lengths of ${meta} bytes`;
  }
  // MySQL says how many dimensions its vectors have, if anything; MariaDB's take 4 bytes each.
  const dimensions = type === T.VARCHAR ? meta / 4 : logged.vectorDimension;
  if (dataType === 'vector' && dimensions !== null && dimensions !== declared) return `vector(${dimensions})`;
  if (
    type === T.GEOMETRY &&
    logged.geometryType !== null &&
    logged.geometryType !== GEOMETRY_CODES[dataType]
  ) {
    const name = Object.keys(GEOMETRY_CODES).find((key) => GEOMETRY_CODES[key] === logged.geometryType);
    return name ?? `geometry type ${logged.geometryType}`;
  }
  return null;
}

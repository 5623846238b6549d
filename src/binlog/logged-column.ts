// What a table map says of one of its columns. A type only.

export interface LoggedColumn {
  /** The real type: ENUM, SET and STRING are told apart. Codes as in column-type.ts. */
  type: number;
  /**
   * What the log says beside the type. VARCHAR, CHAR: the greatest length in bytes. BLOB, TEXT, JSON, GEOMETRY, VECTOR:
   * bytes of the length prefix. ENUM, SET: bytes of a value. DECIMAL: precision << 8 | scale. BIT: whole bytes << 8 |
   * further bits. TIME, DATETIME, TIMESTAMP: fractional digits. FLOAT, DOUBLE: bytes. Else 0.
   */
  meta: number;
  nullable: boolean;
  /** null: the log doesn't say (MariaDB's default, MySQL before 8.0), or the type has no sign. */
  unsigned: boolean | null;
  /** Collation id of text, ENUM and SET columns; 63 is binary. null: the log doesn't say. */
  collation: number | null;
  /** null: the log doesn't say (needs binlog_row_metadata=FULL). */
  name: string | null;
  /** ENUM's or SET's labels as bytes in the column's character set, one latin1 character a byte. null: not in the log. */
  labels: string[] | null;
  visible: boolean | null;
  geometryType: number | null;
  vectorDimension: number | null;
}

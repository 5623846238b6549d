// Reads rows as the bytes that the server sent, in the text protocol. Never makes a JavaScript value of them.
import type { RawConnection } from './connection.ts';

/** A row's values in column order; null is NULL. The buffers share the memory of their packet: copy what you keep long. */
export type RawRow = (Buffer | null)[];

/** `sql`: one SELECT. Throws the driver's error. */
export async function rawRows(connection: RawConnection, sql: string): Promise<RawRow[]> {
  const [rows] = await connection.query({ sql, rowsAsArray: true, typeCast: false });
  return rows as unknown as RawRow[];
}

/**
 * Several SELECTs in one round trip, each one's rows in order; the connection was opened with multipleStatements.
 * Throws the driver's error: the statements after the failing one have not run.
 */
export async function rawRowSets(
  connection: RawConnection,
  statements: readonly string[],
): Promise<RawRow[][]> {
  if (statements.length === 0) return [];
  if (statements.length === 1) return [await rawRows(connection, statements[0]!)];
  const [sets] = await connection.query({ sql: statements.join(';\n'), rowsAsArray: true, typeCast: false });
  return sets as unknown as RawRow[][];
}

// Reads global system variables by name. A variable that the server doesn't have is absent, not an error.
import type { Server } from './connection.ts';
import { quoteText } from './sql-text.ts';

/** Names in lower case. */
export async function globalVariables(
  server: Server,
  names: readonly string[],
): Promise<Map<string, string>> {
  const list = names.map(quoteText).join(', ');
  const rows = await server.query(`SHOW GLOBAL VARIABLES WHERE Variable_name IN (${list})`);
  return new Map(rows.map((row) => [row.Variable_name!.toLowerCase(), row.Value ?? '']));
}

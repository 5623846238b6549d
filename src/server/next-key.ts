// The next number that a table's AUTO_INCREMENT key would be given. Reads; reserves nothing.
import type { Server } from './connection.ts';
import { quoteName } from './sql-text.ts';
import type { ColumnDefinition, TableDefinition } from './table-definition.ts';

/**
 * The counter as SHOW CREATE TABLE has it (information_schema caches it for a day from MySQL 8.0 on), or one more than the
 * largest key where that is more. A number below 1 never comes.
 */
export async function nextKey(
  server: Server,
  { schema, table }: TableDefinition,
  column: ColumnDefinition,
): Promise<bigint> {
  const name = `${quoteName(schema)}.${quoteName(table)}`;
  const [shown] = await server.query(`SHOW CREATE TABLE ${name}`);
  // The table's options stand on the last line, its comment behind them.
  const options = (Object.values(shown ?? {}).at(-1) ?? '')
    .split('\n')
    .findLast((line) => line.startsWith(')'));
  const counter = BigInt(/^\) ENGINE=\w+ AUTO_INCREMENT=(\d+)/.exec(options ?? '')?.[1] ?? 1);
  const [largest] = await server.query(`SELECT MAX(${quoteName(column.name)}) AS largest FROM ${name}`);
  const beyond = BigInt(largest?.largest ?? 0) + 1n;
  return counter > beyond ? counter : beyond;
}

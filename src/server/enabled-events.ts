// Which events a server's scheduler runs, as far as the account may see. Nothing else.
import type { Server } from './connection.ts';
import { globalVariables } from './variables.ts';

/** `schema.name`; none where the scheduler is off. */
export async function enabledEvents(server: Server): Promise<string[]> {
  const scheduler = (await globalVariables(server, ['event_scheduler'])).get('event_scheduler');
  if (scheduler !== 'ON') return [];
  const rows = await server.query(
    `SELECT EVENT_SCHEMA AS s, EVENT_NAME AS name FROM information_schema.EVENTS WHERE STATUS='ENABLED' ORDER BY 1, 2`,
  );
  return rows.map(({ s, name }) => `${s}.${name}`);
}

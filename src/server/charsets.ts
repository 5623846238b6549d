// Which character set each collation of a server belongs to. Nothing else.
import type { Server } from './connection.ts';

/** By a collation's id, as the log names it; undefined: the server has no such collation. */
export async function readCharsets(server: Server): Promise<(collationId: number) => string | undefined> {
  const rows = await server.query(
    'SELECT ID AS id, CHARACTER_SET_NAME AS charset FROM information_schema.COLLATIONS',
  );
  const names = new Map(
    rows.map(({ id, charset }) => [Number(id), charset === 'utf8' ? 'utf8mb3' : (charset ?? undefined)]),
  );
  return (id) => names.get(id);
}

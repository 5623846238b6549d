// Whether a server is the one that a plan names. Pure.
import type { PlanServer } from '../plan/plan.ts';
import type { ServerIdentity } from '../server/identity.ts';

/** A plan that was made of files may not know the uuid: the server id, which every log has, decides then. */
export function isPlanned(
  now: Pick<ServerIdentity, 'flavor' | 'uuid' | 'serverId'>,
  planned: Pick<PlanServer, 'flavor' | 'uuid' | 'serverId'>,
): boolean {
  if (now.flavor !== planned.flavor) return false;
  if (now.uuid !== null && planned.uuid !== null) return now.uuid === planned.uuid;
  return now.serverId === planned.serverId;
}

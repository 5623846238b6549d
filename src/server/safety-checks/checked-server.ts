// What the safety checks look at, read from a server in one go. Judges nothing.
import type { Server } from '../connection.ts';
import { readIdentity, type ServerIdentity } from '../identity.ts';
import { type ReplicationSource, replicatesFrom } from '../replication-source.ts';
import { readSettings, type ServerSettings } from '../settings.ts';

export interface CheckedServer {
  /** For messages: `failed primary db2:3306`. */
  name: string;
  identity: ServerIdentity;
  settings: ServerSettings;
  sources: ReplicationSource[];
}

/** Throws ReconcileError('privilege') where SHOW REPLICA STATUS is not allowed. */
export async function readCheckedServer(server: Server): Promise<CheckedServer> {
  const identity = await readIdentity(server);
  return {
    name: server.name,
    identity,
    settings: await readSettings(server),
    sources: await replicatesFrom(server, identity),
  };
}

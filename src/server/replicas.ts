// The replicas that a server knows of, by what they reported when they connected, and where they may be reached. Reads;
// connects to none of them.
import type { Server } from './connection.ts';
import { type Flavor, readIdentity, versionNumber } from './identity.ts';
import { DEFAULT_PORT, type ServerAddress } from './server-address.ts';

export interface KnownReplica {
  serverId: number;
  /** MySQL only. */
  uuid: string | null;
  /**
   * By its report_host; else each host that a dump thread goes to, with the port that the replica reported: whoever
   * connects must look whether it is the right one. Empty where neither is known.
   */
  addresses: ServerAddress[];
}

/** Throws ReconcileError('privilege'): MySQL asks for REPLICATION SLAVE, MariaDB for REPLICATION MASTER ADMIN. */
export async function knownReplicas(server: Server): Promise<KnownReplica[]> {
  const identity = await readIdentity(server);
  const rows = await server.query(listStatement(identity));
  if (rows.length === 0) return [];
  const hosts = rows.every(({ Host }) => Host) ? [] : await dumpHosts(server);
  return rows.map((row) => {
    const port = Number(row.Port) || DEFAULT_PORT;
    const uuid = row.Replica_UUID ?? row.Slave_UUID ?? null;
    return {
      serverId: Number(row.Server_Id ?? row.Server_id),
      uuid: uuid === null ? null : uuid.toLowerCase(),
      addresses: (row.Host ? [row.Host] : hosts).map((host) => ({ host, port })),
    };
  });
}

function listStatement(identity: { flavor: Flavor; version: string }): string {
  return identity.flavor === 'mysql' && versionNumber(identity) >= 80022
    ? 'SHOW REPLICAS'
    : 'SHOW SLAVE HOSTS';
}

/** Without PROCESS a server shows only our own sessions, which are none of these. */
async function dumpHosts(server: Server): Promise<string[]> {
  const sessions = await server.query('SHOW PROCESSLIST');
  const hosts = sessions
    .filter(({ Command }) => Command?.startsWith('Binlog Dump'))
    // The port is the client's own end.
    .map(({ Host }) => (Host ?? '').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1'));
  return [...new Set(hosts)].filter((host) => host !== '');
}

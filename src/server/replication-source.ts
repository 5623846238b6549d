// Whether a server is a replica, of whom, and how far behind. Reads SHOW REPLICA STATUS in its three dialects; judges nothing.
import type { Server, TextRow } from './connection.ts';
import { readIdentity, type ServerIdentity, versionNumber } from './identity.ts';

export interface ReplicationSource {
  /** '' is the default channel (MariaDB: the default connection). */
  channel: string;
  host: string;
  port: number;
  /** MySQL: the source's server uuid, once it has connected. */
  uuid: string | null;
  serverId: number | null;
  receiverRunning: boolean;
  applierRunning: boolean;
  /** Either of both. */
  running: boolean;
}

/** Empty where the server is no replica. Throws ReconcileError('privilege') without REPLICATION CLIENT (MariaDB: SLAVE MONITOR). */
export async function replicatesFrom(
  server: Server,
  identity?: ServerIdentity,
): Promise<ReplicationSource[]> {
  const rows = await server.query(statementFor(identity ?? (await readIdentity(server))));
  return rows.map(toSource);
}

/** How far a replica has come with one of its sources. */
export interface ReplicaState extends ReplicationSource {
  /** The server's own estimate; null while it does not apply. */
  secondsBehind: number | null;
  /** Seconds that it stays behind on purpose (SOURCE_DELAY, MASTER_DELAY). */
  delay: number;
  /** In its source's log: everything before it is applied. Null before the first connection. */
  applied: { file: string; position: number } | null;
}

/** Empty where the server is no replica. Throws as `replicatesFrom` does. */
export async function readReplicaStates(server: Server): Promise<ReplicaState[]> {
  const rows = await server.query(statementFor(await readIdentity(server)));
  return rows.map((row) => {
    const behind = row.Seconds_Behind_Source ?? row.Seconds_Behind_Master ?? null;
    const file = row.Relay_Source_Log_File ?? row.Relay_Master_Log_File ?? '';
    const position = Number(row.Exec_Source_Log_Pos ?? row.Exec_Master_Log_Pos ?? 0);
    return {
      ...toSource(row),
      secondsBehind: behind === null ? null : Number(behind),
      delay: Number(row.SQL_Delay ?? 0),
      applied: file === '' ? null : { file, position },
    };
  });
}

function statementFor(identity: ServerIdentity): string {
  if (identity.flavor === 'mariadb') return 'SHOW ALL SLAVES STATUS';
  return versionNumber(identity) >= 80022 ? 'SHOW REPLICA STATUS' : 'SHOW SLAVE STATUS';
}

function toSource(row: TextRow): ReplicationSource {
  const isOn = (value: string | null | undefined): boolean => value != null && value !== 'No';
  const uuid = row.Source_UUID ?? row.Master_UUID;
  const serverId = Number(row.Source_Server_Id ?? row.Master_Server_Id ?? 0);
  const receiverRunning = isOn(row.Replica_IO_Running ?? row.Slave_IO_Running);
  const applierRunning = isOn(row.Replica_SQL_Running ?? row.Slave_SQL_Running);
  return {
    channel: row.Channel_Name ?? row.Connection_name ?? '',
    host: row.Source_Host ?? row.Master_Host ?? '',
    port: Number(row.Source_Port ?? row.Master_Port ?? 0),
    uuid: uuid ? uuid.toLowerCase() : null,
    serverId: serverId === 0 ? null : serverId,
    receiverRunning,
    applierRunning,
    running: receiverRunning || applierRunning,
  };
}

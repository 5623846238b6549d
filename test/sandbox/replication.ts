// Makes one sandbox server follow another, and waits for it. Each flavour and version has its own words for that.
import { setTimeout as sleep } from 'node:timers/promises';
import type { SandboxServer } from './sandbox-server.ts';

interface Pair {
  from: SandboxServer;
  to: SandboxServer;
}

/** `to` follows `from` from now on; without GTIDs, it begins at the end of what `from` has now. */
export async function replicate({ from, to, gtid }: Pair & { gtid: boolean }): Promise<void> {
  const words = vocabulary(to);
  await to.query(`STOP ${words.replica}`).catch(() => {});
  if (to.flavor === 'mariadb' && gtid) {
    // What a former primary wrote itself is not in its slave position, and it would be sent again.
    await to.query('SET GLOBAL gtid_slave_pos = @@gtid_current_pos');
  }
  await to.query(await changeSource({ from, to, gtid }));
  await to.query(`START ${words.replica}`);
  const deadline = Date.now() + 30_000;
  for (;;) {
    const status = await replicaStatus(to);
    if (status.io === 'Yes' && status.sql === 'Yes') return;
    if (status.error || Date.now() > deadline) {
      throw new Error(
        `${to.name} does not follow ${from.name}: ${status.error || `IO thread: ${status.io}`}`,
      );
    }
    await sleep(50);
  }
}

/** The server follows nobody any more, and has forgotten whom it did. */
export async function stopReplication(server: SandboxServer): Promise<void> {
  const { replica } = vocabulary(server);
  await server.query(`STOP ${replica}; RESET ${replica} ALL`);
}

/** Waits until `to` has applied everything that `from` has now. */
export async function caughtUp({
  from,
  to,
  // In containers a replica can take more than half a minute to find a source that was killed and came back.
  timeoutMs = 90_000,
}: Pair & { timeoutMs?: number }): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  const applied = await goal({ from, to });
  while (!(await applied())) {
    const status = await replicaStatus(to);
    // A replica that reconnects has an IO error for a while; an applier's error stays.
    if (status.sql !== 'Yes' || Date.now() > deadline) {
      const why =
        (await workerError(to)) || status.error || (status.sql === 'Yes' ? 'still behind' : 'not applying');
      throw new Error(`${to.name} has not caught up with ${from.name}: ${why}`);
    }
    await sleep(20);
  }
}

/** MariaDB kept the old words; MySQL has the new ones since 8.0.23, and only them since 8.4. */
function vocabulary(server: SandboxServer) {
  const [major = 0, minor = 0, patch = 0] = server.version.split(/[.-]/).map(Number);
  const isNew = server.flavor === 'mysql' && (major > 8 || (major === 8 && (minor > 0 || patch >= 23)));
  return {
    replica: isNew ? 'REPLICA' : 'SLAVE',
    change: isNew ? 'CHANGE REPLICATION SOURCE TO' : 'CHANGE MASTER TO',
    option: isNew ? 'SOURCE' : 'MASTER',
    publicKey: server.flavor === 'mysql' && major >= 8,
    binlogStatus: isNew && (major > 8 || minor >= 2) ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS',
  };
}

async function changeSource({ from, to, gtid }: Pair & { gtid: boolean }): Promise<string> {
  const { change, option, publicKey } = vocabulary(to);
  const { user, password } = from.replicationAccount;
  const settings: Record<string, string | number> = {
    [`${option}_HOST`]: `'${from.internalAddress.host}'`,
    [`${option}_PORT`]: from.internalAddress.port,
    [`${option}_USER`]: `'${user}'`,
    [`${option}_PASSWORD`]: `'${password}'`,
    [`${option}_CONNECT_RETRY`]: 1,
  };
  if (publicKey) settings[option === 'SOURCE' ? 'GET_SOURCE_PUBLIC_KEY' : 'GET_MASTER_PUBLIC_KEY'] = 1;
  if (to.flavor === 'mariadb') {
    settings.MASTER_USE_GTID = gtid ? 'slave_pos' : 'no';
    // From 11.4 on, a replica asks for a verified certificate unless told otherwise, and 10.11 has none to show.
    settings.MASTER_SSL_VERIFY_SERVER_CERT = 0;
  } else {
    settings[`${option}_AUTO_POSITION`] = gtid ? 1 : 0;
  }
  if (!gtid) {
    const { file, position } = await coordinates(from);
    settings[`${option}_LOG_FILE`] = `'${file}'`;
    settings[`${option}_LOG_POS`] = position;
  }
  return `${change} ${Object.entries(settings)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ')}`;
}

async function coordinates(server: SandboxServer): Promise<{ file: string; position: number }> {
  const [row] = await server.query(vocabulary(server).binlogStatus);
  return { file: String(row!.File), position: Number(row!.Position) };
}

interface ReplicaStatus {
  io: string;
  sql: string;
  error: string;
  usesGtid: boolean;
  file: string;
  position: number;
}

async function replicaStatus(server: SandboxServer): Promise<ReplicaStatus> {
  const [row] = await server.query(`SHOW ${vocabulary(server).replica} STATUS`);
  if (!row) throw new Error(`${server.name} is no replica.`);
  const either = (...names: string[]) =>
    String(names.map((name) => row[name]).find((value) => value != null) ?? '');
  return {
    io: either('Replica_IO_Running', 'Slave_IO_Running'),
    sql: either('Replica_SQL_Running', 'Slave_SQL_Running'),
    error: either('Last_SQL_Error') || either('Last_IO_Error'),
    usesGtid: either('Auto_Position') === '1' || !['', 'No'].includes(either('Using_Gtid')),
    file: either('Relay_Source_Log_File', 'Relay_Master_Log_File'),
    position: Number(either('Exec_Source_Log_Pos', 'Exec_Master_Log_Pos')),
  };
}

/** MySQL's replica status tells only which worker failed; its reason is elsewhere. */
async function workerError(server: SandboxServer): Promise<string> {
  if (server.flavor === 'mariadb') return '';
  const [row] = await server.query(
    `SELECT last_error_message AS message FROM performance_schema.replication_applier_status_by_worker
     WHERE last_error_number <> 0 LIMIT 1`,
  );
  return String(row?.message ?? '');
}

async function goal({ from, to }: Pair): Promise<() => Promise<boolean>> {
  const { usesGtid } = await replicaStatus(to);
  if (!usesGtid) {
    const { file, position } = await coordinates(from);
    return async () => {
      const now = await replicaStatus(to);
      return sequence(now.file) > sequence(file) || (now.file === file && now.position >= position);
    };
  }
  if (from.flavor === 'mariadb') {
    const [row] = await from.query('SELECT @@gtid_binlog_pos AS goal');
    return async () =>
      (await to.query('SELECT MASTER_GTID_WAIT(?, 0) AS missing', [row!.goal]))[0]!.missing === 0;
  }
  const [row] = await from.query('SELECT @@GLOBAL.gtid_executed AS goal');
  return async () =>
    (await to.query('SELECT GTID_SUBSET(?, @@GLOBAL.gtid_executed) AS done', [row!.goal]))[0]!.done === 1;
}

const sequence = (file: string) => Number(file.split('.').at(-1));

// Opens a writer's session on the restored primary, as the replay needs it set. Writes nothing yet.
import { statementError } from '../server/connection-errors.ts';
import type { ReplayWriter } from './replay-writer.ts';
import { ServerWriter, type ServerWriterOptions } from './server-writer.ts';

/** MariaDB: replayed transactions get a replication domain of their own, so that no other domain's order is touched. */
export const REPLAY_DOMAIN = 3306911;

const LOCK_WAIT_SECONDS = 1;

export async function openServerWriter(options: ServerWriterOptions): Promise<ReplayWriter> {
  const connection = await options.server.open({ multipleStatements: true });
  const opening = [
    `SET SESSION innodb_lock_wait_timeout=${LOCK_WAIT_SECONDS}`,
    // Gap locks keep new children and new keys out between our look and our write.
    'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ',
    ...(options.flavor === 'mariadb' && options.mayNameDomain
      ? [`SET SESSION gtid_domain_id=${REPLAY_DOMAIN}`]
      : []),
    ...options.engine.opening,
    // Each transaction begins with its first statement: one less for the server to answer. Nothing that is sent behind
    // a rolled back one could commit by itself.
    'SET SESSION autocommit=0',
  ];
  for (const sql of opening) {
    await connection.query(sql).catch((cause: unknown) => {
      throw statementError(options.server.name, sql, cause);
    });
  }
  return new ServerWriter(options, connection, await checksInserts(options));
}

/** MariaDB's BINLOG obeys the replicas' setting, by which an insert overwrites the row that has its key already. */
async function checksInserts({ server, flavor }: ServerWriterOptions): Promise<boolean> {
  if (flavor === 'mysql') return true;
  const [row] = await server.query('SELECT @@GLOBAL.slave_exec_mode AS mode');
  return row?.mode === 'STRICT';
}

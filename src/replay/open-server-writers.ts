// Opens the writers' sessions on the restored primary, as the replay needs them set. Writes nothing yet.
import { statementError } from '../server/connection-errors.ts';
import { sendBatch } from '../server/statement-batch.ts';
import type { ReplayWriter } from './replay-writer.ts';
import { ServerWriter, type ServerWriterOptions } from './server-writer.ts';
import { inPackets } from './statement-packets.ts';
import { type EngineStatement, plainStatement } from './write-engine.ts';

/** MariaDB: replayed transactions get a replication domain of their own, so that no other domain's order is touched. */
export const REPLAY_DOMAIN = 3306911;

const LOCK_WAIT_SECONDS = 1;

/** All of them, or none: a session that can't be had is an error, and the others are its server's to close. */
export async function openServerWriters(
  options: ServerWriterOptions,
  count: number,
): Promise<ReplayWriter[]> {
  const checked = await checksInserts(options);
  return Promise.all(
    Array.from({ length: count }, async () => new ServerWriter(options, await openSession(options), checked)),
  );
}

async function openSession(options: ServerWriterOptions) {
  const { server, maxAllowedPacket } = options;
  const connection = await server.open({ multipleStatements: true });
  for (const packet of inPackets(opening(options), maxAllowedPacket)) {
    const statements = packet.map(({ sql }) => sql);
    const { fault, done } = await sendBatch(connection, statements);
    if (fault !== null) throw statementError(server.name, statements[done] ?? statements.join('; '), fault);
  }
  return connection;
}

function opening({ flavor, mayNameDomain, engine }: ServerWriterOptions): EngineStatement[] {
  return [
    // lock_wait_timeout: for a table that a customer's LOCK TABLES or ALTER TABLE keeps, while rows of others are ours.
    plainStatement(
      `SET SESSION innodb_lock_wait_timeout=${LOCK_WAIT_SECONDS}, lock_wait_timeout=${LOCK_WAIT_SECONDS}`,
    ),
    // Gap locks keep new children and new keys out between our look and our write.
    plainStatement('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ'),
    ...(flavor === 'mariadb' && mayNameDomain
      ? [plainStatement(`SET SESSION gtid_domain_id=${REPLAY_DOMAIN}`)]
      : []),
    ...engine.opening,
    // Each transaction begins with its first statement: one less for the server to answer. Nothing that is sent behind
    // a rolled back one could commit by itself.
    plainStatement('SET SESSION autocommit=0'),
  ];
}

/** MariaDB's BINLOG obeys the replicas' setting, by which an insert overwrites the row that has its key already. */
async function checksInserts({ server, flavor }: ServerWriterOptions): Promise<boolean> {
  if (flavor === 'mysql') return true;
  const [row] = await server.query('SELECT @@GLOBAL.slave_exec_mode AS mode');
  return row?.mode === 'STRICT';
}

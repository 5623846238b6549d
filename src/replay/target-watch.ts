// Whether the restored primary is still what it was when the replay began: the same server, writable, no replica, and ours
// to write to alone. Asked again and again while the replay runs. Changes nothing.
import { setTimeout as sleep } from 'node:timers/promises';
import { ReconcileError } from '../reconcile-error.ts';
import type { RawConnection, Server } from '../server/connection.ts';
import { isSameServer, readIdentity, type ServerIdentity } from '../server/identity.ts';
import { readCheckedServer } from '../server/safety-checks/checked-server.ts';
import { checkRestoredReadOnly } from '../server/safety-checks/restored-read-only.ts';
import { checkRestoredReplicates } from '../server/safety-checks/restored-replicates.ts';
import { refusal, runChecks } from '../server/safety-checks/run-checks.ts';
import { quoteText } from '../server/sql-text.ts';

/** The advisory lock that a replay holds on its server for as long as it runs. */
export const REPLAY_LOCK = 'reconcile.replay';

/** Throws ReconcileError('refused') where another replay has the lock. */
export async function lockReplay(restored: Server): Promise<void> {
  const [row] = await restored.query(`SELECT GET_LOCK(${quoteText(REPLAY_LOCK)}, 0) AS locked`);
  if (row?.locked === '1') return;
  const [holder] = await restored.query(`SELECT IS_USED_LOCK(${quoteText(REPLAY_LOCK)}) AS id`);
  const session = holder?.id ?? null;
  throw new ReconcileError(
    'refused',
    `another reconcile is replaying to ${restored.name} right now${session === null ? '' : ` (its session there is ${session})`}`,
    {
      hint: `Wait for it. If it is gone without a trace, its session lives on for a while: SHOW PROCESSLIST${session === null ? '' : `, then KILL ${session}`}. The same command goes on from there.`,
    },
  );
}

const UNLOCK_MILLISECONDS = 1000;

/** Asked for by name: a session lives on for a moment behind its connection's end. Throws nothing. */
export async function unlockReplay(restored: Server): Promise<void> {
  const unlocked = restored.query(`SELECT RELEASE_LOCK(${quoteText(REPLAY_LOCK)})`).catch(() => {});
  // A server that does not answer any more gives it back by itself.
  await Promise.race([unlocked, sleep(UNLOCK_MILLISECONDS, undefined, { ref: false })]);
}

/** Throws ReconcileError('refused') as the checks before the replay do; 'connection' where it can't be asked. */
export async function checkStillTarget(restored: Server, force: ReadonlySet<string>): Promise<void> {
  const [row] = await restored.query(
    `SELECT IS_USED_LOCK(${quoteText(REPLAY_LOCK)}) = CONNECTION_ID() AS ours`,
  );
  if (row?.ours !== '1') {
    throw new ReconcileError('refused', `${restored.name} has taken the replay's lock from us`, {
      hint: 'Another reconcile may be replaying by now. The same command goes on from here.',
    });
  }
  const now = await readCheckedServer(restored);
  runChecks([checkRestoredReadOnly(now), checkRestoredReplicates(now)], force);
}

/** A proxy may lead each connection to another server: one that is not the checked one is never written to. */
export async function checkSameTarget(
  server: Server,
  expected: ServerIdentity,
  connection: RawConnection,
  force: ReadonlySet<string>,
): Promise<void> {
  if (await hasNamesOf(connection, expected)) return;
  const found = await readIdentity({ ...server, query: (sql) => textRows(connection, sql) });
  if (isSameServer(found, expected)) return;
  runChecks(
    [
      refusal(
        'not-recorded',
        `${server.name} leads to different servers: one connection to ${expected.hostname}:${expected.port}, another to ${found.hostname}:${found.port}`,
        'Give the address of the server itself, not of a proxy.',
      ),
    ],
    force,
  );
}

/** By the names that tell servers apart, and no others: SHOW VARIABLES makes a server list hundreds, for every session of ours. */
async function hasNamesOf(connection: RawConnection, expected: ServerIdentity): Promise<boolean> {
  const { flavor, version, uuid, uid, serverId, hostname, port } = expected;
  const names: Record<string, string | null> =
    flavor === 'mysql'
      ? { version, server_uuid: uuid }
      : {
          version,
          server_id: String(serverId),
          hostname,
          port: String(port),
          ...(uid === null ? {} : { server_uid: uid }),
        };
  const columns = Object.keys(names).map((name) => `@@GLOBAL.${name} AS ${name}`);
  // A server that lacks one of them is another one: what it is, the caller asks.
  const [row] = await textRows(connection, `SELECT ${columns.join(', ')}`).catch(() => []);
  return (
    row !== undefined &&
    Object.entries(names).every(([name, value]) => row[name]?.toLowerCase() === value?.toLowerCase())
  );
}

async function textRows(connection: RawConnection, sql: string): Promise<Record<string, string | null>[]> {
  const [rows] = await connection.query({ sql, typeCast: (field) => field.string('utf8') });
  return rows as unknown as Record<string, string | null>[];
}

// Takes the failover record from the two servers. Writes to neither, and to no file.
import { ReconcileError } from '../reconcile-error.ts';
import type { Server } from '../server/connection.ts';
import { type Coordinates, readCoordinates, readExecuted } from '../server/coordinates.ts';
import { GtidSet } from '../server/gtid-set.ts';
import { type Flavor, readIdentity, type ServerIdentity } from '../server/identity.ts';
import { MariadbGtidPosition } from '../server/mariadb-gtid-position.ts';
import { runChecks } from '../server/safety-checks/run-checks.ts';
import { checkSameServer } from '../server/safety-checks/same-server.ts';
import { readSettings, type ServerSettings } from '../server/settings.ts';
import { type FailoverRecord, RECORD_VERSION, type RecordedServer } from './failover-record.ts';

export interface TakenRecord {
  record: FailoverRecord;
  /** Each a full sentence. */
  warnings: string[];
}

export interface RecordRequest {
  old: Server;
  new: Server;
  cluster: string | null;
  now: Date;
  force: ReadonlySet<string>;
}

/** Throws ReconcileError: 'refused' for one server twice, 'unsupported' for two flavours or a binary log that is off. */
export async function takeRecord(request: RecordRequest): Promise<TakenRecord> {
  const identities = { old: await readIdentity(request.old), new: await readIdentity(request.new) };
  runChecks(
    [
      checkSameServer(
        { name: request.new.name, identity: identities.new },
        { name: request.old.name, identity: identities.old },
      ),
    ],
    request.force,
  );
  if (identities.old.flavor !== identities.new.flavor) {
    throw new ReconcileError(
      'unsupported',
      `the old primary is ${identities.old.flavor}, the new one ${identities.new.flavor}`,
      {
        hint: 'Both have to be of one flavour: their logs and GTIDs can’t be compared otherwise.',
      },
    );
  }
  // The new primary first: the window begins at its coordinates, and what it commits while the old one is asked has to
  // be inside. What the old one commits meanwhile is seen as its own later change, which is what it is.
  const coordinatesOfNew = await readCoordinates(request.new);
  const executedOnNew = await readExecuted(request.new);
  const coordinatesOfOld = await readCoordinates(request.old);
  const executedOnOld = await readExecuted(request.old);
  const settings = { old: await readSettings(request.old), new: await readSettings(request.new) };
  const record: FailoverRecord = {
    version: RECORD_VERSION,
    cluster: request.cluster,
    recordedAt: request.now.toISOString(),
    old: recordedServer(request.old, identities.old, settings.old, coordinatesOfOld, executedOnOld),
    new: recordedServer(request.new, identities.new, settings.new, coordinatesOfNew, executedOnNew),
  };
  const warnings = [
    ...relationWarnings(identities.old.flavor, executedOnOld, executedOnNew),
    ...settingWarnings(settings.old, settings.new, identities.old.flavor),
  ];
  return { record, warnings };
}

function recordedServer(
  server: Server,
  identity: ServerIdentity,
  settings: ServerSettings,
  coordinates: Coordinates,
  executed: string | null,
): RecordedServer {
  const { socketPath, host, port } = server.address;
  // A socket says nothing on another machine, where the diff may run.
  const address =
    socketPath === undefined ? { host, port } : { host: identity.hostname, port: identity.port };
  const known = Object.entries(settings).filter(
    (entry): entry is [string, string | number | boolean] => entry[1] !== undefined,
  );
  return {
    ...address,
    ...identity,
    ...address,
    user: server.user,
    gtidMode: settings.gtidMode ?? null,
    coordinates,
    executed,
    settings: Object.fromEntries(known),
  };
}

/** Pure. What the two executed sets say about a promotion that lost or gained something already. */
export function relationWarnings(
  flavor: Flavor,
  executedOnOld: string | null,
  executedOnNew: string | null,
): string[] {
  if (executedOnOld === null || executedOnNew === null) {
    return [
      'GTIDs are off: whether the new primary had received all of the old one’s transactions can’t be told.',
    ];
  }
  const counts =
    flavor === 'mysql'
      ? gtidCounts(GtidSet.parse(executedOnOld), GtidSet.parse(executedOnNew))
      : positionCounts(MariadbGtidPosition.parse(executedOnOld), MariadbGtidPosition.parse(executedOnNew));
  const warnings: string[] = [];
  if (counts.behind > 0n) {
    warnings.push(
      `The new primary is ${transactions(counts.behind)} behind the old one (${counts.behindText}): they were not replicated when it took over.`,
    );
  }
  if (counts.ahead > 0n) {
    warnings.push(
      `The new primary has ${transactions(counts.ahead)} that the old one never had (${counts.aheadText}): they are before the recorded coordinates, and no diff from this record will see them.`,
    );
  }
  return warnings;
}

interface Relation {
  behind: bigint;
  behindText: string;
  ahead: bigint;
  aheadText: string;
}

function gtidCounts(old: GtidSet, current: GtidSet): Relation {
  const behind = old.subtract(current);
  const ahead = current.subtract(old);
  return { behind: behind.count, behindText: `${behind}`, ahead: ahead.count, aheadText: `${ahead}` };
}

function positionCounts(old: MariadbGtidPosition, current: MariadbGtidPosition): Relation {
  return {
    behind: current.behind(old),
    behindText: `old ${old}, new ${current}`,
    ahead: old.behind(current),
    aheadText: `old ${old}, new ${current}`,
  };
}

function settingWarnings(old: ServerSettings, current: ServerSettings, flavor: Flavor): string[] {
  const warnings: string[] = [];
  if ((flavor === 'mysql' ? old.superReadOnly : old.readOnly) !== true) {
    warnings.push(
      `The old primary still takes writes (${flavor === 'mysql' ? 'super_read_only' : 'read_only'}=OFF): fence it before the new one takes over.`,
    );
  }
  if (current.binlogFormat !== 'ROW') {
    warnings.push(
      `The new primary logs statements (binlog_format=${current.binlogFormat}): what it writes now can’t be replayed as rows. SET GLOBAL binlog_format=ROW, and let the clients reconnect.`,
    );
  }
  if (current.binlogRowImage !== undefined && current.binlogRowImage !== 'FULL') {
    warnings.push(
      `The new primary logs row images without all columns (binlog_row_image=${current.binlogRowImage}): conflicts are harder to tell.`,
    );
  }
  return warnings;
}

function transactions(count: bigint): string {
  return count === 1n ? '1 transaction' : `${count} transactions`;
}

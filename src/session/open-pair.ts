// Opens what a dry run needs: the record, the restored primary, the failed one (or its files); refuses the wrong pair;
// settles where the window begins. Reads no binlog and compares nothing.
import { dirname, resolve } from 'node:path';
import type { Witness } from '../diff/diff-window.ts';
import type { PlanFacts } from '../plan/plan.ts';
import { ReconcileError } from '../reconcile-error.ts';
import { type FailoverRecord, loadRecord } from '../record/failover-record.ts';
import { openJournal } from '../replay/journal.ts';
import type { DiffRequest } from '../requests.ts';
import { readCatalogue } from '../server/catalogue.ts';
import { readCharsets } from '../server/charsets.ts';
import { connectServer, type Server } from '../server/connection.ts';
import { readCoordinates, readExecuted } from '../server/coordinates.ts';
import { enabledEvents } from '../server/enabled-events.ts';
import type { RowReader } from '../server/row-reader.ts';
import { type CheckedServer, readCheckedServer } from '../server/safety-checks/checked-server.ts';
import { refuseResetLog } from '../server/safety-checks/log-was-reset.ts';
import { checkNotRecorded } from '../server/safety-checks/not-recorded.ts';
import { checkRestoredReadOnly } from '../server/safety-checks/restored-read-only.ts';
import { checkRestoredReplicates } from '../server/safety-checks/restored-replicates.ts';
import { overridden, runChecks } from '../server/safety-checks/run-checks.ts';
import { checkSameServer } from '../server/safety-checks/same-server.ts';
import { checkSwapped } from '../server/safety-checks/swapped.ts';
import { checkUnfenced } from '../server/safety-checks/unfenced.ts';
import { describeWindow, failedServer } from '../window/describe-window.ts';
import { gtidPredicate } from '../window/gtid-predicate.ts';
import type { ReadHooks, Window } from '../window/read-window.ts';
import type { WindowRequest } from '../window/window-request.ts';
import { windowStart } from '../window/window-start.ts';
import { askedWindow } from './asked-window.ts';
import { heldReader } from './look-up-brake.ts';
import { restoredWitness } from './restored-witness.ts';

export interface Pair {
  source: 'live' | 'files';
  failedName: string;
  startName: string;
  restored: Server;
  reader: RowReader;
  window: WindowRequest;
  readHooks: ReadHooks;
  charsetOf: (collationId: number) => string | undefined;
  openWitness(window: Window): Promise<Witness>;
  describe(window: Window): PlanFacts;
  close(): Promise<void>;
}

export async function openPair(request: DiffRequest): Promise<Pair> {
  const record = request.record === undefined ? null : await loadRecord(request.record);
  if (!request.restored) {
    throw new ReconcileError('usage', 'no restored primary is named', {
      hint: 'Give --restored HOST:PORT, or a failover record.',
    });
  }
  const live = request.binlog.length === 0;
  if (live && !request.failed) {
    throw new ReconcileError('usage', 'neither a failed primary nor its binlog files are named', {
      hint: 'Give --failed HOST:PORT, or --binlog FILE|DIR where the server is gone.',
    });
  }
  const servers: Server[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.close()));
  };
  try {
    const restored = await connectServer(request.restored);
    servers.push(restored);
    const failed = live ? await connectServer(request.failed!) : null;
    if (failed) servers.push(failed);
    const restoredNow = await readCheckedServer(restored);
    const failedNow = failed ? await readCheckedServer(failed) : null;
    checkPair(restoredNow, failedNow, record, request);

    const executed = await readExecuted(restored);
    const failedExecuted = failed ? await readExecuted(failed) : null;
    const fromRecord = request.startPosition === undefined && request.startGtidSet === undefined;
    if (failed && record?.new.flavor === 'mysql' && fromRecord)
      refuseResetLog(failed.name, record.new.executed ?? record.new.coordinates.gtidSet, failedExecuted);
    const coordinates = await readCoordinates(restored);
    const events = await enabledEvents(restored);
    const { flavor, serverId } = restoredNow.identity;
    const inExecuted = executed === null ? () => false : gtidPredicate(executed);
    const askedTables = new Set((await readCatalogue(restored, request.tables.map(namedTable))).keys());
    const start = windowStart({ request, record, executed, flavor });
    const known = record?.new ?? failedNow?.identity ?? null;
    return {
      source: live ? 'live' : 'files',
      failedName: failed?.name ?? 'the failed primary',
      startName:
        start.kind === 'position'
          ? `${start.file}:${start.position}`
          : 'the GTIDs that the restored primary has',
      restored,
      reader: heldReader({
        restored,
        choice: request.restored,
        settings: restoredNow.settings,
        maxLoad: request.maxLoad,
        signal: request.signal,
        progress: request.progress,
      }),
      window: askedWindow(request, failed, start),
      readHooks: {
        folder: dirname(resolve(request.plan)),
        signal: request.signal,
        progress: (transactions) => request.progress.count('transactions read', transactions),
        // Without GTIDs the server id is all there is to go by. MariaDB's positions are watermarks over all servers of a
        // domain: they cover what the failed primary wrote under an id that its session, or a SET GLOBAL, gave it.
        restoredHas: ({ gtid, serverId: writer }) =>
          flavor === 'mysql' && gtid !== null ? inExecuted(gtid) : writer === serverId,
      },
      charsetOf: await readCharsets(restored),
      openWitness: async (window) =>
        restoredWitness({
          flavor,
          restored,
          // Whose log it is may be known from the log alone.
          journal: await openJournal(restored, failedServer(window, known).serverId, request.journal),
          record,
          request,
          inExecuted: flavor === 'mysql' ? inExecuted : null,
          failedExecuted: flavor === 'mysql' ? failedExecuted : null,
        }),
      describe: (window) =>
        describeWindow(window, {
          record,
          restored: restoredNow,
          coordinates,
          start,
          failed: known,
          askedTables,
          force: request.force,
          stopped: request.stopPosition !== undefined || request.stopDatetime !== undefined,
          executed: flavor === 'mysql' ? inExecuted : () => false,
          events,
        }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function checkPair(
  restored: CheckedServer,
  failed: CheckedServer | null,
  record: FailoverRecord | null,
  { force, progress }: DiffRequest,
): void {
  const results = [
    ...(failed ? [checkSameServer(restored, failed)] : []),
    ...(record ? [checkSwapped(failed?.identity ?? null, restored.identity, record)] : []),
    ...(record ? [checkNotRecorded(failed?.identity ?? null, restored.identity, record)] : []),
    checkRestoredReplicates(restored),
    ...(failed ? [checkUnfenced(failed)] : []),
  ];
  runChecks(results, force);
  for (const warning of overridden(results, force)) progress.warn(warning);
  const readOnly = checkRestoredReadOnly(restored);
  if (readOnly) progress.warn(`${readOnly.message}; a replay would be refused`);
}

/** `db.table`, as --tables has it. */
function namedTable(name: string): { schema: string; table: string } {
  const dot = name.indexOf('.');
  return { schema: name.slice(0, dot), table: name.slice(dot + 1) };
}

// Opens what a replay or its verification needs: the restored primary, checked against the plan; what it remembers of
// earlier replays; the plan's missing transactions, prepared. Writes nothing until `openWriters`.
import type { LoadedPlan } from '../plan/planned-transactions.ts';
import { ReconcileError } from '../reconcile-error.ts';
import { loadRecord } from '../record/failover-record.ts';
import type { Memory } from '../replay/exactly-once.ts';
import { openJournal } from '../replay/journal.ts';
import { type PreparedReplay, prepareReplay } from '../replay/prepare-replay.ts';
import { openPrintingWriter } from '../replay/printing-writer.ts';
import type { ReplayHooks } from '../replay/replay-plan.ts';
import { checkReplayPrivileges } from '../replay/replay-privileges.ts';
import type { ReplayWriter } from '../replay/replay-writer.ts';
import { openServerWriter } from '../replay/server-writer.ts';
import { refuseWrongFile } from '../replay/undo-file.ts';
import { type VerifyResult, verifyReplay } from '../replay/verify-plan.ts';
import type { ReplayRequest } from '../requests.ts';
import { connectServer, type Server } from '../server/connection.ts';
import { readExecuted } from '../server/coordinates.ts';
import { isRecordedServer } from '../server/identity.ts';
import { RowReader } from '../server/row-reader.ts';
import { type CheckedServer, readCheckedServer } from '../server/safety-checks/checked-server.ts';
import { checkRestoredReadOnly } from '../server/safety-checks/restored-read-only.ts';
import { checkRestoredReplicates } from '../server/safety-checks/restored-replicates.ts';
import { overridden, refusal, runChecks } from '../server/safety-checks/run-checks.ts';
import { checkUnfenced } from '../server/safety-checks/unfenced.ts';
import { gtidPredicate } from '../window/gtid-predicate.ts';
import { readRestoredLog } from '../window/restored-log.ts';
import { readCharsets } from './open-pair.ts';

export interface ReplaySession {
  prepared: PreparedReplay;
  reader: RowReader;
  hooks: ReplayHooks;
  /** Whether anything of the file is left to write. */
  hasWork: boolean;
  /** From here on the restored primary may be written to. */
  openWriters(): Promise<ReplayWriter[]>;
  /** Judges every transaction, writes nothing. */
  openPrinter(): Promise<ReplayWriter[]>;
  /** Reads back what is replayed by now. */
  verify(): Promise<VerifyResult>;
  close(): Promise<void>;
}

const LOCK = 'reconcile.replay';

export async function openReplay(
  plan: LoadedPlan,
  request: Omit<ReplayRequest, 'undo'>,
  direction: 'replay' | 'undo' | 'verify',
): Promise<ReplaySession> {
  refuseWrongFile(request.plan, plan, direction);
  if (!request.restored) {
    throw new ReconcileError('usage', 'no restored primary is named', {
      hint: 'Give --restored HOST:PORT, or a failover record.',
    });
  }
  const servers: Server[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.close()));
  };
  try {
    const restored = await connectServer(request.restored);
    servers.push(restored);
    const now = await readCheckedServer(restored);
    await checkTarget(plan, now, request, servers);
    // Before anything is judged: what another run is writing must be seen here as written.
    if (request.apply) await lockReplay(restored);
    const { header } = plan;
    const journal = await openJournal(restored, header.failed.serverId, request.journal);
    const reader = new RowReader(restored);
    const charsetOf = await readCharsets(restored);
    const remember = async (): Promise<Memory> => {
      const executed = await readExecuted(restored);
      const noted = await openJournal(restored, header.failed.serverId, request.journal);
      return {
        keepsGtids: now.identity.flavor === 'mysql' && /^ON/.test(now.settings.gtidMode ?? 'OFF'),
        executed: executed === null ? () => false : gtidPredicate(executed),
        journal: (key) => noted.state(key),
      };
    };
    const prepare = async (way: typeof direction): Promise<PreparedReplay> =>
      prepareReplay(way, plan, reader, await remember(), charsetOf, request.force);
    const prepared = await prepare(direction);
    const pending = prepared.transactions.flatMap(({ standing }) =>
      standing.kind === 'to-apply' ? [standing.marker] : [],
    );
    const since = request.record === undefined ? null : await loadRecord(request.record);
    // From the failover on where a record tells it: the plan may be younger than the replay.
    const liveLog = () => readRestoredLog(restored, since?.old.coordinates ?? header.restored.coordinates);
    return {
      prepared,
      reader,
      hooks: {
        signal: request.signal,
        progress: (done, total) => request.progress.count('transactions', done, total),
      },
      hasWork: pending.length > 0,
      openPrinter: async () => [await openPrintingWriter(prepared, reader)],
      async openWriters() {
        await checkReplayPrivileges(
          restored,
          now.identity.flavor,
          prepared.transactions.map(({ window }) => window.transaction),
        );
        const options = {
          server: restored,
          flavor: now.identity.flavor,
          version: now.identity.version,
          maxAllowedPacket: now.settings.maxAllowedPacket ?? 4 << 20,
          journal,
          reader,
          slots: prepared.slots,
          foreignKeys: prepared.foreignKeys,
          normaliser: prepared.normaliser,
        };
        const workers = Math.max(1, Math.min(request.workers, pending.length));
        const writers = await Promise.all(Array.from({ length: workers }, () => openServerWriter(options)));
        if (pending.some(({ kind }) => kind === 'journal')) await journal.create();
        return writers;
      },
      async verify() {
        const now = direction === 'verify' ? prepared : await prepare('verify');
        return verifyReplay(now, reader, liveLog, request.journal);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function checkTarget(
  plan: LoadedPlan,
  restored: CheckedServer,
  request: Omit<ReplayRequest, 'undo'>,
  servers: Server[],
): Promise<void> {
  const { header } = plan;
  const results = [
    isRecordedServer(restored.identity, { ...header.restored, flavor: header.restored.flavor })
      ? null
      : refusal(
          'not-recorded',
          `the ${restored.name} is not the server that the plan was made for (${header.restored.uuid ?? `server id ${header.restored.serverId}`})`,
          'Give that server as --restored, or make a plan for this one with `reconcile diff`.',
        ),
    checkRestoredReplicates(restored),
    ...(request.apply ? [checkRestoredReadOnly(restored)] : []),
  ];
  if (request.failed && request.apply) {
    const failed = await connectServer(request.failed).catch((error: unknown) => {
      // A dead server takes no writes, and replay works from the plan alone.
      request.progress.warn(
        `the failed primary can't be asked whether it is fenced: ${error instanceof Error ? error.message : String(error)}`,
      );
      return null;
    });
    if (failed) {
      servers.push(failed);
      results.push(checkUnfenced(await readCheckedServer(failed)));
    }
  }
  runChecks(results, request.force);
  for (const warning of overridden(results, request.force)) request.progress.warn(warning);
}

async function lockReplay(restored: Server): Promise<void> {
  const [row] = await restored.query(`SELECT GET_LOCK('${LOCK}', 0) AS locked`);
  if (row?.locked === '1') return;
  throw new ReconcileError('refused', `another reconcile is replaying to ${restored.name} right now`, {
    hint: 'Wait for it. If it is gone without a trace, its session is still in SHOW PROCESSLIST: end that first.',
  });
}

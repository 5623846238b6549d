// Opens what a replay or its verification needs: the restored primary, checked against the plan; what it remembers of
// earlier replays; the plan's missing transactions, prepared. Writes nothing until `openWriters`.
import type { LoadedPlan } from '../plan/planned-transactions.ts';
import { ReconcileError } from '../reconcile-error.ts';
import { loadRecord } from '../record/failover-record.ts';
import type { Memory } from '../replay/exactly-once.ts';
import { openJournal } from '../replay/journal.ts';
import { openServerWriters } from '../replay/open-server-writers.ts';
import { type PreparedReplay, prepareReplay } from '../replay/prepare-replay.ts';
import { openPrintingWriter } from '../replay/printing-writer.ts';
import type { ReplayHooks } from '../replay/replay-plan.ts';
import type { ReplayWriter } from '../replay/replay-writer.ts';
import { NO_LAYOUTS, readLayouts } from '../replay/table-layouts.ts';
import { lockReplay, unlockReplay } from '../replay/target-watch.ts';
import { refuseWrongFile, startUndoFile } from '../replay/undo-file.ts';
import { unwritable } from '../replay/unwritable.ts';
import { type VerifyResult, verifyReplay } from '../replay/verify-plan.ts';
import type { EngineName } from '../replay/write-engine.ts';
import type { ReplayRequest } from '../requests.ts';
import { readCharsets } from '../server/charsets.ts';
import { connectServer, type Server } from '../server/connection.ts';
import { readExecuted, readGtidExecuted } from '../server/coordinates.ts';
import { RowReader } from '../server/row-reader.ts';
import { readCheckedServer } from '../server/safety-checks/checked-server.ts';
import { gtidPredicate } from '../window/gtid-predicate.ts';
import { readRestoredLog } from '../window/restored-log.ts';
import { checkTarget } from './check-target.ts';
import { type LackingGtids, lackingGtids } from './lacking-gtids.ts';
import { nameWhoChanged } from './name-who-changed.ts';
import { type Brakes, openBrakes } from './replay-brakes.ts';
import { settleEngine } from './replay-engine.ts';

export interface ReplaySession {
  prepared: PreparedReplay;
  engine: EngineName;
  reader: RowReader;
  hooks: ReplayHooks;
  /** Where openWriters() puts all that is about to be written; null: nothing will be, or it is an undo itself. */
  undoFile: string | null;
  /** The undo file is on disk when it returns. From there on the restored primary may be written to. */
  openWriters(): Promise<ReplayWriter[]>;
  /** Judges every transaction, writes nothing. */
  openPrinter(): Promise<ReplayWriter[]>;
  /** Milliseconds that the throttle held a worker back, on average. */
  waited(): number;
  /** Of the failed primary's GTIDs, those that the restored one has not executed by now; null where it keeps none. */
  lackingGtids(kept: readonly string[]): Promise<LackingGtids | null>;
  /** Reads back what is replayed by now. */
  verify(): Promise<VerifyResult>;
  close(): Promise<void>;
}

export async function openReplay(
  plan: LoadedPlan,
  request: Omit<ReplayRequest, 'undo'> & { undo?: string | undefined },
  direction: 'replay' | 'undo' | 'verify',
): Promise<ReplaySession> {
  const servers: Server[] = [];
  let brakes: Brakes | null = null;
  let locked: Server | null = null;
  const kept: { close(): void | Promise<void> }[] = [plan];
  const close = async (): Promise<void> => {
    for (const one of kept) await one.close();
    await brakes?.close();
    // Nothing is under way any more.
    if (locked) await unlockReplay(locked);
    await Promise.all(servers.map((server) => server.close()));
  };
  try {
    refuseWrongFile(request.plan, plan, direction);
    if (!request.restored) {
      throw new ReconcileError('usage', 'no restored primary is named', {
        hint: 'Give --restored HOST:PORT, or a failover record.',
      });
    }
    const restored = await connectServer(request.restored);
    servers.push(restored);
    const now = await readCheckedServer(restored);
    await checkTarget(plan, now, request);
    // Before anything is judged: what another run is writing must be seen here as written.
    if (request.apply) {
      await lockReplay(restored);
      locked = restored;
    }
    // Its bytes go to the disk while the transactions are prepared.
    const undo = request.apply && direction === 'replay' ? startUndoFile(request, plan) : null;
    if (undo) kept.push({ close: undo.discard });
    const { header } = plan;
    const engine = await settleEngine(restored, now, request);
    const journal = await openJournal(restored, header.failed.serverId, request.journal);
    const reader = new RowReader(restored);
    const charsetOf = await readCharsets(restored);
    // Before the definitions are read: what is altered from here on is seen by one or the other.
    const byPlace = request.apply && engine.name === 'row-events';
    const layouts = byPlace ? await readLayouts(restored, plan.written.tables) : NO_LAYOUTS;
    const keepsGtids = now.identity.flavor === 'mysql' && /^ON/.test(now.settings.gtidMode ?? 'OFF');
    const remember = async (): Promise<Memory> => {
      // Without GTIDs the diff did not see which of them were executed already: they tell nothing then.
      const told = now.identity.flavor === 'mysql' && header.restored.coordinates.gtidSet !== null;
      const executed = told ? await readGtidExecuted(restored) : null;
      const noted = await openJournal(restored, header.failed.serverId, request.journal);
      return {
        maySetGtids: engine.mayNameTransactions,
        keepsGtids,
        executed: executed === null ? () => false : gtidPredicate(executed),
        journal: (key) => (noted.isEmpty ? undefined : noted.state(key())),
      };
    };
    const prepare = async (way: typeof direction): Promise<PreparedReplay> => {
      const made = await prepareReplay(way, plan, reader, await remember(), charsetOf, request.force);
      kept.push(made);
      return made;
    };
    await undo?.mayBeBusy;
    const prepared = await prepare(direction);
    const pending = prepared.transactions.flatMap(({ standing }) =>
      standing.kind === 'to-apply' ? [standing.marker] : [],
    );
    const since = request.record === undefined ? null : await loadRecord(request.record);
    // From the failover on where a record tells it: the plan may be younger than the replay.
    const liveLog = () => readRestoredLog(restored, since?.old.coordinates ?? header.restored.coordinates);
    return {
      prepared,
      engine: engine.name,
      reader,
      hooks: {
        signal: request.signal,
        progress: (done, total) => request.progress.count('transactions', done, total),
        nameWhoChanged: nameWhoChanged({ restored, header, prepared, reader, charsetOf, request }),
      },
      undoFile: pending.length === 0 ? null : (undo?.path ?? null),
      async openPrinter() {
        const writes = engine.rehearse(prepared);
        return [
          await openPrintingWriter(prepared, reader, (window) =>
            unwritable(writes, window, engine.maxAllowedPacket),
          ),
        ];
      },
      async openWriters() {
        const writes = engine.open(prepared, plan.written.tables, journal);
        // The disk and the server work side by side, but the journal, if it has to be made, waits for the file.
        const keeping = pending.length === 0 ? undefined : undo?.keep();
        keeping?.catch(() => {});
        const workers = Math.max(1, Math.min(request.workers, pending.length));
        const { throttle: limits, force, signal, progress } = request;
        brakes = await openBrakes({
          ...{ restored, choice: request.restored!, target: now, limits, workers, force, signal, progress },
        });
        const { server, hold } = brakes;
        const options = {
          server,
          flavor: now.identity.flavor,
          engine: writes,
          mayNameDomain: engine.mayNameTransactions,
          maxAllowedPacket: engine.maxAllowedPacket,
          journal,
          reader,
          slots: prepared.slots,
          foreignKeys: prepared.foreignKeys,
          normaliser: prepared.normaliser,
          layouts,
        };
        const opening = openServerWriters(options, workers);
        // While the disk and the server work: it has to be there before the first transaction.
        void prepared.order;
        await Promise.allSettled([keeping, opening]);
        await keeping;
        const writers = await opening;
        const noted = prepared.transactions.some(({ notes }) => notes.length > 0);
        if (noted || pending.some(({ kind }) => kind === 'journal')) await journal.create();
        return writers.map(hold);
      },
      waited: () => brakes?.waited ?? 0,
      async lackingGtids(kept) {
        const executed = keepsGtids ? await readExecuted(restored) : null;
        return executed === null ? null : lackingGtids(plan, gtidPredicate(executed), kept);
      },
      async verify() {
        if (direction === 'verify') return verifyReplay(prepared, reader, liveLog, request.journal);
        const now = (await prepared.toVerify(await remember())) ?? (await prepare('verify'));
        return verifyReplay(now, reader, liveLog, request.journal);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

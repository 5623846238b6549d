// Settles how a replay writes: the engine that our account may use, and that nothing in the window forbids it. Writes nothing.

import type { TableMap } from '../binlog/table-map.ts';
import type { WindowTransaction } from '../diff/window-rows.ts';
import { ReconcileError } from '../reconcile-error.ts';
import { chooseEngine, type EngineChoice, logsRows } from '../replay/choose-engine.ts';
import { firingTriggers } from '../replay/firing-triggers.ts';
import type { Journal } from '../replay/journal.ts';
import { needsStrictApplier } from '../replay/lenient-applier.ts';
import type { PreparedReplay } from '../replay/prepare-replay.ts';
import { checkReplayPrivileges } from '../replay/replay-privileges.ts';
import { rowEventsEngine } from '../replay/row-events-engine.ts';
import { sqlEngine } from '../replay/sql-engine.ts';
import type { EngineName, WriteEngine } from '../replay/write-engine.ts';
import type { ReplayRequest } from '../requests.ts';
import type { TableDefinition } from '../server/catalogue.ts';
import type { Server } from '../server/connection.ts';
import { type Grants, readGrants } from '../server/grants.ts';
import type { CheckedServer } from '../server/safety-checks/checked-server.ts';
import { globalVariables } from '../server/variables.ts';

export interface ReplayEngine {
  readonly name: EngineName;
  /** Whether our account may name a transaction's GTID or replication domain. */
  readonly mayNameTransactions: boolean;
  readonly maxAllowedPacket: number;
  /** `tables`: the plan's. Throws ReconcileError('privilege'), or 'refused' where triggers would fire. */
  open(prepared: PreparedReplay, tables: readonly TableMap[], journal: Journal): WriteEngine;
  /** For a rehearsal: asks for no privilege, says nothing. */
  rehearse(prepared: PreparedReplay): WriteEngine;
}

type EngineRequest = Pick<ReplayRequest, 'engine' | 'allowTriggers' | 'progress'>;

export async function settleEngine(
  restored: Server,
  { identity, settings }: Pick<CheckedServer, 'identity' | 'settings'>,
  request: EngineRequest,
): Promise<ReplayEngine> {
  const { flavor, version } = identity;
  const grants = await readGrants(restored);
  const choice = chooseEngine(request.engine, flavor, grants, logsRows(flavor, settings));
  const maxAllowedPacket = settings.maxAllowedPacket ?? 4 << 20;
  const applier = await readApplier(restored, flavor);
  const rehearse = ({ foreignKeys }: PreparedReplay): WriteEngine => {
    if (choice.engine === 'sql') return sqlEngine();
    const unwritable: WriteEngine['unwritable'] = applier.isStrict
      ? () => null
      : (window) => needsStrictApplier(window, foreignKeys);
    return rowEventsEngine(flavor, version, maxAllowedPacket, unwritable);
  };
  return {
    name: choice.engine,
    mayNameTransactions: choice.maySpeakReplication,
    maxAllowedPacket,
    open(prepared, tables, journal) {
      checkEngine(restored, flavor, grants, choice, prepared, tables, journal, request);
      if (!request.allowTriggers) refuseTriggers(choice.engine, applier.runsTriggers, prepared);
      if (choice.why !== null) request.progress.warn(`${restored.name}: ${choice.why}`);
      return rehearse(prepared);
    },
    rehearse,
  };
}

function checkEngine(
  restored: Server,
  flavor: 'mysql' | 'mariadb',
  grants: Grants,
  choice: EngineChoice,
  { transactions }: PreparedReplay,
  tables: readonly TableMap[],
  journal: Journal,
  { allowTriggers = false }: EngineRequest,
): void {
  const pending = transactions.filter(({ standing }) => standing.kind === 'to-apply');
  const noted = pending.some(
    ({ standing, notes }) =>
      notes.length > 0 || (standing.kind === 'to-apply' && standing.marker.kind === 'journal'),
  );
  // One at a time: each is made for the look at it.
  const windows = (): IteratorObject<WindowTransaction> => pending.values().map(({ window }) => window);
  checkReplayPrivileges(
    restored,
    flavor,
    grants,
    choice,
    { tables, transactions: windows().map(({ transaction }) => transaction) },
    { triggersMatter: !allowTriggers, journal: noted ? journal : null },
  );
}

/** MariaDB's settings for replicas that BINLOG obeys. `runsTriggers`: null where row events fire none. */
async function readApplier(
  restored: Server,
  flavor: 'mysql' | 'mariadb',
): Promise<{ isStrict: boolean; runsTriggers: string | null }> {
  if (flavor === 'mysql') return { isStrict: true, runsTriggers: null };
  const settings = await globalVariables(restored, ['slave_exec_mode', 'slave_run_triggers_for_rbr']);
  const runsTriggers = settings.get('slave_run_triggers_for_rbr') ?? 'NO';
  return {
    isStrict: settings.get('slave_exec_mode') === 'STRICT',
    runsTriggers: runsTriggers === 'NO' ? null : runsTriggers,
  };
}

function refuseTriggers(engine: EngineName, runsTriggers: string | null, prepared: PreparedReplay): void {
  if (engine !== 'sql' && runsTriggers === null) return;
  const pending = prepared.transactions.filter(({ standing }) => standing.kind === 'to-apply');
  // One at a time: each is made for the look at it.
  const { triggers, unknown } = firingTriggers(pending.values().map(({ window }) => window));
  const found = [...triggers, ...unknown.map(hidden)];
  if (found.length === 0) return;
  const bySql = engine === 'sql';
  throw new ReconcileError(
    'refused',
    `${
      bySql
        ? 'SQL statements would fire triggers of the restored primary'
        : `row events fire triggers of the restored primary (slave_run_triggers_for_rbr=${runsTriggers})`
    }, whose effects are in the window already: ${found.join('; ')}`,
    {
      hint: `${
        bySql
          ? 'Write as row events, which fire none (--engine row-events)'
          : `SET GLOBAL slave_run_triggers_for_rbr='NO' there while the replay runs`
      }, or see to the triggers yourself and give --allow-triggers. Nothing was written.`,
    },
  );
}

function hidden({ schema, table }: TableDefinition): string {
  return `${schema}.${table}: whether it has some can't be seen without TRIGGER`;
}

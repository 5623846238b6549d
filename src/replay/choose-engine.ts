// Which engine a replay writes with: row events where our account may apply them, else SQL. Decides; asks nothing.
import { ReconcileError } from '../reconcile-error.ts';
import type { Grants } from '../server/grants.ts';
import type { ServerSettings } from '../server/settings.ts';
import type { EngineName } from './write-engine.ts';

export interface EngineChoice {
  engine: EngineName;
  /** Whether our account may apply row events, and with them name a transaction's GTID or replication domain. */
  maySpeakReplication: boolean;
  /** Why it is not the engine that is usual, for the operator; null: it is, or he has asked for it. */
  why: string | null;
}

/** What it takes to run BINLOG and to name a transaction, as GRANT writes it. */
export const REPLICATION_PRIVILEGE = { mysql: 'REPLICATION_APPLIER', mariadb: 'BINLOG REPLAY' } as const;

const LOGS_STATEMENTS = 'the restored primary logs nothing but statements (binlog_format=STATEMENT)';

/** A MySQL that logs statements refuses row events; MariaDB logs them all the same. */
export function logsRows(
  flavor: 'mysql' | 'mariadb',
  { logBin, binlogFormat }: Pick<ServerSettings, 'logBin' | 'binlogFormat'>,
): boolean {
  return flavor === 'mariadb' || logBin === false || binlogFormat !== 'STATEMENT';
}

/** `logsRows`: whether the server writes row events into its log at all: see logsRows(). */
export function chooseEngine(
  wanted: EngineName | undefined,
  flavor: 'mysql' | 'mariadb',
  grants: Grants,
  logsRows: boolean,
): EngineChoice {
  const privilege = REPLICATION_PRIVILEGE[flavor];
  const maySpeakReplication = grants.has(privilege) || grants.has('SUPER');
  if (!logsRows && wanted === 'row-events') {
    throw new ReconcileError('refused', `${LOGS_STATEMENTS}: it refuses row events`, {
      hint: 'SET GLOBAL binlog_format=MIXED there, or write by SQL: --engine sql. Nothing was written.',
    });
  }
  if (!logsRows && wanted === undefined)
    return { engine: 'sql', maySpeakReplication, why: `${LOGS_STATEMENTS}, so rows are written by SQL` };
  if (wanted !== undefined || maySpeakReplication)
    return { engine: wanted ?? 'row-events', maySpeakReplication, why: null };
  return {
    engine: 'sql',
    maySpeakReplication,
    why: `the account lacks ${privilege}, so rows are written by SQL statements, not as row events${
      flavor === 'mysql' ? ', and transactions do not keep their GTIDs' : ''
    }`,
  };
}

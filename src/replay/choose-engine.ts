// Which engine a replay writes with: row events where our account may apply them, else SQL. Decides; asks nothing.
import type { Grants } from '../server/grants.ts';
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

export function chooseEngine(
  wanted: EngineName | undefined,
  flavor: 'mysql' | 'mariadb',
  grants: Grants,
): EngineChoice {
  const privilege = REPLICATION_PRIVILEGE[flavor];
  const maySpeakReplication = grants.has(privilege) || grants.has('SUPER');
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

// What the restored primary remembers of the window's transactions beside their rows: the journal, its executed GTIDs,
// and, where those and the rows disagree, its own log. Judges nothing.
import type { Transaction } from '../binlog/transaction.ts';
import { changesColumns, ddlTables } from '../diff/ddl-tables.ts';
import type { Witness } from '../diff/diff-window.ts';
import { journalKey } from '../plan/transaction-digest.ts';
import { ReconcileError } from '../reconcile-error.ts';
import type { FailoverRecord } from '../record/failover-record.ts';
import { isReplay } from '../replay/is-replay.ts';
import type { Journal } from '../replay/journal.ts';
import { readNotes } from '../replay/resolution-notes.ts';
import type { Progress } from '../requests.ts';
import type { Server } from '../server/connection.ts';
import { neverReceived } from '../window/describe-window.ts';
import {
  appliedInLog,
  type RestoredLogStart,
  readRestoredLog,
  statementsInLog,
} from '../window/restored-log.ts';

export interface WitnessSources {
  flavor: 'mysql' | 'mariadb';
  restored: Server;
  journal: Journal;
  record: FailoverRecord | null;
  /** `journal`: the schema of the journal table. */
  request: { progress: Progress; signal: AbortSignal; journal: string };
  /**
   * MySQL with GTIDs, and the failed primary at hand: its executed set. What the restored primary has beside it, it wrote
   * by itself since it led again, or had not passed on.
   */
  failedExecuted: string | null;
  /** Null where GTIDs tell nothing: they are off, or MariaDB's. */
  inExecuted: ((gtid: string) => boolean) | null;
}

export function restoredWitness({
  flavor,
  restored,
  journal,
  record,
  request,
  inExecuted,
  failedExecuted,
}: WitnessSources): Witness {
  const { progress } = request;
  const resolved = readNotes(journal.states);
  const noted = (transaction: Transaction) => {
    if (journal.isEmpty) return undefined;
    const key = journalKey(transaction);
    // With GTIDs only what a policy resolved is in the journal.
    return journal.state(key) ?? journal.state(`${key} resolved`);
  };
  const start = (window: ReadonlySet<string>): RestoredLogStart | null => {
    if (record) return record.old.coordinates;
    return failedExecuted === null ? null : { gtidSet: failedExecuted, also: window };
  };
  async function* sinceFailover(from: RestoredLogStart): AsyncGenerator<Transaction> {
    progress.step(`reading what ${restored.name} itself wrote since the failover`);
    for await (const transaction of readRestoredLog(restored, from)) {
      if (request.signal.aborted)
        throw new ReconcileError('interrupted', 'interrupted while reading the log; nothing was changed');
      yield transaction;
    }
  }
  return {
    flavor,
    mayHaveLacked: mayHaveLacked(record),
    remembered: resolved.size === 0 ? null : (transaction) => resolved.get(journalKey(transaction)) ?? null,
    restoredLog(transactions) {
      let ids: Set<string> | null = null;
      const known = (): Set<string> => {
        if (!ids) {
          ids = new Set();
          for (const { id } of transactions) ids.add(id);
        }
        return ids;
      };
      return {
        read: start(new Set())
          ? () => sinceFailover(start(known())!)
          : 'without a failover record it is not known where its log goes on from there',
        isReplay: (transaction) => isReplay(transaction, known(), request.journal),
      };
    },
    isExecuted(transaction) {
      const state = noted(transaction);
      if (state !== undefined) return state === 'applied';
      return transaction.gtid !== null && inExecuted?.(transaction.gtid) === true;
    },
    async alteredOnRestored(tables) {
      const altered = new Set<string>();
      const from = start(new Set());
      if (!from)
        return {
          altered,
          untold: 'without a failover record it is not known where its log goes on from there',
        };
      try {
        for (const statement of await statementsInLog(restored, from)) {
          // INSERT and its like alter no table, whichever they write.
          if (statement.reason !== 'ddl' || !changesColumns(statement.detail)) continue;
          const named = new Set(ddlTables(statement));
          for (const table of tables) {
            const schema = table.slice(0, table.indexOf('.'));
            if (['*', `${schema}.*`, table].some((name) => named.has(name))) altered.add(table);
          }
        }
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        return { altered, untold: `its log can’t be read (${why})` };
      }
      return { altered, untold: null };
    },
    async appliedOnRestored(transactions) {
      const journaled = transactions.filter((one) => noted(one) === 'applied').map(({ id }) => id);
      const applied = new Set(journaled);
      const gtids = new Set(transactions.map(({ id }) => id).filter((id) => !applied.has(id)));
      if (gtids.size === 0) return applied;
      const many = `${gtids.size} transactions that the restored primary has executed, but whose rows it lacks`;
      const from = start(gtids);
      if (!from) {
        progress.warn(`${many}: without a record its log can’t be searched for them, rows alone decide`);
        return applied;
      }
      progress.step(`searching ${restored.name}'s own log for ${many}`);
      try {
        for (const gtid of await appliedInLog(restored, from, gtids)) applied.add(gtid);
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        progress.warn(`${many}: its log can’t be read (${why}), rows alone decide`);
      }
      return applied;
    },
  };
}

/** Whether a row that the restored primary has not written since is the row that the failed primary found. */
function mayHaveLacked(record: FailoverRecord | null): string | null {
  if (!record) return 'without a failover record it is not known what the failed primary had of it';
  const lacked = neverReceived(record);
  if (lacked === null) return 'without GTIDs it is not known whether the failed primary had the same one';
  return lacked === 0n
    ? null
    : `the failed primary was promoted before ${lacked} transactions of the restored primary had reached it`;
}

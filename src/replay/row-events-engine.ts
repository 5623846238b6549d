// Puts a transaction's rows into BINLOG statements: the log's own bytes, which the server applies as its replication
// would. No value is converted and no trigger fires. Never connects.
import { formatDescriptionEvent, rowEvents } from '../binlog/row-event-writer.ts';
import type { Change, Transaction } from '../binlog/transaction.ts';
import type { WindowTransaction } from '../diff/window-rows.ts';
import type { EngineStatement, WriteEngine } from './write-engine.ts';

/** Bytes of rows in one BINLOG statement, before base64: enough that round trips don't count, little to hold. */
const STATEMENT_BYTES = 1 << 20;
/** Around a row: its event's header, the table map. */
const EVENT_BYTES = 1024;

export function rowEventsEngine(
  flavor: 'mysql' | 'mariadb',
  version: string,
  maxAllowedPacket: number,
): WriteEngine {
  // base64 adds a third; half of the packet leaves room for what is sent with it.
  const limit = Math.min(STATEMENT_BYTES, maxAllowedPacket >> 1);
  const format = formatDescriptionEvent(flavor, version).toString('base64');
  return {
    name: 'row-events',
    opening: [
      `BINLOG '${format}'`,
      // A format description leaves the session without a GTID mode of its own: its next statement would be refused.
      ...(flavor === 'mysql' ? [`SET SESSION GTID_NEXT='AUTOMATIC'`] : []),
    ],
    readsBack: false,
    unwritable: () => null,
    *statements({ transaction }: WindowTransaction): Generator<EngineStatement> {
      let parts: Buffer[] = [];
      let bytes = 0;
      for (const changes of sameTable(transaction, limit)) {
        const size = changes.reduce((sum, change) => sum + changeBytes(change), EVENT_BYTES);
        if (bytes > 0 && bytes + size > limit) {
          yield binlogStatement(parts);
          parts = [];
          bytes = 0;
        }
        const { serverId } = transaction;
        const table = changes[0]!.table;
        parts.push(...rowEvents({ flavor, table, tableId: 1, changes, serverId, maxBytes: limit }));
        bytes += size;
      }
      if (parts.length > 0) yield binlogStatement(parts);
    },
  };
}

function binlogStatement(parts: readonly Buffer[]): EngineStatement {
  // The server forgets to say that more results follow: what came behind it would go unheard.
  return { sql: `BINLOG '${Buffer.concat(parts).toString('base64')}'`, proves: null, last: true };
}

/** Neighbouring changes of one table with the same flags share their events, up to a statement's bytes. */
function* sameTable({ changes }: Transaction, limit: number): Generator<Change[]> {
  let group: Change[] = [];
  let bytes = 0;
  for (const change of changes) {
    const size = changeBytes(change);
    const first = group[0];
    if (first && (first.table !== change.table || first.flags !== change.flags || bytes + size > limit)) {
      yield group;
      group = [];
      bytes = 0;
    }
    group.push(change);
    bytes += size;
  }
  if (group.length > 0) yield group;
}

function changeBytes({ before, after }: Change): number {
  return (before?.bytes.length ?? 0) + (after?.bytes.length ?? 0);
}

// Puts a transaction's rows into BINLOG statements: the log's own bytes, which the server applies as its replication
// would. No value is converted and no trigger fires. Never connects.
import { wholeRowLength } from '../binlog/kept-change.ts';
import { eachChange } from '../binlog/kept-transactions.ts';
import {
  formatDescriptionEvent,
  type RowEventsOptions,
  rowEvents,
  rowsEvents,
  tableMapEvent,
} from '../binlog/row-event-writer.ts';
import type { TableMap } from '../binlog/table-map.ts';
import type { Change, Transaction } from '../binlog/transaction.ts';
import type { WindowTransaction } from '../diff/window-rows.ts';
import { type EngineStatement, plainStatement, type WriteEngine } from './write-engine.ts';

/**
 * Bytes of rows in one BINLOG statement, before base64: enough that round trips don't count, and so little that the server
 * works on one while the rows of the one before are judged.
 */
const STATEMENT_BYTES = 1 << 18;
/** Around a row: its event's header, the table map. */
const EVENT_BYTES = 1024;

/** `unwritable`: see WriteEngine; what the server's applier must not be given. */
export function rowEventsEngine(
  flavor: 'mysql' | 'mariadb',
  version: string,
  maxAllowedPacket: number,
  unwritable: WriteEngine['unwritable'] = () => null,
): WriteEngine {
  // base64 adds a third; half of the packet leaves room for what is sent with it.
  const limit = Math.min(STATEMENT_BYTES, maxAllowedPacket >> 1);
  const format = [formatDescriptionEvent(flavor, version)];
  return {
    name: 'row-events',
    opening: [
      binlogStatement(format),
      // A format description leaves the session without a GTID mode of its own: its next statement would be refused.
      ...(flavor === 'mysql' ? [plainStatement(`SET SESSION GTID_NEXT='AUTOMATIC'`)] : []),
    ],
    readsBack: false,
    unwritable,
    *statements({ transaction }: WindowTransaction): Generator<EngineStatement> {
      const common = { flavor, serverId: transaction.serverId, maxBytes: limit };
      let groups: Change[][] = [];
      let bytes = 0;
      let count = 0;
      for (const { changes, size } of sameTable(transaction, limit)) {
        if (bytes > 0 && bytes + size > limit) {
          yield binlogStatement(eventsOf(groups, common), count);
          groups = [];
          bytes = 0;
        }
        groups.push(changes);
        bytes += size;
        count += changes.length;
      }
      if (groups.length > 0) yield binlogStatement(eventsOf(groups, common), count);
    },
  };
}

type Common = Pick<RowEventsOptions, 'flavor' | 'maxBytes'> & { serverId: number };

/** The tables of a statement are opened at once and closed at once: where it can be one, the server has less to do. */
function eventsOf(groups: readonly Change[][], { flavor, serverId, maxBytes }: Common): Buffer[] {
  const maps: TableMap[] = [];
  for (const [change] of groups) if (!maps.includes(change!.table)) maps.push(change!.table);
  const isOne = canBeOne(groups, maps);
  const events = isOne ? maps.map((table, i) => tableMapEvent({ table, tableId: i + 1, serverId })) : [];
  for (const [i, changes] of groups.entries()) {
    const { table } = changes[0]!;
    const options = { flavor, serverId, maxBytes, table, tableId: maps.indexOf(table) + 1, changes };
    if (isOne) events.push(...rowsEvents(options, i === groups.length - 1));
    else events.push(...rowEvents(options));
  }
  return events;
}

/** The server takes a statement's flags from its first rows, and a table that was altered in between has two descriptions. */
function canBeOne(groups: readonly Change[][], maps: readonly TableMap[]): boolean {
  const { flags } = groups[0]![0]!;
  for (const [change] of groups) if (change!.flags !== flags) return false;
  return maps.every((map, i) => {
    for (let k = 0; k < i; k++)
      if (maps[k]!.table === map.table && maps[k]!.schema === map.schema) return false;
    return true;
  });
}

function binlogStatement(parts: readonly Buffer[], changes = 0): EngineStatement {
  const sql = `BINLOG '${Buffer.concat(parts).toString('base64')}'`;
  // The server forgets to say that more results follow: what came behind it would go unheard.
  return { sql, proves: null, last: true, changes };
}

interface Group {
  changes: Change[];
  /** Bytes, that of the events around the rows included. */
  size: number;
}

/** Neighbouring changes of one table with the same flags share their events, up to a statement's bytes. */
function* sameTable(transaction: Transaction, limit: number): Generator<Group> {
  let group: Group | null = null;
  for (const change of eachChange(transaction)) {
    const bytes = wholeRowLength(change) ?? imageBytes(change, 'before') + imageBytes(change, 'after');
    const first: Change | undefined = group?.changes[0];
    if (
      group &&
      first?.table === change.table &&
      first.flags === change.flags &&
      group.size + bytes <= limit
    ) {
      group.changes.push(change);
      group.size += bytes;
      continue;
    }
    if (group) yield group;
    group = { changes: [change], size: EVENT_BYTES + bytes };
  }
  if (group) yield group;
}

function imageBytes(change: Change, side: 'before' | 'after'): number {
  return change[side]?.bytes.length ?? 0;
}

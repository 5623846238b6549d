// The event type codes of both flavours and their names. Facts only: MySQL's libs/mysql/binlog/event/binlog_event.h,
// MariaDB's sql/log_event.h.

/** Begins the files of MySQL before 5.0, which know no format description. */
export const START_V3 = 1;
export const QUERY = 2;
export const STOP = 3;
export const ROTATE = 4;
export const INTVAR = 5;
export const LOAD = 6;
export const SLAVE = 7;
export const CREATE_FILE = 8;
export const APPEND_BLOCK = 9;
export const EXEC_LOAD = 10;
export const DELETE_FILE = 11;
export const NEW_LOAD = 12;
export const RAND = 13;
export const USER_VAR = 14;
export const FORMAT_DESCRIPTION = 15;
export const XID = 16;
export const BEGIN_LOAD_QUERY = 17;
export const EXECUTE_LOAD_QUERY = 18;
export const TABLE_MAP = 19;
export const WRITE_ROWS_V1 = 23;
export const UPDATE_ROWS_V1 = 24;
export const DELETE_ROWS_V1 = 25;
export const INCIDENT = 26;
export const HEARTBEAT = 27;
export const IGNORABLE = 28;
export const ROWS_QUERY = 29;
export const WRITE_ROWS = 30;
export const UPDATE_ROWS = 31;
export const DELETE_ROWS = 32;
export const GTID = 33;
export const ANONYMOUS_GTID = 34;
export const PREVIOUS_GTIDS = 35;
export const TRANSACTION_CONTEXT = 36;
export const VIEW_CHANGE = 37;
export const XA_PREPARE = 38;
export const PARTIAL_UPDATE_ROWS = 39;
export const TRANSACTION_PAYLOAD = 40;
export const HEARTBEAT_V2 = 41;
export const GTID_TAGGED = 42;
export const MARIADB_ANNOTATE_ROWS = 160;
export const MARIADB_BINLOG_CHECKPOINT = 161;
export const MARIADB_GTID = 162;
export const MARIADB_GTID_LIST = 163;
export const MARIADB_START_ENCRYPTION = 164;
export const MARIADB_QUERY_COMPRESSED = 165;
export const MARIADB_WRITE_ROWS_COMPRESSED = 166;
export const MARIADB_UPDATE_ROWS_COMPRESSED = 167;
export const MARIADB_DELETE_ROWS_COMPRESSED = 168;

/** Set in the common header's flags where a reader that does not know the type may pass over it. */
export const FLAG_IGNORABLE = 0x80;
/** Set in a format description while its file is being written; not covered by the checksum. */
export const FLAG_IN_USE = 0x01;
/** Set in events that the server makes up for the protocol. */
export const FLAG_ARTIFICIAL = 0x20;
/** Set in what a replica itself writes to its relay log: the format description at the head, the rotation at the end. */
export const FLAG_RELAY_LOG = 0x40;

const names = new Map<number, string>([
  [QUERY, 'QUERY'],
  [STOP, 'STOP'],
  [ROTATE, 'ROTATE'],
  [INTVAR, 'INTVAR'],
  [LOAD, 'LOAD'],
  [SLAVE, 'SLAVE'],
  [CREATE_FILE, 'CREATE_FILE'],
  [APPEND_BLOCK, 'APPEND_BLOCK'],
  [EXEC_LOAD, 'EXEC_LOAD'],
  [DELETE_FILE, 'DELETE_FILE'],
  [NEW_LOAD, 'NEW_LOAD'],
  [RAND, 'RAND'],
  [USER_VAR, 'USER_VAR'],
  [FORMAT_DESCRIPTION, 'FORMAT_DESCRIPTION'],
  [XID, 'XID'],
  [BEGIN_LOAD_QUERY, 'BEGIN_LOAD_QUERY'],
  [EXECUTE_LOAD_QUERY, 'EXECUTE_LOAD_QUERY'],
  [TABLE_MAP, 'TABLE_MAP'],
  [WRITE_ROWS_V1, 'WRITE_ROWS_V1'],
  [UPDATE_ROWS_V1, 'UPDATE_ROWS_V1'],
  [DELETE_ROWS_V1, 'DELETE_ROWS_V1'],
  [INCIDENT, 'INCIDENT'],
  [HEARTBEAT, 'HEARTBEAT'],
  [IGNORABLE, 'IGNORABLE'],
  [ROWS_QUERY, 'ROWS_QUERY'],
  [WRITE_ROWS, 'WRITE_ROWS'],
  [UPDATE_ROWS, 'UPDATE_ROWS'],
  [DELETE_ROWS, 'DELETE_ROWS'],
  [GTID, 'GTID'],
  [ANONYMOUS_GTID, 'ANONYMOUS_GTID'],
  [PREVIOUS_GTIDS, 'PREVIOUS_GTIDS'],
  [TRANSACTION_CONTEXT, 'TRANSACTION_CONTEXT'],
  [VIEW_CHANGE, 'VIEW_CHANGE'],
  [XA_PREPARE, 'XA_PREPARE'],
  [PARTIAL_UPDATE_ROWS, 'PARTIAL_UPDATE_ROWS'],
  [TRANSACTION_PAYLOAD, 'TRANSACTION_PAYLOAD'],
  [HEARTBEAT_V2, 'HEARTBEAT_V2'],
  [GTID_TAGGED, 'GTID_TAGGED'],
  [MARIADB_ANNOTATE_ROWS, 'ANNOTATE_ROWS'],
  [MARIADB_BINLOG_CHECKPOINT, 'BINLOG_CHECKPOINT'],
  [MARIADB_GTID, 'MARIADB_GTID'],
  [MARIADB_GTID_LIST, 'GTID_LIST'],
  [MARIADB_START_ENCRYPTION, 'START_ENCRYPTION'],
  [MARIADB_QUERY_COMPRESSED, 'QUERY_COMPRESSED'],
  [MARIADB_WRITE_ROWS_COMPRESSED, 'WRITE_ROWS_COMPRESSED'],
  [MARIADB_UPDATE_ROWS_COMPRESSED, 'UPDATE_ROWS_COMPRESSED'],
  [MARIADB_DELETE_ROWS_COMPRESSED, 'DELETE_ROWS_COMPRESSED'],
]);

/** `TABLE_MAP`, or `TYPE_77` for a code that neither flavour has given out so far. */
export function eventTypeName(type: number): string {
  return names.get(type) ?? `TYPE_${type}`;
}

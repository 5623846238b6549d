// Where a server's binary log stands, in file and position and in GTIDs. Never reads the log itself.
import { ReconcileError } from '../reconcile-error.ts';
import type { Server, TextRow } from './connection.ts';
import { GtidSet } from './gtid-set.ts';
import { readIdentity, type ServerIdentity, versionNumber } from './identity.ts';
import { MariadbGtidPosition } from './mariadb-gtid-position.ts';
import { quoteText } from './sql-text.ts';
import { globalVariables } from './variables.ts';

export interface Coordinates {
  file: string;
  /** The end of the log: the offset that the next event will have. */
  position: number;
  /**
   * MySQL: gtid_executed, canonical on one line; null with gtid_mode=OFF. MariaDB: the GTID position of file and
   * position ('' before the first transaction).
   */
  gtidSet: string | null;
}

export interface BinaryLog {
  name: string;
  /** Bytes. */
  size: number;
  encrypted: boolean;
}

const TRIES = 3;

/** Throws ReconcileError('unsupported') where the binary log is off. */
export async function readCoordinates(server: Server): Promise<Coordinates> {
  const identity = await readIdentity(server);
  const variables = await globalVariables(server, ['gtid_mode', 'log_bin']);
  if (variables.get('log_bin') !== 'ON') throw logOff(server);
  const read = async (): Promise<Coordinates> => {
    const { row, ...place } = await binlogStatus(server, identity);
    if (identity.flavor === 'mariadb') return { ...place, gtidSet: await mariadbGtids(server, place) };
    if (variables.get('gtid_mode') === 'OFF') return { ...place, gtidSet: null };
    return { ...place, gtidSet: GtidSet.parse(row.Executed_Gtid_Set ?? '').toString() };
  };
  // Commits that are under way make position and GTID set disagree for a moment: take them when they stand still.
  let coordinates = await read();
  for (let tries = 1; tries < TRIES && identity.flavor === 'mysql'; tries++) {
    const again = await read();
    const same = again.position === coordinates.position && again.gtidSet === coordinates.gtidSet;
    coordinates = again;
    if (same) break;
  }
  return coordinates;
}

/** Where the log ends now, without its GTIDs: cheap enough to be asked again and again. */
export async function readLogEnd(server: Server): Promise<{ file: string; position: number }> {
  const { file, position } = await binlogStatus(server, await readIdentity(server));
  return { file, position };
}

async function binlogStatus(
  server: Server,
  identity: ServerIdentity,
): Promise<{ file: string; position: number; row: TextRow }> {
  const isNew = identity.flavor === 'mysql' && versionNumber(identity) >= 80200;
  const [row] = await server.query(isNew ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS');
  if (!row?.File) throw logOff(server);
  return { file: row.File, position: Number(row.Position), row };
}

/** Oldest first. Throws ReconcileError('privilege') without REPLICATION CLIENT (MariaDB: BINLOG MONITOR). */
export async function binaryLogs(server: Server): Promise<BinaryLog[]> {
  const rows = await server.query('SHOW BINARY LOGS');
  return rows.map((row) => ({
    name: row.Log_name!,
    size: Number(row.File_size),
    encrypted: row.Encrypted === 'Yes',
  }));
}

/** How many events stand at most before the one that says it: a format description, START_ENCRYPTION. */
const HEAD_EVENTS = 4;

/**
 * The GTIDs that stand before a binary log of the server, in its flavour's notation: what the file itself says. null: it
 * says nothing. Throws ReconcileError('privilege') without REPLICATION SLAVE (MariaDB: BINLOG MONITOR).
 */
export async function gtidsBeforeLog(server: Server, file: string): Promise<string | null> {
  const events = await server.query(`SHOW BINLOG EVENTS IN ${quoteText(file)} LIMIT ${HEAD_EVENTS}`);
  const event = events.find(({ Event_type: type }) => type === 'Previous_gtids' || type === 'Gtid_list');
  if (event === undefined) return null;
  return (event.Info ?? '').replace(/[[\]\s]/g, '');
}

/**
 * All that a server has executed, as text of its flavour: gtid_executed, or MariaDB's gtid_current_pos (its own and
 * what it replicated). Null with gtid_mode=OFF.
 */
export async function readExecuted(server: Server): Promise<string | null> {
  const variables = await globalVariables(server, [
    'gtid_mode',
    'gtid_executed',
    'gtid_domain_id',
    'gtid_current_pos',
  ]);
  if (variables.has('gtid_domain_id')) {
    // Not in SHOW VARIABLES of every version.
    const [row] = await server.query('SELECT @@GLOBAL.gtid_current_pos AS position');
    return MariadbGtidPosition.parse(row?.position ?? '').toString();
  }
  if ((variables.get('gtid_mode') ?? 'OFF') === 'OFF') return null;
  return GtidSet.parse(variables.get('gtid_executed') ?? '').toString();
}

/** MySQL's gtid_executed, which outlives gtid_mode=ON. */
export async function readGtidExecuted(server: Server): Promise<string> {
  const [row] = await server.query('SELECT @@GLOBAL.gtid_executed AS gtids');
  return GtidSet.parse(row?.gtids ?? '').toString();
}

async function mariadbGtids(server: Server, place: { file: string; position: number }): Promise<string> {
  // Exactly for this position, whatever is committed meanwhile; NULL where the file's index can't tell.
  const [exact] = await server.query(
    `SELECT BINLOG_GTID_POS(${quoteText(place.file)}, ${place.position}) AS position`,
  );
  if (exact?.position != null) return MariadbGtidPosition.parse(exact.position).toString();
  const [row] = await server.query('SELECT @@GLOBAL.gtid_binlog_pos AS position');
  return MariadbGtidPosition.parse(row?.position ?? '').toString();
}

function logOff(server: Server): ReconcileError {
  return new ReconcileError('unsupported', `${server.name}: the binary log is off (log_bin=OFF)`, {
    hint: 'Without it nothing of what this server wrote can be found again. Start the server with --log-bin.',
  });
}

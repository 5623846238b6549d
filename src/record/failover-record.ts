// The failover record: its shape, and reading it back. Never asks a server.
import { readFile } from 'node:fs/promises';
import { fileReason, ReconcileError } from '../reconcile-error.ts';
import { GtidSet } from '../server/gtid-set.ts';
import type { ServerIdentity } from '../server/identity.ts';
import { MariadbGtidPosition } from '../server/mariadb-gtid-position.ts';

export const RECORD_VERSION = 1;
const EDITED = 'Was it edited or cut short? `reconcile record` writes it.';

export interface RecordedServer extends ServerIdentity {
  /** Where the record's taker reached it. `port` is that address's too. */
  host: string;
  port: number;
  /** Whom the record's taker connected as: what later commands try where they are told nothing else. No secret. */
  user: string | null;
  /** Null: MariaDB, or a server without the setting. */
  gtidMode: string | null;
  coordinates: { file: string; position: number; gtidSet: string | null };
  /** All it had executed, its own and what it replicated; its log may hold less. Null: GTIDs are off. */
  executed?: string | null;
  /** ServerSettings, without what the server doesn't have. */
  settings: Record<string, string | number | boolean>;
}

export interface FailoverRecord {
  version: typeof RECORD_VERSION;
  /** Null: nobody gave a name. */
  cluster: string | null;
  /** ISO 8601, UTC. */
  recordedAt: string;
  /** The primary that gave up its role, and gets it back: the restored primary. */
  old: RecordedServer;
  /** The primary that took over: the failed one. */
  new: RecordedServer;
}

/** Throws ReconcileError('input') with every fault in the file. */
export async function loadRecord(path: string): Promise<FailoverRecord> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new ReconcileError('input', `failover record ${path} can't be read: ${fileReason(cause)}`, {
      hint: 'Name it with --record FILE. Without one name the servers, and for a diff where to begin: --start-position FILE:POS or --start-gtid-set SET.',
      cause,
    });
  }
  return parseRecord(text, path);
}

/** `path` is for messages. Throws ReconcileError('input') with every fault, each with its place in the document. */
export function parseRecord(text: string, path: string): FailoverRecord {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    // Not what the parser says: it quotes what stands in the file, and that may be an option file with a password.
    const fault = text.trim() === '' ? 'is empty' : 'is no JSON';
    throw new ReconcileError('input', `failover record ${path} ${fault}`, { hint: EDITED });
  }
  const version = isObject(document) ? document.version : undefined;
  if (typeof version === 'number' && version !== RECORD_VERSION) {
    throw new ReconcileError(
      'input',
      `${path} is a failover record of version ${version}; this reconcile reads ${RECORD_VERSION}`,
      {
        hint:
          version > RECORD_VERSION
            ? 'Use the reconcile that wrote it, or a later one.'
            : 'Take a new record.',
      },
    );
  }
  const faults = new Faults();
  if (!isObject(document)) faults.add('', 'is no object');
  else {
    if (version !== RECORD_VERSION) faults.add('version', `must be ${RECORD_VERSION}`);
    if (document.cluster !== null) faults.text(document, '', 'cluster');
    if (
      typeof document.recordedAt !== 'string' ||
      !/^\d{4}-\d\d-\d\dT.*Z$/.test(document.recordedAt) ||
      Number.isNaN(Date.parse(document.recordedAt))
    ) {
      faults.add('recordedAt', 'must be a time in UTC, like 2026-11-20T10:00:00.000Z');
    }
    for (const side of ['old', 'new']) checkServer(document[side], side, faults);
  }
  if (faults.list.length > 0) {
    throw new ReconcileError(
      'input',
      `${path} is no failover record:\n${faults.list.map((fault) => `  ${fault}`).join('\n')}`,
      {
        hint: EDITED,
      },
    );
  }
  return document as FailoverRecord;
}

function checkServer(server: unknown, path: string, faults: Faults): void {
  if (!isObject(server)) {
    faults.add(path, 'is missing');
    return;
  }
  faults.text(server, path, 'host');
  faults.integer(server, path, 'port', 1, 65535);
  const flavor = server.flavor;
  if (flavor !== 'mysql' && flavor !== 'mariadb')
    faults.add(`${path}.flavor`, 'must be "mysql" or "mariadb"');
  faults.text(server, path, 'version');
  faults.integer(server, path, 'serverId', 0, 0xffffffff);
  faults.text(server, path, 'hostname', { empty: true });
  if (flavor === 'mysql') {
    const uuid = server.uuid;
    if (typeof uuid !== 'string' || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uuid)) {
      faults.add(`${path}.uuid`, 'must be a server uuid');
    }
  } else if (server.uuid !== null && flavor === 'mariadb')
    faults.add(`${path}.uuid`, 'must be null for MariaDB');
  if (server.uid !== null && server.uid !== undefined) faults.text(server, path, 'uid');
  if (server.user !== null && server.user !== undefined) faults.text(server, path, 'user');
  if (server.gtidMode !== null) faults.text(server, path, 'gtidMode');
  if (!isObject(server.settings)) faults.add(`${path}.settings`, 'is missing');
  const coordinates = server.coordinates;
  if (!isObject(coordinates)) {
    faults.add(`${path}.coordinates`, 'is missing');
    return;
  }
  faults.text(coordinates, `${path}.coordinates`, 'file');
  // The first event stands behind the four bytes of the magic number.
  faults.integer(coordinates, `${path}.coordinates`, 'position', 4, Number.MAX_SAFE_INTEGER);
  const { gtidSet } = coordinates;
  if (gtidSet === null) return;
  try {
    if (typeof gtidSet !== 'string') throw new Error('no text');
    if (flavor === 'mariadb') MariadbGtidPosition.parse(gtidSet);
    else GtidSet.parse(gtidSet);
  } catch {
    faults.add(
      `${path}.coordinates.gtidSet`,
      flavor === 'mariadb' ? 'is no GTID position' : 'is no GTID set, and not null',
    );
  }
}

class Faults {
  readonly list: string[] = [];

  add(path: string, fault: string): void {
    this.list.push(path === '' ? `the document ${fault}` : `${path} ${fault}`);
  }

  text(holder: Record<string, unknown>, path: string, name: string, { empty = false } = {}): void {
    const value = holder[name];
    const place = path === '' ? name : `${path}.${name}`;
    if (value === undefined) this.add(place, 'is missing');
    else if (typeof value !== 'string' || (value === '' && !empty)) this.add(place, 'must be a text');
  }

  integer(holder: Record<string, unknown>, path: string, name: string, least: number, most: number): void {
    const value = holder[name];
    if (value === undefined) this.add(`${path}.${name}`, 'is missing');
    else if (!Number.isSafeInteger(value) || (value as number) < least || (value as number) > most) {
      this.add(`${path}.${name}`, `must be a whole number from ${least} to ${most}`);
    }
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

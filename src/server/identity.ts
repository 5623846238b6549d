// Who a server is: flavour, version, and the names by which it is told from every other. Asks once, decides nothing.
import { ReconcileError } from '../reconcile-error.ts';
import type { Server } from './connection.ts';
import { globalVariables } from './variables.ts';

export type Flavor = 'mysql' | 'mariadb';

export interface ServerIdentity {
  flavor: Flavor;
  /** As the server says it: `9.7.4`, `11.8.6-MariaDB-log`. */
  version: string;
  serverId: number;
  /** MySQL's server_uuid. MariaDB has none: null. */
  uuid: string | null;
  /** MariaDB's server_uid: a hash of network card and port. It changes with a container's address. MySQL: null. */
  uid: string | null;
  hostname: string;
  port: number;
}

/** Throws ReconcileError('unsupported') for servers older than MySQL 5.7 or MariaDB 10.2. */
export function readIdentity(server: Server): Promise<ServerIdentity> {
  // A server object is one connection that never reconnects: the answer can't change under it.
  let identity = known.get(server);
  if (!identity) {
    identity = askIdentity(server);
    known.set(server, identity);
  }
  return identity;
}

const known = new WeakMap<Server, Promise<ServerIdentity>>();

async function askIdentity(server: Server): Promise<ServerIdentity> {
  const names = ['version', 'server_id', 'server_uuid', 'server_uid', 'gtid_domain_id', 'hostname', 'port'];
  const variables = await globalVariables(server, names);
  // A variable that only MariaDB has: its version text can be anything (--version=…, proxies).
  const flavor: Flavor = variables.has('gtid_domain_id') ? 'mariadb' : 'mysql';
  const identity: ServerIdentity = {
    flavor,
    version: variables.get('version') ?? '',
    serverId: Number(variables.get('server_id')),
    uuid: flavor === 'mysql' ? (variables.get('server_uuid')?.toLowerCase() ?? null) : null,
    uid: variables.get('server_uid') ?? null,
    hostname: variables.get('hostname') ?? '',
    port: Number(variables.get('port')),
  };
  const oldest = flavor === 'mysql' ? 50700 : 100200;
  if (versionNumber(identity) < oldest) {
    throw new ReconcileError('unsupported', `${server.name}: ${identity.version} is too old`, {
      hint: 'MySQL 5.7 and later, and MariaDB 10.2 and later, are supported.',
    });
  }
  return identity;
}

/** 9.7.4 is 90704, 10.11.18 is 101118: comparable within one flavour only. */
export function versionNumber(identity: Pick<ServerIdentity, 'version' | 'flavor'>): number {
  // Proxies put 5.5.5- before a MariaDB's version.
  const text = identity.flavor === 'mariadb' ? identity.version.replace(/^5\.5\.5-/, '') : identity.version;
  const parts = /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return parts ? Number(parts[1]) * 10000 + Number(parts[2]) * 100 + Number(parts[3] ?? 0) : 0;
}

/** `uuid …` or `server id 2 (db2:3306)`, for messages. */
export function describeIdentity(
  identity: Pick<ServerIdentity, 'uuid' | 'serverId' | 'hostname' | 'port'>,
): string {
  if (identity.uuid !== null) return `server uuid ${identity.uuid}`;
  return `server id ${identity.serverId} (${identity.hostname}:${identity.port})`;
}

/**
 * Whether both are one running server, reached by two ways. MariaDB: server ids are unique within a topology only if
 * its administrators keep them so, therefore all names have to agree.
 */
export function isSameServer(one: ServerIdentity, other: ServerIdentity): boolean {
  if (one.flavor !== other.flavor) return false;
  if (one.uuid !== null && other.uuid !== null) return one.uuid === other.uuid;
  return (
    one.serverId === other.serverId &&
    one.hostname === other.hostname &&
    one.port === other.port &&
    one.uid === other.uid
  );
}

/**
 * Whether a server is the one that was recorded. MariaDB: by server id alone, for a host name or a port may differ
 * after a crash (another container, another interface), and the binlog of its writes carries the server id.
 */
export function isRecordedServer(
  now: Pick<ServerIdentity, 'flavor' | 'uuid' | 'serverId'>,
  recorded: Pick<ServerIdentity, 'flavor' | 'uuid' | 'serverId'>,
): boolean {
  if (now.flavor !== recorded.flavor) return false;
  if (recorded.uuid !== null) return now.uuid === recorded.uuid;
  return now.serverId === recorded.serverId;
}

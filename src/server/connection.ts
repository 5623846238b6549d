// Connections to one server: made alike, set up alike, closed together. Knows no SQL beyond the session's settings.
import type { Connection, ConnectionOptions } from 'mysql2/promise';
import { connectionError, statementError } from './connection-errors.ts';
import { describeAddress, type ServerAddress } from './server-address.ts';
import type { ServerChoice, ServerRole } from './server-choice.ts';
import { prepareSession } from './session-settings.ts';
import { loadSsl } from './tls.ts';

export type RawConnection = Connection;
/** Values as text, whatever their type. */
export type TextRow = Record<string, string | null>;

export interface Server {
  readonly role: ServerRole;
  readonly address: ServerAddress;
  readonly user: string;
  /** For messages: `failed primary db2:3306`. */
  readonly name: string;
  /** For the replication client. Holds the password: never print it. */
  readonly connectionOptions: Readonly<ConnectionOptions>;
  /** The main connection: for look-ups of a few rows. Everything that streams or writes opens its own. */
  readonly connection: RawConnection;
  readonly encrypted: boolean;
  /** Throws ReconcileError: 'privilege', 'connection' or 'internal', the driver's error (with `errno`) as its cause. */
  query(sql: string): Promise<TextRow[]>;
  /** Another connection with the same settings. Closed with the server, or earlier by its user. */
  open(options?: { multipleStatements?: boolean }): Promise<RawConnection>;
  /** Says goodbye to all connections; never throws. */
  close(): Promise<void>;
}

const CONNECT_SECONDS = 10;

/** Throws ReconcileError('connection') with a hint; 'usage' or 'input' for TLS options that can't be. */
export async function connectServer(
  choice: ServerChoice,
  name = `${choice.role} primary ${describeAddress(choice.address)}`,
): Promise<Server> {
  const { role, address, credentials, tls } = choice;
  const subject = {
    name,
    role,
    host: address.host,
    user: credentials.user,
    passwordGiven: credentials.password !== undefined && credentials.password !== '',
    seconds: CONNECT_SECONDS,
  };
  const options: ConnectionOptions = {
    ...(address.socketPath === undefined
      ? { host: address.host, port: address.port }
      : { socketPath: address.socketPath }),
    user: credentials.user,
    ...(credentials.password === undefined ? {} : { password: credentials.password }),
    charset: 'UTF8MB4_BIN',
    connectTimeout: CONNECT_SECONDS * 1000,
    // Live traffic's numbers are ours to carry, not to round: no part of mysql2 may make a JavaScript number of them.
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    // None is prepared, and the driver makes room for 16,000 on each of up to 64 connections.
    maxPreparedStatements: 1,
  };
  const ssl = loadSsl(tls, address);
  if (ssl) options.ssl = ssl;

  let sessionStatement: string | null = null;
  const opened = new Set<RawConnection>();
  const open = async (extra: { multipleStatements?: boolean } = {}): Promise<RawConnection> => {
    // Loaded only here: it takes as long as reading 30 MB of binlog, and files need no driver.
    const { createConnection } = await import('mysql2/promise');
    let connection: RawConnection | undefined;
    try {
      connection = await createConnection({ ...options, ...extra });
      // A connection that breaks while idle emits 'error': unheard, that would end the process. The next query says it.
      connection.on('error', () => {});
      if (sessionStatement === null) sessionStatement = await prepareSession(connection);
      else await connection.query(sessionStatement);
    } catch (cause) {
      connection?.destroy();
      throw cause;
    }
    const made = connection;
    opened.add(made);
    made.once('end', () => opened.delete(made));
    return made;
  };

  let main: RawConnection;
  try {
    main = await open().catch((cause: unknown) => {
      if (tls.mode !== 'PREFERRED' || (cause as { code?: string }).code !== 'HANDSHAKE_NO_SSL_SUPPORT')
        throw cause;
      delete options.ssl;
      return open();
    });
  } catch (cause) {
    throw connectionError(subject, cause);
  }

  return {
    role,
    address,
    user: credentials.user,
    name,
    connectionOptions: options,
    connection: main,
    encrypted: options.ssl !== undefined,
    async query(sql) {
      try {
        const [rows] = await main.query({ sql, typeCast: (field) => field.string('utf8') });
        return Array.isArray(rows) ? (rows as unknown as TextRow[]) : [];
      } catch (cause) {
        throw statementError(name, sql, cause);
      }
    },
    open: (extra) =>
      open(extra).catch((cause: unknown) => {
        throw connectionError(subject, cause);
      }),
    async close() {
      const connections = [...opened];
      opened.clear();
      await Promise.all(connections.map(closeConnection));
    },
  };
}

/** COM_QUIT, or the socket cut where the server does not answer it. */
export async function closeConnection(connection: RawConnection): Promise<void> {
  const deadline = setTimeout(() => connection.destroy(), 1000);
  await connection.end().catch(() => connection.destroy());
  clearTimeout(deadline);
}

// Turns what mysql2 and the operating system say into one sentence with a way out. Never holds a password.
import { ReconcileError } from '../reconcile-error.ts';
import { waysToGivePassword } from './credentials.ts';

/** Whom the message is about. `name`: `failed primary db2:3306`. */
export interface ConnectionSubject {
  name: string;
  role: string;
  host: string;
  user: string;
  passwordGiven: boolean;
  seconds: number;
}

interface DriverError extends Error {
  code?: string;
  errno?: number;
  /** net.connect tried IPv6 and IPv4: an AggregateError whose own message is empty. */
  errors?: Error[];
}

export function connectionError(subject: ConnectionSubject, cause: unknown): ReconcileError {
  if (cause instanceof ReconcileError) return cause;
  const error = cause as DriverError;
  const [reason, hint] = explain(subject, error);
  return new ReconcileError('connection', `${subject.name}: ${reason}`, { hint, cause });
}

function explain(subject: ConnectionSubject, error: DriverError): [reason: string, hint: string] {
  const { role, host, user } = subject;
  const serverMessage = error.message || error.errors?.[0]?.message || String(error.code ?? 'unknown error');
  switch (error.code) {
    case 'ER_ACCESS_DENIED_ERROR':
    case 'ER_DBACCESS_DENIED_ERROR':
    case 'ER_ACCESS_DENIED_NO_PASSWORD_ERROR':
      return subject.passwordGiven
        ? [
            `access denied for user ${user} (a password was given)`,
            `Check user and password. ${waysToGivePassword(role)}`,
          ]
        : [`access denied for user ${user} (no password was given)`, waysToGivePassword(role)];
    case 'ECONNREFUSED':
      return [
        'nothing listens there (connection refused)',
        `Is the server up, and is this its host and port?${whereGone(role)}`,
      ];
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return [
        `the host name ${host} can't be resolved`,
        `Check the name, or give an IP address.${whereGone(role)}`,
      ];
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return [
        'the host is unreachable',
        `Check the network between this machine and the server.${whereGone(role)}`,
      ];
    case 'ETIMEDOUT':
      return [
        `no answer within ${subject.seconds} seconds`,
        `The host may be down, or a firewall drops the packets. Try from a machine in the same network.${whereGone(role)}`,
      ];
    case 'ENOENT':
      return ['there is no such socket', 'Is the server up, and is this its socket (SELECT @@socket)?'];
    case 'EACCES':
      return ['this user may not open the socket', 'Run as a user who may, or connect over TCP.'];
    case 'HANDSHAKE_NO_SSL_SUPPORT':
      return [
        'the server offers no TLS',
        'Set up TLS on the server, or allow plain text with --ssl-mode PREFERRED.',
      ];
    case 'HANDSHAKE_SSL_ERROR':
      return [
        `TLS failed: ${serverMessage}`,
        'Check --ssl-ca, --ssl-cert, --ssl-key and --ssl-mode (VERIFY_IDENTITY compares the host name too).',
      ];
    case 'ER_SECURE_TRANSPORT_REQUIRED':
      return ['the server takes encrypted connections only', 'Use --ssl-mode REQUIRED.'];
    case 'ER_CON_COUNT_ERROR':
    case 'ER_TOO_MANY_USER_CONNECTIONS':
    case 'ER_USER_LIMIT_REACHED':
      return [
        `too many connections (${serverMessage})`,
        "Free some, or use the server's admin_port or extra_port.",
      ];
    case 'ER_HOST_NOT_PRIVILEGED':
    case 'ER_HOST_IS_BLOCKED':
      return [
        `this machine may not connect: ${serverMessage}`,
        'Grant the account from this host, or run elsewhere.',
      ];
    case 'ER_ACCOUNT_HAS_BEEN_LOCKED':
      return [`the account ${user} is locked`, 'ALTER USER … ACCOUNT UNLOCK, or use another account.'];
    case 'ER_MUST_CHANGE_PASSWORD':
    case 'ER_MUST_CHANGE_PASSWORD_LOGIN':
      return [`the password of ${user} has expired`, 'Change it on the server, or use another account.'];
    case 'ER_SERVER_OFFLINE_MODE':
      return [
        'the server is in offline mode',
        'SET GLOBAL offline_mode=OFF, or use an account with CONNECTION_ADMIN.',
      ];
    case 'AUTH_SWITCH_PLUGIN_ERROR':
      return [
        `the account ${user} logs in by a method that is not supported here: ${serverMessage}`,
        'Use an account with caching_sha2_password or mysql_native_password.',
      ];
    case 'PROTOCOL_CONNECTION_LOST':
    case 'ECONNRESET':
    case 'EPIPE':
      return [
        'the server closed the connection',
        'Is it a MySQL or MariaDB server, and up? Its error log may say why.',
      ];
    case 'ER_SPECIFIC_ACCESS_DENIED_ERROR':
      return [
        `the session can't be set up: ${serverMessage}`,
        'Grant SESSION_VARIABLES_ADMIN to the account.',
      ];
    default:
      return [serverMessage, "See the server's error log."];
  }
}

/** A failed primary that is down is what this tool is for. */
function whereGone(role: string): string {
  return role === 'failed' ? ' If it is gone: --binlog DIR, with its binlog files.' : '';
}

const PRIVILEGE_ERRORS = new Set([1044, 1045, 1142, 1143, 1227, 1370, 1419, 3879]);
/** ER_NET_PACKET_TOO_LARGE: look-ups are some hundred kB at most, and no server's default is below 1 MB. */
const PACKET_TOO_LARGE = 1153;
const ENOUGH = 4 << 20;
const LOST_ERRORS = new Set(['PROTOCOL_CONNECTION_LOST', 'ECONNRESET', 'EPIPE', 'ER_SERVER_SHUTDOWN']);

/** A statement that failed on a connection that stood. The driver's error, with its `errno`, is the `cause`. */
export function statementError(name: string, sql: string, cause: unknown): ReconcileError {
  if (cause instanceof ReconcileError) return cause;
  const error = cause as DriverError & { fatal?: boolean };
  const statement = sql.length > 120 ? `${sql.slice(0, 117).trimEnd()}…` : sql;
  if (error.errno !== undefined && PRIVILEGE_ERRORS.has(error.errno)) {
    return new ReconcileError('privilege', `${name}: not allowed: ${error.message}`, {
      hint: `The account needs the privilege for: ${statement}`,
      cause,
    });
  }
  if (error.errno === PACKET_TOO_LARGE) {
    return new ReconcileError('unsupported', `${name}: a look-up is larger than max_allowed_packet there`, {
      hint: `SET GLOBAL max_allowed_packet=${ENOUGH} there (it counts for new sessions), then run the same command again.`,
      cause,
    });
  }
  const lost = error.fatal === true || (error.code !== undefined && LOST_ERRORS.has(error.code));
  if (lost || /closed state/.test(error.message)) {
    return new ReconcileError('connection', `${name}: the connection was lost: ${error.message}`, {
      hint: 'Is the server up? Its error log may say why. The same command starts over safely.',
      cause,
    });
  }
  return new ReconcileError('internal', `${name}: ${error.message} (in: ${statement})`, { cause });
}

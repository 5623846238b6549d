// Reads what a person types for a server into an address, and says it back without secrets. Never resolves or connects.
import { ReconcileError } from '../reconcile-error.ts';

/** Where a server is, and what its URL said besides. `host` and `port` are kept beside a socket for messages only. */
export interface ServerAddress {
  host: string;
  port: number;
  socketPath?: string;
  user?: string;
  /** An empty string is a password that was given, and is empty. */
  password?: string;
  /** `?ssl-mode=…` and its like, checked by readTlsOptions. */
  parameters?: Readonly<Record<string, string>>;
}

export const DEFAULT_PORT = 3306;

const FORMS = 'Write host, host:port, [ipv6]:port, mysql://user@host:3306 or mysql:///?socket=/path.';
const PARAMETERS = ['socket', 'ssl-mode', 'ssl-ca', 'ssl-cert', 'ssl-key'];

/** Throws ReconcileError('usage'). `option` is named in its message: `--failed`. */
export function parseServerAddress(text: string, option: string): ServerAddress {
  const fault = (reason: string): ReconcileError =>
    new ReconcileError('usage', `${option}: ${JSON.stringify(withoutPassword(text))} ${reason}`, {
      hint: FORMS,
    });

  const trimmed = text.trim();
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(trimmed);
  if (!scheme) return { ...parseHostPort(trimmed, fault) };
  if (!/^(mysql|mariadb)$/i.test(scheme[1]!)) throw fault(`is no mysql:// address`);

  const rest = trimmed.slice(scheme[0].length);
  const question = rest.indexOf('?');
  const query = question < 0 ? '' : rest.slice(question + 1);
  const beforeQuery = question < 0 ? rest : rest.slice(0, question);
  const slash = beforeQuery.indexOf('/');
  const authority = slash < 0 ? beforeQuery : beforeQuery.slice(0, slash);
  // A default schema at the end of the path is what other tools' URLs have; we have no use for it.

  const parameters: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    if (!PARAMETERS.includes(name)) {
      throw fault(`has an unknown parameter "${name}" (known: ${PARAMETERS.join(', ')})`);
    }
    parameters[name] = value;
  }

  const at = authority.lastIndexOf('@');
  const userInfo = at < 0 ? null : authority.slice(0, at);
  const hostPort = authority.slice(at + 1);
  const { socket, ...tls } = parameters;
  if (hostPort === '' && !socket) throw fault('names no host');
  const address: ServerAddress =
    hostPort === '' ? { host: 'localhost', port: DEFAULT_PORT } : { ...parseHostPort(hostPort, fault) };
  if (socket) address.socketPath = socket;
  if (userInfo !== null) {
    const colon = userInfo.indexOf(':');
    const user = decode(colon < 0 ? userInfo : userInfo.slice(0, colon), fault);
    if (user !== '') address.user = user;
    if (colon >= 0) address.password = decode(userInfo.slice(colon + 1), fault);
  }
  if (Object.keys(tls).length > 0) address.parameters = tls;
  return address;
}

/** `db2:3306`, `[::1]:3306` or the socket's path: fit for any message, for it never holds user or password. */
export function describeAddress(address: Pick<ServerAddress, 'host' | 'port' | 'socketPath'>): string {
  if (address.socketPath !== undefined) return address.socketPath;
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

type Fault = (reason: string) => ReconcileError;

function parseHostPort(text: string, fault: Fault): { host: string; port: number } {
  if (text === '') throw fault('names no host');
  if (text.startsWith('/')) throw fault('looks like a path (a socket is written mysql:///?socket=/path)');
  if (text.includes('@')) throw fault('has a user, which only the mysql:// form takes');
  const bracketed = /^\[([0-9a-f:.]+(?:%[\w.-]+)?)\](?::(.*))?$/i.exec(text);
  if (bracketed) return { host: bracketed[1]!, port: parsePort(bracketed[2], fault) };
  // Several colons without brackets: ::1 is an address, and its last group is not a port.
  if (/^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(text)) return { host: text, port: DEFAULT_PORT };
  const plain = /^([^\s:/?#[\]@]+)(?::(.*))?$/.exec(text);
  if (!plain) throw fault('is no server address');
  return { host: plain[1]!, port: parsePort(plain[2], fault) };
}

function parsePort(text: string | undefined, fault: Fault): number {
  if (text === undefined) return DEFAULT_PORT;
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65535) throw fault('has no port between 1 and 65535');
  return port;
}

function decode(text: string, fault: Fault): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw fault('has a per cent sign in its user or password that must be written %25');
  }
}

function withoutPassword(text: string): string {
  const end = text.lastIndexOf('@');
  if (end < 0) return text;
  const head = text.slice(0, end);
  const start = head.indexOf('://') < 0 ? 0 : head.indexOf('://') + 3;
  const colon = head.indexOf(':', start);
  return colon < 0 ? text : `${head.slice(0, colon)}:***${text.slice(end)}`;
}

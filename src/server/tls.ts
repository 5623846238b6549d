// What --ssl-mode and its like mean, as the mysql clients take them. Reads certificate files; never connects.
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { fileReason, ReconcileError } from '../reconcile-error.ts';
import type { ServerAddress } from './server-address.ts';

export const SSL_MODES = ['DISABLED', 'PREFERRED', 'REQUIRED', 'VERIFY_CA', 'VERIFY_IDENTITY'] as const;
export type SslMode = (typeof SSL_MODES)[number];

/** As one origin gives them; `origin` is for messages. */
export interface TlsSettings {
  origin: string;
  mode?: string | undefined;
  ca?: string | undefined;
  cert?: string | undefined;
  key?: string | undefined;
}

/** Paths are still paths here: they are read when a connection is made. */
export interface TlsOptions {
  mode: SslMode;
  ca: string | undefined;
  cert: string | undefined;
  key: string | undefined;
}

/** mysql2's `ssl` option. One object for all connections to a server: it also carries the TLS sessions to resume. */
export interface SslObject {
  ca?: Buffer;
  cert?: Buffer;
  key?: Buffer;
  rejectUnauthorized: boolean;
  verifyIdentity: boolean;
  minVersion: string;
}

/** The first origin that gives a value wins, value by value. Throws ReconcileError('usage'). */
export function readTlsOptions(origins: readonly TlsSettings[]): TlsOptions {
  const pick = (name: 'mode' | 'ca' | 'cert' | 'key') =>
    origins.find((settings) => settings[name] !== undefined);
  const ca = pick('ca')?.ca;
  const modeOrigin = pick('mode');
  const text = modeOrigin?.mode?.toUpperCase().replaceAll('-', '_');
  const mode = SSL_MODES.find((known) => known === text);
  if (text !== undefined && mode === undefined) {
    throw new ReconcileError(
      'usage',
      `${modeOrigin!.origin}: unknown ssl-mode ${JSON.stringify(modeOrigin!.mode)}`,
      {
        hint: `One of ${SSL_MODES.join(', ')}.`,
      },
    );
  }
  const options: TlsOptions = {
    // As the mysql clients: whoever names a CA wants the certificate checked against it.
    mode: mode ?? (ca === undefined ? 'PREFERRED' : 'VERIFY_CA'),
    ca,
    cert: pick('cert')?.cert,
    key: pick('key')?.key,
  };
  if ((options.cert === undefined) !== (options.key === undefined)) {
    throw new ReconcileError('usage', 'ssl-cert and ssl-key belong together, and one of them is missing', {
      hint: 'Give both, --ssl-cert and --ssl-key, or neither.',
    });
  }
  if (options.mode === 'VERIFY_CA' && ca === undefined) {
    throw new ReconcileError('usage', 'ssl-mode VERIFY_CA needs the CA certificate', {
      hint: 'Name it with --ssl-ca.',
    });
  }
  return options;
}

/** Null: without TLS. Throws ReconcileError('input') for a file that can't be read. */
export function loadSsl(tls: TlsOptions, address: ServerAddress): SslObject | null {
  if (tls.mode === 'DISABLED') return null;
  // A socket file never leaves the machine; the mysql clients don't encrypt it either unless told to.
  if (address.socketPath !== undefined && tls.mode === 'PREFERRED') return null;
  const verifyIdentity = tls.mode === 'VERIFY_IDENTITY';
  if (verifyIdentity && (address.socketPath !== undefined || isIP(address.host) !== 0)) {
    // mysql2 would compare the certificate with "localhost" here, and call a stranger's certificate the right one.
    throw new ReconcileError(
      'usage',
      `ssl-mode VERIFY_IDENTITY needs a host name, not ${address.socketPath ?? address.host}`,
      {
        hint: 'Give the name that stands in the certificate, or use --ssl-mode VERIFY_CA.',
      },
    );
  }
  const ssl: SslObject = {
    rejectUnauthorized: verifyIdentity || tls.mode === 'VERIFY_CA',
    verifyIdentity,
    minVersion: 'TLSv1.2',
  };
  if (tls.ca !== undefined) ssl.ca = readPem('ssl-ca', tls.ca);
  if (tls.cert !== undefined) ssl.cert = readPem('ssl-cert', tls.cert);
  if (tls.key !== undefined) ssl.key = readPem('ssl-key', tls.key);
  return ssl;
}

function readPem(option: string, path: string): Buffer {
  const hint = `Name a PEM file with --${option}, or in the option file.`;
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new ReconcileError('input', `${option}: ${path} can't be read: ${fileReason(cause)}`, {
      hint,
      cause,
    });
  }
  if (!bytes.includes('-----BEGIN ')) {
    throw new ReconcileError('input', `${option}: ${path} is not a PEM file`, { hint });
  }
  return bytes;
}

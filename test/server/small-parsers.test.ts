// The parsers that need no server: labels, grants, versions, quoting, TLS.
import { describe, expect, test } from 'vitest';
import { columnLabels } from '../../src/server/column-labels.ts';
import { connectionError, statementError } from '../../src/server/connection-errors.ts';
import { parseGrants } from '../../src/server/grants.ts';
import { isRecordedServer, isSameServer, versionNumber } from '../../src/server/identity.ts';
import { quoteName, quoteText } from '../../src/server/sql-text.ts';
import { loadSsl } from '../../src/server/tls.ts';

test.each([
  [
    `enum('a,b','it''s','q"q','back\\\\slash','nl\\nx','ü','')`,
    ['a,b', "it's", 'q"q', 'back\\slash', 'nl\nx', 'ü', ''],
  ],
  [`set('x','y)')`, ['x', 'y)']],
  [`enum('')`, ['']],
  ['varchar(10)', null],
])('labels of %s', (columnType, labels) => {
  expect(columnLabels(columnType)).toEqual(labels);
});

test('quoting', () => {
  expect(quoteName('a`b')).toBe('`a``b`');
  expect(quoteText(`it's \\ "x" \0`)).toBe(`'it''s \\\\ "x" \\0'`);
});

test.each([
  ['mysql', '9.7.4-2', 90704],
  ['mysql', '8.0.35-27.1', 80035],
  ['mariadb', '10.11.18-MariaDB-0+deb12u1-log', 101118],
  ['mariadb', '5.5.5-10.6.12-MariaDB', 100612],
  ['mysql', '5.7.44', 50744],
] as const)('%s %s', (flavor, version, number) => {
  expect(versionNumber({ flavor, version })).toBe(number);
});

describe('grants', () => {
  test('global, by pattern, by table, on columns, revoked', () => {
    const grants = parseGrants([
      'GRANT USAGE ON *.* TO `u`@`%`',
      'GRANT REPLICATION CLIENT, PROCESS ON *.* TO `u`@`%` WITH GRANT OPTION',
      'GRANT TRIGGER, SELECT ON `shop\\_1`.* TO `u`@`%`',
      'GRANT SELECT ON `na``sty%`.* TO `u`@`%`',
      'GRANT SELECT (a, b), UPDATE (a) ON `x`.`cols` TO `u`@`%`',
      'GRANT ALL PRIVILEGES ON `x`.`t.a` TO `u`@`%`',
      'GRANT `role`@`%` TO `u`@`%`',
      "GRANT PROXY ON ''@'' TO 'root'@'localhost' WITH GRANT OPTION",
      'GRANT EXECUTE ON PROCEDURE `x`.`p` TO `u`@`%`',
    ]);
    expect(grants.has('REPLICATION CLIENT')).toBe(true);
    expect(grants.has('TRIGGER')).toBe(false);
    expect(grants.has('TRIGGER', 'shop_1', 't')).toBe(true);
    expect(grants.has('TRIGGER', 'shopx1', 't')).toBe(false);
    expect(grants.has('SELECT', 'na`stything', 't')).toBe(true);
    expect(grants.has('SELECT', 'x', 'cols')).toBe(false);
    expect(grants.has('TRIGGER', 'x', 't.a')).toBe(true);
    expect(grants.has('TRIGGER', 'x', 'ta')).toBe(false);
    expect(grants.has('EXECUTE', 'x', 'p')).toBe(false);
  });

  test('a partial revoke takes the global privilege away for its schema', () => {
    const grants = parseGrants([
      'GRANT SELECT, TRIGGER ON *.* TO `u`@`%`',
      'REVOKE TRIGGER ON `mysql`.* FROM `u`@`%`',
    ]);
    expect(grants.has('TRIGGER', 'shop', 't')).toBe(true);
    expect(grants.has('TRIGGER', 'mysql', 't')).toBe(false);
    expect(grants.has('SELECT', 'mysql', 't')).toBe(true);
  });
});

describe('identity', () => {
  const mysql = {
    flavor: 'mysql' as const,
    version: '9.7.4',
    serverId: 1,
    uuid: 'u1',
    uid: null,
    hostname: 'h',
    port: 1,
  };
  const mariadb = { ...mysql, flavor: 'mariadb' as const, uuid: null, uid: 'x' };

  test('MySQL goes by uuid, MariaDB by all its names', () => {
    expect(isSameServer(mysql, { ...mysql, port: 2, hostname: 'proxy' })).toBe(true);
    expect(isSameServer(mysql, { ...mysql, uuid: 'u2' })).toBe(false);
    expect(isSameServer(mariadb, { ...mariadb })).toBe(true);
    expect(isSameServer(mariadb, { ...mariadb, port: 2 })).toBe(false);
    expect(isSameServer(mysql, mariadb)).toBe(false);
  });

  test('the recorded server: MySQL by uuid, MariaDB by server id', () => {
    expect(isRecordedServer(mysql, { ...mysql, serverId: 9 })).toBe(true);
    expect(isRecordedServer({ ...mysql, uuid: 'u2' }, mysql)).toBe(false);
    expect(isRecordedServer({ ...mariadb, hostname: 'other' } as typeof mariadb, mariadb)).toBe(true);
    expect(isRecordedServer({ ...mariadb, serverId: 2 }, mariadb)).toBe(false);
  });
});

describe('TLS', () => {
  const tls = { ca: undefined, cert: undefined, key: undefined };
  const address = { host: 'db2', port: 3306 };

  test('what each mode asks of the connection', () => {
    expect(loadSsl({ ...tls, mode: 'DISABLED' }, address)).toBeNull();
    expect(loadSsl({ ...tls, mode: 'PREFERRED' }, address)).toMatchObject({ rejectUnauthorized: false });
    expect(loadSsl({ ...tls, mode: 'PREFERRED' }, { ...address, socketPath: '/s' })).toBeNull();
    expect(loadSsl({ ...tls, mode: 'REQUIRED' }, { ...address, socketPath: '/s' })).not.toBeNull();
    expect(loadSsl({ ...tls, mode: 'VERIFY_IDENTITY' }, address)).toMatchObject({
      rejectUnauthorized: true,
      verifyIdentity: true,
    });
  });

  test('what it refuses', () => {
    // mysql2 would compare the certificate of an address with "localhost".
    expect(() => loadSsl({ ...tls, mode: 'VERIFY_IDENTITY' }, { host: '10.0.0.7', port: 1 })).toThrow(
      /needs a host name, not 10\.0\.0\.7/,
    );
    expect(() => loadSsl({ ...tls, mode: 'VERIFY_CA', ca: '/nowhere.pem' }, address)).toThrow(
      "ssl-ca: /nowhere.pem can't be read",
    );
  });
});

describe('errors of a connection', () => {
  const subject = {
    name: 'failed primary db2:3306',
    role: 'failed',
    host: 'db2',
    user: 'ops',
    passwordGiven: false,
    seconds: 10,
  };
  const text = (code: string, message = '') => {
    const error = connectionError(subject, Object.assign(new Error(message), { code }));
    return `${error.message} | ${error.hint}`;
  };

  test('each says what to do', () => {
    const codes = [
      'ER_ACCESS_DENIED_ERROR',
      'ECONNREFUSED',
      'ENOTFOUND',
      'ETIMEDOUT',
      'ENOENT',
      'HANDSHAKE_NO_SSL_SUPPORT',
      'ER_SECURE_TRANSPORT_REQUIRED',
      'ER_ACCOUNT_HAS_BEEN_LOCKED',
      'PROTOCOL_CONNECTION_LOST',
    ];
    expect(codes.map((code) => text(code)).join('\n')).toMatchInlineSnapshot(`
      "failed primary db2:3306: access denied for user ops (no password was given) | Give the password in RECONCILE_FAILED_PASSWORD, in an option file's [reconcile-failed] or [client] group, or in the mysql:// address.
      failed primary db2:3306: nothing listens there (connection refused) | Is the server up, and is this its host and port? If it is gone: --binlog DIR, with its binlog files.
      failed primary db2:3306: the host name db2 can't be resolved | Check the name, or give an IP address. If it is gone: --binlog DIR, with its binlog files.
      failed primary db2:3306: no answer within 10 seconds | The host may be down, or a firewall drops the packets. Try from a machine in the same network. If it is gone: --binlog DIR, with its binlog files.
      failed primary db2:3306: there is no such socket | Is the server up, and is this its socket (SELECT @@socket)?
      failed primary db2:3306: the server offers no TLS | Set up TLS on the server, or allow plain text with --ssl-mode PREFERRED.
      failed primary db2:3306: the server takes encrypted connections only | Use --ssl-mode REQUIRED.
      failed primary db2:3306: the account ops is locked | ALTER USER … ACCOUNT UNLOCK, or use another account.
      failed primary db2:3306: the server closed the connection | Is it a MySQL or MariaDB server, and up? Its error log may say why."
    `);
    expect(text('HANDSHAKE_SSL_ERROR', 'certificate has expired')).toContain(
      'TLS failed: certificate has expired',
    );
    expect(text('ER_NEW_ONE', 'something else')).toContain('db2:3306: something else');
  });

  test('a failed statement: privilege, lost connection, or our own fault', () => {
    const fail = (properties: object) =>
      statementError(subject.name, 'SHOW BINARY LOGS', Object.assign(new Error('m'), properties));
    expect(fail({ errno: 1227 }).code).toBe('privilege');
    expect(fail({ code: 'PROTOCOL_CONNECTION_LOST' }).code).toBe('connection');
    expect(fail({ errno: 1153 })).toMatchObject({
      code: 'unsupported',
      hint: 'SET GLOBAL max_allowed_packet=4194304 there (it counts for new sessions), then run the same command again.',
    });
    expect(fail({ errno: 1064 }).code).toBe('internal');
    expect(fail({ errno: 1064 }).message).toBe('failed primary db2:3306: m (in: SHOW BINARY LOGS)');
  });
});

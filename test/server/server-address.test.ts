// Every form of a server address, and every mistake in one.
import { describe, expect, test } from 'vitest';
import { ReconcileError } from '../../src/reconcile-error.ts';
import { describeAddress, parseServerAddress } from '../../src/server/server-address.ts';

describe('what a person types for a server', () => {
  test.each([
    ['db2', { host: 'db2', port: 3306 }],
    ['db2:3307', { host: 'db2', port: 3307 }],
    [' 10.0.0.7 ', { host: '10.0.0.7', port: 3306 }],
    ['[::1]:3307', { host: '::1', port: 3307 }],
    ['[fe80::1%eth0]', { host: 'fe80::1%eth0', port: 3306 }],
    ['2001:db8::7', { host: '2001:db8::7', port: 3306 }],
    ['mysql://db2', { host: 'db2', port: 3306 }],
    ['MySQL://db2/', { host: 'db2', port: 3306 }],
    ['mariadb://ops@db2:3307/shop', { host: 'db2', port: 3307, user: 'ops' }],
    ['mysql://ops:s%40cret@db2', { host: 'db2', port: 3306, user: 'ops', password: 's@cret' }],
    // An @ that nobody encoded: the last one ends the user and password.
    ['mysql://ops:p@ss:w@db2:3306', { host: 'db2', port: 3306, user: 'ops', password: 'p@ss:w' }],
    ['mysql://ops:@[::1]:3307', { host: '::1', port: 3307, user: 'ops', password: '' }],
    [
      'mysql:///?socket=/run/mysqld/a.sock',
      { host: 'localhost', port: 3306, socketPath: '/run/mysqld/a.sock' },
    ],
    [
      'mysql://ops@/?socket=%2Ftmp%2Fa%20b.sock',
      { host: 'localhost', port: 3306, socketPath: '/tmp/a b.sock', user: 'ops' },
    ],
    [
      'mysql://db2?ssl-mode=REQUIRED&ssl-ca=/ca.pem',
      { host: 'db2', port: 3306, parameters: { 'ssl-mode': 'REQUIRED', 'ssl-ca': '/ca.pem' } },
    ],
  ])('%s', (text, address) => {
    expect(parseServerAddress(text, '--failed')).toEqual(address);
  });

  test('every mistake has its own sentence, and none shows the password', () => {
    const messages = [
      '',
      'db2:port',
      'db2:0',
      'db2:65536',
      'ops@db2',
      'ops:geheim@db2',
      '/run/mysqld/a.sock',
      'http://db2',
      'mysql://',
      'mysql:///shop',
      'mysql://db2?sslmode=1',
      'mysql://ops:geheim%zz@db2',
      'mysql://ops:geheim@db 2',
      'db2/shop',
      '::1:',
    ].map((text) => {
      try {
        return `${text}: ${JSON.stringify(parseServerAddress(text, '--failed'))}`;
      } catch (error) {
        expect(error).toBeInstanceOf(ReconcileError);
        expect((error as ReconcileError).code).toBe('usage');
        return (error as Error).message;
      }
    });
    expect(messages.join('\n')).not.toContain('geheim');
    expect(messages.join('\n')).toMatchInlineSnapshot(`
      "--failed: "" names no host
      --failed: "db2:port" has no port between 1 and 65535
      --failed: "db2:0" has no port between 1 and 65535
      --failed: "db2:65536" has no port between 1 and 65535
      --failed: "ops@db2" has a user, which only the mysql:// form takes
      --failed: "ops:***@db2" has a user, which only the mysql:// form takes
      --failed: "/run/mysqld/a.sock" looks like a path (a socket is written mysql:///?socket=/path)
      --failed: "http://db2" is no mysql:// address
      --failed: "mysql://" names no host
      --failed: "mysql:///shop" names no host
      --failed: "mysql://db2?sslmode=1" has an unknown parameter "sslmode" (known: socket, ssl-mode, ssl-ca, ssl-cert, ssl-key)
      --failed: "mysql://ops:***@db2" has a per cent sign in its user or password that must be written %25
      --failed: "mysql://ops:***@db 2" is no server address
      --failed: "db2/shop" is no server address
      ::1:: {"host":"::1:","port":3306}"
    `);
  });

  test('an address in a message has no user and no password', () => {
    const text = ['mysql://ops:geheim@db2', '[::1]:3307', 'mysql://ops@/?socket=/a.sock'];
    expect(text.map((one) => describeAddress(parseServerAddress(one, '--failed')))).toEqual([
      'db2:3306',
      '[::1]:3307',
      '/a.sock',
    ]);
  });
});

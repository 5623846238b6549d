// Option files as the mysql clients read them, and which value wins.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readOptionFile } from '../../src/server/option-file.ts';
import { chooseServer, type ServerSources } from '../../src/server/server-choice.ts';

const folder = mkdtempSync(join(tmpdir(), 'option-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

function values(path: string): Record<string, string | null> {
  return Object.fromEntries(
    readOptionFile(path).map((option) => [`${option.group}.${option.name}`, option.value]),
  );
}

describe('MySQL option files', () => {
  test('groups, quotes, escapes, comments, hyphens and underscores', () => {
    const path = file(
      'a.cnf',
      [
        '# a comment',
        '; another',
        '[client]',
        'user = ops   # the on-call account',
        'password="pa#ss \'word\' \\"q\\""',
        "ssl_ca='/etc/my ca.pem'",
        'host=db2 ',
        '   port\t=\t3307',
        'loose-ssl-mode=REQUIRED',
        'empty=',
        'escapes=a\\tb\\\\c\\sd\\qe',
        'windows=C:\\data',
        '[ reconcile-failed ]',
        'password',
        'user=x=y\r',
      ].join('\n'),
    );
    expect(values(path)).toEqual({
      'client.user': 'ops',
      'client.password': `pa#ss 'word' "q"`,
      'client.ssl-ca': '/etc/my ca.pem',
      'client.host': 'db2',
      'client.port': '3307',
      'client.ssl-mode': 'REQUIRED',
      'client.empty': '',
      'client.escapes': 'a\tb\\c d\\qe',
      'client.windows': 'C:\\data',
      'reconcile-failed.password': null,
      'reconcile-failed.user': 'x=y',
    });
  });

  test('!include and !includedir, relative to the file, .cnf only, in order', () => {
    mkdirSync(join(folder, 'conf.d'));
    file('conf.d/2.cnf', '[client]\nuser=second');
    file('conf.d/1.cnf', '[client]\nuser=first\nport=1');
    file('conf.d/3.txt', '[client]\nuser=never');
    file('one.cnf', '[client]\nhost=db9');
    const path = file('b.cnf', '!include one.cnf\n!includedir conf.d\n[client]\nport=2');
    expect(readOptionFile(path).map(({ name, value, line }) => `${name}=${value} ${line}`)).toEqual([
      'host=db9 2',
      'user=first 2',
      'port=1 3',
      'user=second 2',
      'port=2 4',
    ]);
  });

  test('mistakes name file and line', () => {
    const open = file('open.cnf', '[client]');
    chmodSync(open, 0o666);
    const texts = {
      'group.cnf': '[client\nuser=a',
      'before.cnf': 'user=a\n[client]',
      'nameless.cnf': '[client]\n\n= 7',
      'directive.cnf': '!inkludedir x',
      'loop.cnf': '!include loop.cnf',
      'gone.cnf': '!includedir nowhere',
    };
    const paths = [
      open,
      join(folder, 'missing.cnf'),
      ...Object.entries(texts).map(([name, text]) => file(name, text)),
    ];
    const messages = paths.map((path) => {
      try {
        return readOptionFile(path);
      } catch (error) {
        return (error as Error).message.replaceAll(folder, '…');
      }
    });
    expect(messages.join('\n')).toMatchInlineSnapshot(`
      "option file …/open.cnf can be written by every user of this machine
      option file …/missing.cnf can't be read: there is no such file
      option file …/group.cnf, line 1: a group without its closing bracket
      option file …/before.cnf, line 1: an option before the first [group]
      option file …/nameless.cnf, line 3: a value without the name of its option
      option file …/directive.cnf, line 1: unknown directive !inkludedir
      option file …/loop.cnf, line 1: more than 10 files deep in !include
      option file …/gone.cnf, line 1: !includedir …/nowhere can't be read: there is no such file"
    `);
  });
});

describe('which value wins', () => {
  const path = () =>
    file(
      'order.cnf',
      `[reconcile-failed]
user=of-failed
host=db8
port=3308
[client]
user=of-client
password=from-file
host=production
port=9999
ssl-mode=DISABLED
[reconcile]
user=of-reconcile
[reconcile-restored]
ssl-ca=/ca.pem
[reconcile-old]
port=xyz
host=db1
`,
    );

  async function choose(sources: Partial<ServerSources>) {
    return chooseServer({
      role: 'failed',
      given: undefined,
      tls: { origin: '--ssl-…' },
      options: readOptionFile(path()),
      environment: {},
      prompt: null,
      ...sources,
    });
  }

  test('URL, environment of the role, environment, the most specific group, prompt', async () => {
    const environment = { RECONCILE_FAILED_PASSWORD: 'of-role', RECONCILE_PASSWORD: 'of-all' };
    const prompt = async () => 'typed';
    const one = async (sources: Partial<ServerSources>) => (await choose(sources))?.credentials;
    expect(await one({ given: 'mysql://me:mine@db2', environment, prompt })).toEqual({
      user: 'me',
      password: 'mine',
    });
    expect(await one({ given: 'mysql://me:@db2', environment })).toEqual({ user: 'me', password: '' });
    expect(await one({ given: 'db2', environment })).toEqual({ user: 'of-failed', password: 'of-role' });
    expect(await one({ role: 'restored', given: 'db1', environment })).toEqual({
      user: 'of-reconcile',
      password: 'of-all',
    });
    expect(await one({ given: 'db2', prompt })).toEqual({ user: 'of-failed', password: 'from-file' });
    expect(await one({ given: 'mysql://me@db2', options: [], prompt })).toEqual({
      user: 'me',
      password: 'typed',
    });
    expect(await one({ given: 'mysql://me@db2', options: [] })).toEqual({ user: 'me', password: undefined });
    const recorded = { host: 'db2', port: 3306, user: 'recorder' };
    expect(await one({ recorded, options: [] })).toEqual({ user: 'recorder', password: undefined });
    expect(await one({ recorded })).toMatchObject({ user: 'of-failed' });
  });

  test("an address: command line, the role's own group, the record; never [client]'s", async () => {
    const recorded = { host: 'db3', port: 3306 };
    expect((await choose({ given: 'db2', recorded }))?.address).toEqual({ host: 'db2', port: 3306 });
    expect((await choose({ recorded }))?.address).toEqual({ host: 'db8', port: 3308 });
    expect((await choose({ role: 'restored', recorded }))?.address).toEqual({ host: 'db3', port: 3306 });
    expect(await choose({ role: 'restored' })).toBeNull();
    await expect(choose({ role: 'old' })).rejects.toThrow(
      /order\.cnf, line 16: "db1:xyz" has no port between 1 and 65535/,
    );
  });

  test('TLS: command line, URL, option file; a CA alone means VERIFY_CA', async () => {
    const mode = async (sources: Partial<ServerSources>) => (await choose(sources))?.tls.mode;
    const tls = { origin: '--ssl-…', mode: 'required' };
    expect(await mode({ given: 'mysql://db2?ssl-mode=VERIFY_IDENTITY', tls })).toBe('REQUIRED');
    expect(await mode({ given: 'mysql://db2?ssl-mode=verify-identity' })).toBe('VERIFY_IDENTITY');
    expect(await mode({ given: 'db2' })).toBe('DISABLED');
    expect(await mode({ given: 'db2', options: [] })).toBe('PREFERRED');
    expect(await mode({ given: 'mysql://db2?ssl-ca=/ca.pem', options: [] })).toBe('VERIFY_CA');
    const mariadb = file('mariadb.cnf', '[client]\nssl-verify-server-cert');
    expect(await mode({ given: 'db2', options: readOptionFile(mariadb) })).toBe('VERIFY_IDENTITY');
    await expect(mode({ given: 'mysql://db2?ssl-mode=on' })).rejects.toThrow(
      `the server's address: unknown ssl-mode "on"`,
    );
    await expect(mode({ given: 'mysql://db2?ssl-mode=VERIFY_CA', options: [] })).rejects.toThrow(
      'needs the CA certificate',
    );
    await expect(mode({ given: 'db2', tls: { origin: 'x', key: '/k' } })).rejects.toThrow('belong together');
  });
});

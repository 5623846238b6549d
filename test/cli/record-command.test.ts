// `reconcile record` from outside, against a pair of real servers.
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadRecord } from '../../src/record/failover-record.ts';
import { caughtUp, replicate, type SandboxServer, startServer, stopAll } from '../sandbox/index.ts';
import { type CliResult, runCli } from './run-cli.ts';

const GTID_ON = ['--gtid-mode=ON', '--enforce-gtid-consistency=ON'];
const folder = mkdtempSync(join(tmpdir(), 'record-command-'));
let old: SandboxServer;
let current: SandboxServer;

beforeAll(async () => {
  [old, current] = await Promise.all([
    startServer({ name: 'a', serverId: 1, args: GTID_ON }),
    startServer({ name: 'b', serverId: 2, args: GTID_ON }),
  ]);
  await replicate({ from: old, to: current, gtid: true });
  await old.query('CREATE DATABASE shop');
  await caughtUp({ from: old, to: current });
});

afterAll(async () => {
  await stopAll();
  rmSync(folder, { recursive: true });
});

const url = (server: SandboxServer): string => `mysql://${server.user}@${server.host}:${server.port}`;

function record(words: string[], env: Record<string, string> = {}): Promise<CliResult> {
  const env2 = { RECONCILE_OLD_PASSWORD: old.password, RECONCILE_NEW_PASSWORD: current.password, ...env };
  return runCli(['record', '--old', url(old), '--new', url(current), ...words], { cwd: folder, env: env2 });
}

test('fenced and caught up: no warning, a private file without passwords, and where the window begins', async () => {
  await old.query('SET GLOBAL super_read_only=ON');
  const { code, stdout, stderr } = await record(['--cluster', 'shop', '--json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('recorded failover.json') });
  const document = JSON.parse(stdout);
  expect(document).toMatchObject({ version: 1, out: 'failover.json', kept: null, warnings: [] });

  const path = join(folder, 'failover.json');
  const saved = await loadRecord(path);
  expect(document.record).toEqual(saved);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  if (old.password !== '') expect(readFileSync(path, 'utf8')).not.toContain(old.password);
  const [uuids] = await current.query('SELECT @@server_uuid AS uuid');
  expect(saved).toMatchObject({
    version: 1,
    cluster: 'shop',
    old: { host: old.host, port: old.port, serverId: 1, settings: { superReadOnly: true } },
    new: { host: current.host, port: current.port, serverId: 2, uuid: uuids!.uuid, gtidMode: 'ON' },
  });
  expect(saved.new.coordinates.gtidSet).toBe(saved.old.coordinates.gtidSet);
  const [status] = await current.query('SHOW BINARY LOG STATUS');
  expect(saved.new.coordinates).toMatchObject({ file: status!.File, position: Number(status!.Position) });
});

test('again: refused before any server is asked; forced, the first record is kept; a replica that is behind is said', async () => {
  const refused = await record(['--cluster', 'shop'], { RECONCILE_OLD_PASSWORD: 'wrong' });
  expect(refused.code).toBe(4);
  expect(refused.stderr).toMatch(/recorded \d+ s ago .* cool-off is 10 min\n.*--force cool-off/);

  await current.query('STOP REPLICA');
  await old.query('SET GLOBAL super_read_only=OFF');
  await old.query('SET GLOBAL read_only=OFF');
  await old.query('CREATE TABLE shop.t (a INT PRIMARY KEY)');
  await old.query('INSERT INTO shop.t VALUES (1)');
  const forced = await record(['--cluster', 'shop', '--force', 'cool-off']);
  expect(forced.code).toBe(0);
  expect(forced.stderr).toMatch(
    /warning: The new primary is 2 transactions behind the old one \([0-9a-f-]+:\d+-\d+\)/,
  );
  expect(forced.stderr).toMatch(/warning: The old primary still takes writes/);
  expect(forced.stdout).toMatch(/the earlier record is kept as failover\.json\.2/);
});

test('one server twice, a wrong password, a file that is no record', async () => {
  writeFileSync(join(folder, 'notes.txt'), 'mine');
  const [same, wrong, notes] = await Promise.all([
    record(['--new', url(old).replace('127.0.0.1', 'localhost'), '--out', 'x.json'], {
      RECONCILE_NEW_PASSWORD: old.password,
    }),
    record(['--out', 'y.json'], { RECONCILE_NEW_PASSWORD: 'geheim' }),
    record(['--out', 'notes.txt']),
  ]);
  expect([same.code, wrong.code, notes.code]).toEqual([4, 1, 1]);
  expect(same.stderr).toMatch(/are one server \(server uuid .*\)\n.*--force same-server/);
  expect(wrong.stderr).toMatch(/new primary .*: access denied for user .*RECONCILE_NEW_PASSWORD/s);
  expect(wrong.stderr).not.toContain('geheim');
  expect(notes.stderr).toContain('notes.txt is no JSON');
  expect([existsSync(join(folder, 'x.json')), existsSync(join(folder, 'y.json'))]).toEqual([false, false]);
  expect(readFileSync(join(folder, 'notes.txt'), 'utf8')).toBe('mine');
});

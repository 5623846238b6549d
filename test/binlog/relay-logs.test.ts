// A replica's relay logs hold what its source wrote: read where they are named, passed over where they lie about, refused
// where a window needs to know what stood before them.
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { binlogFileHeads } from '../../src/binlog/file-heads.ts';
import { openFileSource } from '../../src/binlog/file-source.ts';
import { type SandboxServer, startServer } from '../sandbox/index.ts';
import { caughtUp, replicate } from '../sandbox/replication.ts';
import { transactionsOf } from './reading.ts';

describe.each(['mysql', 'mariadb'] as const)('%s', (flavor) => {
  let source: SandboxServer;
  let folder: string;
  let relayLogs: string[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'reconcile-relay-'));
    const gtids = flavor === 'mysql' ? ['--gtid-mode=ON', '--enforce-gtid-consistency=ON'] : [];
    const args = [...gtids, '--relay-log-purge=OFF'];
    source = await startServer({ name: 'source', flavor, serverId: 3, args });
    const replica = await startServer({ name: 'replica', flavor, serverId: 4, args });
    try {
      await replicate({ from: source, to: replica, gtid: true });
      await source.query('CREATE DATABASE r; CREATE TABLE r.t (id INT PRIMARY KEY)');
      for (let id = 0; id < 5; id++) await source.query(`INSERT INTO r.t VALUES (${id})`);
      await source.query('FLUSH BINARY LOGS');
      for (let id = 5; id < 10; id++) await source.query(`INSERT INTO r.t VALUES (${id})`);
      await caughtUp({ from: source, to: replica });
      await replica.stop();
      const from = await replica.binlogDirectory();
      for (const name of readdirSync(from).filter((one) => /relay\.\d+$/.test(one)))
        copyFileSync(join(from, name), join(folder, name));
    } finally {
      await replica.remove();
    }
    relayLogs = readdirSync(folder)
      .sort()
      .map((name) => join(folder, name));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await source?.remove();
  });

  it('named one by one, hold what the source wrote, as its own', async () => {
    const start = { kind: 'beginning' } as const;
    const relayed = await transactionsOf(await openFileSource({ paths: relayLogs, start }));
    const paths = [await source.binlogDirectory()];
    const written = await transactionsOf(await openFileSource({ paths, start }));
    const facts = ({ transactions }: typeof written) =>
      transactions.map(({ id, origin, changes, committedAt }) => [id, origin, changes.length, committedAt]);
    expect(facts(relayed)).toEqual(facts(written));
    expect(relayed.account.changes).toBe(10);
    expect(relayed.account.closes()).toBe(true);
    // What the source's log went on in is no file of this one.
    expect(relayed.account.goesOnIn).toBe(null);
    const first = await transactionsOf(await openFileSource({ paths: relayLogs.slice(0, 1), start }));
    expect(first.account.goesOnIn).toMatch(/^relay\.0*2$/);
  });

  it('do not tell what stood before them', async () => {
    const [head] = await binlogFileHeads(relayLogs);
    await expect(head!.gtidsBefore()).rejects.toMatchObject({
      code: 'unsupported',
      message: `${relayLogs[0]} is a replica's relay log: it does not say what its source wrote before it`,
      hint: expect.stringContaining('--start-position'),
    });
  });

  it('alone in a directory, are not taken for a binlog', async () => {
    await expect(openFileSource({ paths: [folder], start: { kind: 'beginning' } })).rejects.toMatchObject({
      code: 'input',
      message: expect.stringContaining('only relay logs: relay.000001'),
    });
  });
});

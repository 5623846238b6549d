// Logs that are not what the record speaks of: reset after it and as long again, or a file of the restored primary's among
// the failed one's. What the right log had would be passed over in silence.
import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FailoverPair } from './failover-pair.ts';
import { caughtUp, replicate, stopReplication } from './sandbox/index.ts';

let pair: FailoverPair;
beforeAll(async () => {
  // Its own log is empty at the failover: the record names the place where a new log begins, too.
  pair = await FailoverPair.start({ flavor: 'mysql', failedArgs: ['--log-replica-updates=OFF'] });
});
afterAll(() => pair?.remove());

test('a log that was reset is refused, by the GTIDs that it lost', async () => {
  await replicate({ from: pair.restored, to: pair.failed, gtid: true });
  await pair.restored.query('CREATE DATABASE w; CREATE TABLE w.t (id INT PRIMARY KEY)');
  await caughtUp({ from: pair.restored, to: pair.failed });
  await stopReplication(pair.failed);
  await pair.begin('DO 1');
  await pair.onFailed('INSERT INTO w.t VALUES (1)', 'INSERT INTO w.t VALUES (2)');
  expect((await pair.diff()).header.transactions).toMatchObject({ missing: 2 });
  await pair.failed.query(
    'SET GLOBAL super_read_only=0; SET GLOBAL read_only=0; RESET BINARY LOGS AND GTIDS',
  );
  await pair.onFailed('INSERT INTO w.t VALUES (3)');
  await expect(pair.diff()).rejects.toMatchObject({
    code: 'input',
    message: expect.stringMatching(
      /^the failed primary .* has not executed .*:1-2\): its log was reset since, or cut$/,
    ),
  });
});

test('a file of the restored primary among the others is refused', async () => {
  await pair.failed.query('SET GLOBAL super_read_only=0; SET GLOBAL read_only=0');
  await pair.begin('CREATE DATABASE IF NOT EXISTS x; CREATE TABLE x.t (id INT PRIMARY KEY)');
  for (const id of [1, 2, 3]) {
    await pair.onFailed(`INSERT INTO x.t VALUES (${id})`);
    await pair.failed.query('FLUSH BINARY LOGS');
    await pair.restored.query('FLUSH BINARY LOGS');
  }
  const folder = join(pair.folder, 'mixed');
  mkdirSync(folder);
  const [own, others] = [await pair.failed.binlogDirectory(), await pair.restored.binlogDirectory()];
  const files = readdirSync(own).filter((name) => /^binlog\.\d+$/.test(name));
  for (const name of files) cpSync(join(own, name), join(folder, name));
  expect((await pair.diff({ files: [folder] })).header.transactions).toMatchObject({ missing: 3 });
  cpSync(join(others, 'binlog.000002'), join(folder, 'binlog.000002'));
  await expect(pair.diff({ files: [folder] })).rejects.toMatchObject({ code: 'refused', check: 'swapped' });
});

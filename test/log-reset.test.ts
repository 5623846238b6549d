// A failed primary whose log was reset after the record, and is as long again as it was: what it wrote before is gone.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FailoverPair } from './failover-pair.ts';
import { caughtUp, replicate, stopReplication } from './sandbox/index.ts';

let pair: FailoverPair;
beforeAll(async () => {
  // Its own log is empty at the failover: the record names the place where a new log begins, too.
  pair = await FailoverPair.start({ flavor: 'mysql', failedArgs: ['--log-replica-updates=OFF'] });
});
afterAll(() => pair?.remove());

test('is refused, by the GTIDs that it lost', async () => {
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

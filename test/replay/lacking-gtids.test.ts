// Which of the failed primary's GTIDs are lacking on the restored primary when a replay is through, on a real server: what
// it tells, recorded as empty transactions, is exactly what lets the failed primary's set be contained.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FailoverPair } from '../failover-pair.ts';

describe('MySQL with GTIDs', () => {
  let pair: FailoverPair;
  beforeAll(async () => {
    pair = await FailoverPair.start({ flavor: 'mysql' });
    await pair.begin(
      'CREATE DATABASE g; CREATE TABLE g.t (id INT PRIMARY KEY, n INT); INSERT INTO g.t VALUES (1,1),(2,1),(3,1)',
    );
    await pair.onFailed(
      'UPDATE g.t SET n=2 WHERE id=1',
      'UPDATE g.t SET n=2 WHERE id=2',
      'UPDATE g.t SET n=2 WHERE id=3',
    );
    await pair.failed.query(
      "XA START 'a'; INSERT INTO g.t VALUES (4,1); XA END 'a'; XA PREPARE 'a'; XA COMMIT 'a'",
    );
    // One was sent again by the application, one is a conflict.
    await pair.onRestored('UPDATE g.t SET n=2 WHERE id=1', 'UPDATE g.t SET n=9 WHERE id=2');
    await pair.diff();
  });
  afterAll(() => pair?.remove());

  const contained = async (): Promise<unknown> => {
    const [failed] = await pair.failed.query(`SELECT @@GLOBAL.gtid_executed AS s, @@GLOBAL.server_uuid AS u`);
    const own = String(failed!.s)
      .split(/,\s*/)
      .find((one) => one.startsWith(String(failed!.u)));
    const [row] = await pair.restored.query(`SELECT GTID_SUBSET('${own}', @@GLOBAL.gtid_executed) AS has`);
    return Number(row!.has);
  };

  test.each([false, true])('are told, apply: %s', async (apply) => {
    const { lackingGtids, gtids } = await pair.replay({ apply });
    const from = Number(/:(\d+)/.exec(lackingGtids!.present)![1]);
    const [uuid] = lackingGtids!.present.split(':');
    // The one sent again, and the prepare of the XA transaction; the conflict.
    expect(lackingGtids).toEqual({
      present: `${uuid}:${from}:${from + 3}`,
      leftOut: `${uuid}:${from + 1}`,
    });
    expect(gtids).toBe(`${uuid}:${from + 2}:${from + 4}`);
    expect(await contained()).toBe(0);
  });

  test('with an empty transaction under each of them nothing is lacking', async () => {
    const { lackingGtids } = await pair.replay({ apply: true });
    const { present, leftOut } = lackingGtids!;
    const [uuid, ...numbers] = `${present}:${leftOut.split(':')[1]}`.split(':');
    for (const number of numbers)
      await pair.restored.query(`SET GTID_NEXT='${uuid}:${number}'; COMMIT; SET GTID_NEXT='AUTOMATIC'`);
    expect((await pair.replay({ apply: true })).lackingGtids).toEqual({ present: '', leftOut: '' });
    expect(await contained()).toBe(1);
  });
});

test('where no GTIDs are kept there is nothing to tell', async () => {
  const pair = await FailoverPair.start({ flavor: 'mysql', gtid: false });
  try {
    await pair.begin('CREATE DATABASE g; CREATE TABLE g.t (id INT PRIMARY KEY)');
    await pair.onFailed('INSERT INTO g.t VALUES (1)');
    await pair.diff();
    expect((await pair.replay({ apply: true })).lackingGtids).toBeNull();
  } finally {
    await pair.remove();
  }
});

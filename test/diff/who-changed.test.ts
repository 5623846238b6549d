// A conflict names the restored primary's own transaction that is behind it: on real servers, from diff to report.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readReport } from '../../src/report/report-data.ts';
import { renderText } from '../../src/report/report-text.ts';
import { FailoverPair, MODES_OF_MARKING } from '../failover-pair.ts';

describe.each(MODES_OF_MARKING)('%s', (_, options) => {
  let pair: FailoverPair;
  beforeAll(async () => {
    pair = await FailoverPair.start(options);
    await pair.begin(
      `CREATE DATABASE who; CREATE TABLE who.t (id INT PRIMARY KEY, code VARCHAR(9) UNIQUE, n INT);
       INSERT INTO who.t VALUES (1,'a',1),(2,'b',1),(3,'c',1),(4,'d',1),(5,'e',1)`,
    );
    await pair.onFailed(
      'UPDATE who.t SET n=2 WHERE id=1',
      'UPDATE who.t SET n=2 WHERE id=2',
      "INSERT INTO who.t VALUES (10,'x',1)",
      "INSERT INTO who.t VALUES (11,'y',1)",
      'UPDATE who.t SET n=2 WHERE id IN (4,5)',
    );
    await pair.onRestored(
      'UPDATE who.t SET n=8 WHERE id=1',
      'UPDATE who.t SET n=9 WHERE id=1; DELETE FROM who.t WHERE id=2',
      "INSERT INTO who.t VALUES (10,'z',5)",
      "INSERT INTO who.t VALUES (99,'Y',1)",
      'UPDATE who.t SET n=2 WHERE id=4',
    );
  });
  afterAll(() => pair?.remove());

  test('with its id and the time of its commit, last first', async () => {
    const { conflicts, header } = await pair.diff();
    expect(conflicts.map(({ kind, key, changedBy }) => [kind, key!.id, changedBy?.length ?? 0])).toEqual([
      ['changed-on-restored', 1, 2],
      ['deleted-on-restored', 2, 1],
      ['key-taken', 10, 1],
      ['unique-taken', 11, 1],
      ['partly-present', 4, 1],
      ['partly-present', 5, 0],
    ]);
    const [changed, deleted] = conflicts;
    expect(changed!.changedBy![0], 'one transaction changed row 1 again and deleted row 2').toEqual(
      deleted!.changedBy![0],
    );
    const ids = new Set(
      conflicts.flatMap(({ changedBy = [] }) => changedBy.map(({ transaction }) => transaction)),
    );
    expect(ids.size).toBe(5);
    const shape =
      options.flavor === 'mariadb'
        ? /^0-1-\d+$/
        : options.gtid === false
          ? /^binlog\.\d+:\d+$/
          : /^[0-9a-f-]{36}:\d+$/;
    for (const id of ids) expect(id).toMatch(shape);
    for (const { committed } of conflicts.flatMap(({ changedBy = [] }) => changedBy)) {
      expect(Math.abs(Date.parse(committed!) - Date.now())).toBeLessThan(60_000);
    }
    expect(header.warnings.join()).not.toMatch(/can’t be told/);
    const text = renderText(await readReport(pair.plan), { color: false, most: 20 });
    expect(text).toContain(`changed on the restored primary by ${deleted!.changedBy![0]!.transaction} at 20`);
  });

  test.runIf(options.flavor === 'mysql' && options.gtid !== false)(
    'without a record, by the GTIDs that the failed primary does not have',
    async () => {
      const { conflicts: recorded } = await pair.diff({ plan: `${pair.plan}.recorded` });
      const { conflicts, header } = await pair.diff({ plan: `${pair.plan}.inferred`, withoutRecord: true });
      expect(conflicts.map(({ changedBy }) => changedBy)).toEqual(recorded.map(({ changedBy }) => changedBy));
      expect(header.warnings.join()).not.toMatch(/can’t be told/);
    },
  );

  test('where its log is purged the conflict stays, and why nobody is named is said', async () => {
    await pair.diff();
    const record = JSON.parse(readFileSync(pair.record, 'utf8'));
    const purged = { ...record.old.coordinates, file: 'binlog.000000' };
    writeFileSync(pair.record, JSON.stringify({ ...record, old: { ...record.old, coordinates: purged } }));
    const { conflicts, header } = await pair.diff();
    expect(conflicts.map(({ changedBy }) => changedBy)).toEqual(conflicts.map(() => undefined));
    expect(conflicts).toHaveLength(6);
    expect(header.warnings.join('\n')).toMatch(
      /Who changed rows of who\.t on the restored primary can’t be told for certain: its log can’t be read \(binlog\.000000 was purged/,
    );
    rmSync(pair.plan);
  });
});

// A conflict that only the replay or its undo finds names the restored primary's own transaction that is behind it, on real
// servers: what stood in its log before the plan, and the replay's own writes, are not it.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { PlanConflict } from '../../src/plan/plan.ts';
import { FailoverPair, MODES_OF_MARKING } from '../failover-pair.ts';

describe.each(MODES_OF_MARKING)('%s', (_, options) => {
  let pair: FailoverPair;
  let undoFile = '';
  beforeAll(async () => {
    pair = await FailoverPair.start(options);
    await pair.begin(
      `CREATE DATABASE who; CREATE TABLE who.t (id INT PRIMARY KEY, code VARCHAR(9) UNIQUE, n INT);
       CREATE TABLE who.bare (n INT);
       INSERT INTO who.t VALUES (1,'a',1),(2,'b',1),(3,'c',1),(4,'d',1); INSERT INTO who.bare VALUES (1)`,
    );
    await pair.onFailed(
      'UPDATE who.t SET n=2 WHERE id=1',
      'UPDATE who.t SET n=2 WHERE id=2',
      "INSERT INTO who.t VALUES (10,'x',1)",
      "INSERT INTO who.t VALUES (11,'y',1)",
      'UPDATE who.t SET n=2 WHERE id=3',
      'UPDATE who.t SET n=2 WHERE id=4',
      'UPDATE who.bare SET n=2',
    );
    // Changed to and fro before the plan was made: no reason for anything.
    await pair.onRestored('UPDATE who.t SET n=7 WHERE id=1', 'UPDATE who.t SET n=1 WHERE id=1');
    await pair.diff();
    await pair.onRestored(
      'UPDATE who.t SET n=8 WHERE id=1',
      'UPDATE who.t SET n=9 WHERE id=1; DELETE FROM who.t WHERE id=2',
      "INSERT INTO who.t VALUES (10,'z',5)",
      "INSERT INTO who.t VALUES (99,'Y',1)",
      'DELETE FROM who.bare',
    );
  });
  afterAll(() => pair?.remove());

  const seen = (conflicts: PlanConflict[]) =>
    conflicts.map(({ kind, key, changedBy }) => [kind, key?.id, changedBy?.length ?? 0]);

  test.each([false, true])('in a replay, apply: %s', async (apply) => {
    pair.warnings.length = 0;
    const { applied, conflicts, undo } = await pair.replay({ apply });
    undoFile = undo ?? '';
    expect(applied).toHaveLength(2);
    expect(seen(conflicts)).toEqual([
      ['changed-on-restored', 1, 2],
      ['deleted-on-restored', 2, 1],
      ['key-taken', 10, 1],
      ['unique-taken', 11, 1],
      // The table has no key: the row that went, and the one that was to come of it.
      ['partly-present', undefined, 1],
      ['partly-present', undefined, 0],
    ]);
    const [changed, deleted] = conflicts;
    expect(changed!.changedBy![0]).toEqual(deleted!.changedBy![0]);
    for (const { committed } of conflicts.flatMap(({ changedBy = [] }) => changedBy))
      expect(Math.abs(Date.parse(committed!) - Date.now())).toBeLessThan(60_000);
    expect(pair.warnings).toEqual([]);
  });

  test.each([false, true])('in an undo, apply: %s', async (apply) => {
    if (!apply) await pair.onRestored('UPDATE who.t SET n=n+40 WHERE id=3');
    const { undone, conflicts } = await pair.undo(undoFile, { apply });
    expect(undone).toHaveLength(1);
    expect(seen(conflicts)).toEqual([['changed-on-restored', 3, 1]]);
  });

  test('what can’t be told is said', async () => {
    await pair.restored.query('FLUSH BINARY LOGS');
    const files = await pair.restored.query('SHOW BINARY LOGS');
    const last = files.at(-1)!.Log_name;
    // A server keeps a file that the reader of a moment ago has not quite left.
    await vi.waitFor(async () => {
      await pair.restored.query(`PURGE BINARY LOGS TO '${last}'`);
      expect((await pair.restored.query('SHOW BINARY LOGS'))[0]!.Log_name).toBe(last);
    }, 10_000);
    const { conflicts } = await pair.undo(undoFile, { apply: false });
    expect(seen(conflicts)).toEqual([['changed-on-restored', 3, 0]]);
    expect(pair.warnings.join('\n')).toMatch(
      /Who changed rows of who\.t on the restored primary can’t be told for certain: its log can’t be read/,
    );
  });
});

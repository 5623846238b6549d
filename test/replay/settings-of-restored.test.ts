// A replay, its undo and their memory where somebody has set the restored primary's log or its GTIDs to other values than
// the usual ones, before the replay or behind it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FailoverPair } from '../failover-pair.ts';

let pair: FailoverPair;
let schema = 0;

beforeAll(async () => {
  pair = await FailoverPair.start({ flavor: 'mysql' });
});
afterAll(() => pair?.remove());

async function window(): Promise<string> {
  schema += 1;
  const name = `s${schema}`;
  await pair.begin(
    `CREATE DATABASE ${name}; CREATE TABLE ${name}.t (id INT PRIMARY KEY, n INT) ENGINE=InnoDB; INSERT INTO ${name}.t VALUES (1,1)`,
  );
  await pair.onFailed(`UPDATE ${name}.t SET n=2 WHERE id=1`, `INSERT INTO ${name}.t VALUES (5,5)`);
  await pair.diff();
  return name;
}
const rows = async (name: string): Promise<unknown[]> =>
  (await pair.restored.query(`SELECT id, n FROM ${name}.t ORDER BY id`)).map(({ id, n }) => [id, n]);

describe('a log of statements', () => {
  beforeAll(() => pair.restored.query('SET GLOBAL binlog_format=STATEMENT'));
  afterAll(() => pair.restored.query('SET GLOBAL binlog_format=ROW'));

  test('the replay writes by SQL, and says why; the transactions keep their GTIDs', async () => {
    const t = await window();
    pair.warnings.length = 0;
    const { applied, engine, gtids, undo } = await pair.replay({ apply: true });
    expect(engine).toBe('sql');
    expect(applied).toHaveLength(2);
    expect(gtids).toMatch(/:\d+-\d+$/);
    expect(pair.warnings.join('\n')).toContain(
      'the restored primary logs nothing but statements (binlog_format=STATEMENT), so rows are written by SQL',
    );
    expect(await rows(t)).toEqual([
      [1, 2],
      [5, 5],
    ]);
    expect((await pair.undo(undo!, { apply: true })).undone).toHaveLength(2);
    expect(await rows(t)).toEqual([[1, 1]]);
  });

  test('row events that were asked for are refused before anything is written', async () => {
    const t = await window();
    await expect(pair.replay({ apply: true, engine: 'row-events' })).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(/binlog_format=STATEMENT\): it refuses row events/),
      hint: expect.stringContaining('--engine sql'),
    });
    expect(await rows(t)).toEqual([[1, 1]]);
  });
});

describe('GTIDs turned off since the replay', () => {
  const down = ['ON_PERMISSIVE', 'OFF_PERMISSIVE', 'OFF'];
  const setMode = async (modes: readonly string[]): Promise<void> => {
    for (const mode of modes)
      await pair.restored.query(
        `${mode === 'OFF' ? '' : 'SET GLOBAL enforce_gtid_consistency=ON;'} SET GLOBAL gtid_mode=${mode}`,
      );
  };
  afterAll(() => setMode(['OFF_PERMISSIVE', 'ON_PERMISSIVE', 'ON']));

  test('what customers deleted since stays deleted, and the rest can be taken back', async () => {
    const t = await window();
    const { undo, applied } = await pair.replay({ apply: true });
    await pair.onRestored(`DELETE FROM ${t}.t WHERE id=5`);
    for (const mode of down) {
      await setMode([mode]);
      expect(await pair.replay({ apply: true }), mode).toMatchObject({
        applied: [],
        alreadyPresent: applied,
      });
      expect(await rows(t), mode).toEqual([[1, 2]]);
    }
    expect((await pair.undo(undo!, { apply: true })).undone).toEqual([applied[0]]);
    expect(await rows(t)).toEqual([[1, 1]]);
    expect((await pair.replay({ apply: true })).applied).toEqual([applied[0]]);
    expect(await rows(t)).toEqual([[1, 2]]);
  });
});

// A MariaDB whose settings for replicas change what BINLOG does: slave_run_triggers_for_rbr fires triggers, and
// slave_exec_mode=IDEMPOTENT overwrites rows and leaves others out in silence. Neither may make a wrong row.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FailoverPair } from '../failover-pair.ts';

let pair: FailoverPair;

beforeAll(async () => {
  pair = await FailoverPair.start({ flavor: 'mariadb', version: '11.8' });
});
afterAll(() => pair?.remove());

async function withSetting<T>(name: string, value: string, usual: string, run: () => Promise<T>): Promise<T> {
  await pair.restored.query(`SET GLOBAL ${name}='${value}'`);
  try {
    return await run();
  } finally {
    await pair.restored.query(`SET GLOBAL ${name}='${usual}'`);
  }
}

describe('slave_run_triggers_for_rbr', () => {
  const set = <T>(value: string, run: () => Promise<T>): Promise<T> =>
    withSetting('slave_run_triggers_for_rbr', value, 'NO', run);

  test.each(['YES', 'ENFORCE'])(
    '%s: tables whose triggers it fires are refused, unless told otherwise',
    async (value) => {
      const t = `fires_${value}`;
      await pair.begin(
        `CREATE DATABASE ${t}; CREATE TABLE ${t}.item (id INT PRIMARY KEY, n INT);
         CREATE TABLE ${t}.audit (id INT AUTO_INCREMENT PRIMARY KEY, item INT);
         CREATE TRIGGER ${t}.watch AFTER INSERT ON ${t}.item FOR EACH ROW INSERT INTO ${t}.audit (item) VALUES (NEW.id);
         INSERT INTO ${t}.item VALUES (1, 1)`,
      );
      await pair.onFailed(`INSERT INTO ${t}.item VALUES (2, 2)`);
      await pair.diff();
      const audited = () => pair.restored.query(`SELECT item FROM ${t}.audit ORDER BY id`);
      await set(value, async () => {
        await expect(pair.replay({ apply: true })).rejects.toMatchObject({
          code: 'refused',
          message: `row events fire triggers of the restored primary (slave_run_triggers_for_rbr=${value}), whose effects are in the window already: ${t}.item: watch (AFTER INSERT)`,
          hint: expect.stringContaining(`SET GLOBAL slave_run_triggers_for_rbr='NO'`),
        });
      });
      expect(await audited()).toEqual([{ item: 1 }]);
      const { applied, undo } = await pair.replay({ apply: true });
      expect(applied).toHaveLength(1);
      expect(await audited()).toEqual([{ item: 1 }, { item: 2 }]);
      // Deleting fires nothing.
      await set(value, () => pair.undo(undo!, { apply: true }));
      expect(await audited()).toEqual([{ item: 1 }]);
    },
  );
});

describe('slave_exec_mode=IDEMPOTENT', () => {
  const set = <T>(run: () => Promise<T>): Promise<T> =>
    withSetting('slave_exec_mode', 'IDEMPOTENT', 'STRICT', run);

  test('what only the server’s own refusal keeps from a wrong row is left out, by the rehearsal too', async () => {
    const t = 'lenient';
    await pair.begin(
      `CREATE DATABASE ${t};
       CREATE TABLE ${t}.ignored (id INT PRIMARY KEY, a INT, UNIQUE KEY a (a) IGNORED);
       CREATE TABLE ${t}.beginning (id INT PRIMARY KEY, a VARCHAR(20), UNIQUE KEY a (a(3)));
       CREATE TABLE ${t}.parent (id INT PRIMARY KEY, code INT, KEY code (code));
       CREATE TABLE ${t}.child (id INT PRIMARY KEY, code INT, FOREIGN KEY code (code) REFERENCES ${t}.parent (code));
       ALTER TABLE ${t}.parent ALTER INDEX code IGNORED;
       CREATE TABLE ${t}.plain (id INT PRIMARY KEY, a INT, UNIQUE KEY a (a));
       INSERT INTO ${t}.parent VALUES (1, 10), (2, 20);
       INSERT INTO ${t}.ignored VALUES (1, 1), (2, 2)`,
    );
    await pair.onFailed(
      `INSERT INTO ${t}.ignored VALUES (5, 7)`,
      `UPDATE ${t}.ignored SET a=8 WHERE id=1`,
      `INSERT INTO ${t}.beginning VALUES (5, 'taken')`,
      `INSERT INTO ${t}.child VALUES (1, 20)`,
      `INSERT INTO ${t}.plain VALUES (1, 1)`,
      `DELETE FROM ${t}.ignored WHERE id=2`,
    );
    await pair.diff();
    expect(await pair.states()).toEqual(new Array(6).fill('missing'));
    await pair.onRestored(
      `INSERT INTO ${t}.ignored VALUES (900, 7), (901, 8)`,
      `INSERT INTO ${t}.beginning VALUES (900, 'takes')`,
      `DELETE FROM ${t}.parent WHERE id=2`,
    );
    const [rehearsed, { applied, conflicts, verified }] = await set(async () => [
      await pair.replay({ apply: false }),
      await pair.replay({ apply: true }),
    ]);
    expect(conflicts.map(({ kind, why }) => [kind, why.slice(0, 70)])).toEqual([
      ['refused-by-restored', 'slave_exec_mode is IDEMPOTENT on the restored primary: a row that has '],
      ['refused-by-restored', 'slave_exec_mode is IDEMPOTENT on the restored primary: a row that has '],
      ['refused-by-restored', 'slave_exec_mode is IDEMPOTENT on the restored primary: a row that has '],
      ['refused-by-restored', 'slave_exec_mode is IDEMPOTENT on the restored primary: a row without a'],
    ]);
    expect(rehearsed.conflicts.map(({ kind, why }) => [kind, why])).toEqual(
      conflicts.map(({ kind, why }) => [kind, why]),
    );
    expect(applied).toHaveLength(2);
    expect(verified).toMatchObject({ replayed: 2, wrong: 0 });
    expect(await pair.restored.query(`SELECT * FROM ${t}.ignored ORDER BY id`)).toEqual([
      { id: 1, a: 1 },
      { id: 900, a: 7 },
      { id: 901, a: 8 },
    ]);
    expect(await pair.restored.query(`SELECT * FROM ${t}.beginning`)).toEqual([{ id: 900, a: 'takes' }]);
    // STRICT again, the server itself refuses them.
    const again = await pair.replay({ apply: true });
    expect(again.applied).toEqual([]);
    expect(again.conflicts.map(({ kind }) => kind)).toEqual([
      'unique-taken',
      'unique-taken',
      'unique-taken',
      'parent-missing',
    ]);
  });
});

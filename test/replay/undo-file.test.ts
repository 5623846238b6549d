// The undo file is on disk, whole and for its owner alone, before anything is written; where it can't be, nothing is; where
// nothing is written, there is none. A large plan's is written in a thread of its own.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toServer } from '../../chaos/faults.ts';
import { startTool } from '../../chaos/tool.ts';
import { loadPlan } from '../../src/plan/planned-transactions.ts';
import { readReport } from '../../src/report/report-data.ts';
import { FailoverPair } from '../failover-pair.ts';
import { serverState } from '../scenarios/server-state.ts';

describe.each([
  ['a small plan', 50, 1],
  ['a large plan', 12, 1 << 20],
])('%s', (_, count, bytes) => {
  let pair: FailoverPair;

  beforeAll(async () => {
    pair = await FailoverPair.start({ flavor: 'mariadb' });
    await pair.begin(
      'CREATE DATABASE u; CREATE TABLE u.t (id INT PRIMARY KEY, n INT, v LONGTEXT) ENGINE=InnoDB',
    );
    const insert = (i: number): string => `INSERT INTO u.t VALUES (${i}, 1, REPEAT('x', ${bytes}))`;
    await pair.onFailed(...Array.from({ length: count }, (_, i) => insert(i)));
    await pair.diff();
    expect(statSync(pair.plan).size > 8 << 20).toBe(bytes > 1);
  });
  afterAll(() => pair?.remove());

  const files = (): string[] => readdirSync(pair.folder).sort();
  const command = () => [
    ...['replay', pair.plan, '--apply', '--yes', '--record', pair.record],
    ...toServer(pair.restored, pair.restored.port),
  ];

  test('a disk that is full ends the replay before the first write, and leaves no part of a file', async () => {
    const [before, folder] = [await serverState(pair.restored), files()];
    const { code, text } = await startTool(command(), pair.restored.password, 4).ended;
    expect(code, text).toBe(1);
    expect(text).toMatch(
      /the undo file .*\.undo-\w+\.jsonl can't be written, so nothing was replayed: .*EFBIG/,
    );
    expect(text).toMatch(/--undo FILE/);
    expect(await serverState(pair.restored)).toEqual(before);
    expect(files()).toEqual(folder);
  });

  test('a replay that is refused when it has begun to copy leaves none', async () => {
    const folder = files();
    await pair.restored.query('ALTER TABLE u.t ADD COLUMN w INT');
    const { code, text } = await startTool(command(), pair.restored.password).ended;
    await pair.restored.query('ALTER TABLE u.t DROP COLUMN w');
    expect(code, text).toBe(4);
    expect(files()).toEqual(folder);
  });

  test('it takes the place of no plan, whose name was given by mistake: nothing is replayed', async () => {
    const [before, folder, plan] = [await serverState(pair.restored), files(), readFileSync(pair.plan)];
    const words = [...command(), '--undo', pair.plan];
    const { code, text } = await startTool(words, pair.restored.password).ended;
    expect([code, text]).toEqual([
      1,
      expect.stringContaining(
        `so nothing was replayed: ${pair.plan} is not the undo file of an earlier run, and is left as it is`,
      ),
    ]);
    expect(readFileSync(pair.plan).equals(plan)).toBe(true);
    expect(await serverState(pair.restored)).toEqual(before);
    expect(files()).toEqual(folder);
  });

  test('with room again the same command does it: a file of mode 0600 that holds every transaction', async () => {
    const folder = files();
    const { code, text } = await startTool(command(), pair.restored.password).ended;
    expect(code, text).toBe(0);
    const [made, ...more] = files().filter((file) => !folder.includes(file));
    expect(more).toEqual([]);
    expect(made).toMatch(/^reconcile\.undo-\w+\.jsonl$/);
    const path = `${pair.folder}/${basename(made!)}`;
    expect((statSync(path).mode & 0o777).toString(8)).toBe('600');
    const { header, transactions } = await loadPlan(path);
    expect(header.undo).toBe(true);
    expect(transactions).toHaveLength(count);
    await expect(readReport(path)).rejects.toMatchObject({
      code: 'usage',
      message: `${path} is an undo file`,
      hint: `Take the replay back with: reconcile undo ${path}`,
    });
  });

  test('a replay that finds all of it done leaves the file as it is, and no other', async () => {
    const folder = files();
    const [made] = folder.filter((file) => file.includes('.undo-'));
    const { mtimeMs, ino } = statSync(`${pair.folder}/${made}`);
    const { code, text } = await startTool(command(), pair.restored.password).ended;
    expect(code, text).toBe(0);
    expect(files()).toEqual(folder);
    expect(statSync(`${pair.folder}/${made}`)).toMatchObject({ mtimeMs, ino });
    expect((await pair.undo(`${pair.folder}/${made}`, { apply: true })).undone).toHaveLength(count);
    expect(await pair.restored.query('SELECT * FROM u.t')).toEqual([]);
  });
});

// The undo file is on disk, whole and for its owner alone, before anything is written; where it can't be, nothing is.
import { readdirSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toServer } from '../../chaos/faults.ts';
import { startTool } from '../../chaos/tool.ts';
import { loadPlan } from '../../src/plan/planned-transactions.ts';
import { FailoverPair } from '../failover-pair.ts';
import { serverState } from '../scenarios/server-state.ts';

const TRANSACTIONS = 50;

let pair: FailoverPair;

beforeAll(async () => {
  pair = await FailoverPair.start({ flavor: 'mariadb' });
  await pair.begin('CREATE DATABASE u; CREATE TABLE u.t (id INT PRIMARY KEY, n INT) ENGINE=InnoDB');
  await pair.onFailed(...Array.from({ length: TRANSACTIONS }, (_, i) => `INSERT INTO u.t VALUES (${i}, 1)`));
  await pair.diff();
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
  expect(transactions).toHaveLength(TRANSACTIONS);
  expect((await pair.undo(path, { apply: true })).undone).toHaveLength(TRANSACTIONS);
  expect(await pair.restored.query('SELECT * FROM u.t')).toEqual([]);
});

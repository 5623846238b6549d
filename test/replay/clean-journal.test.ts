// Removing the journal: what is there is said first, it is kept while somebody may need it, and nothing else goes with it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FailoverPair } from '../failover-pair.ts';

let pair: FailoverPair;
let elsewhere: string;

beforeAll(async () => {
  elsewhere = mkdtempSync(join(tmpdir(), 'clean-'));
  pair = await FailoverPair.start({ flavor: 'mariadb' });
  await pair.begin('CREATE DATABASE c; CREATE TABLE c.t (id INT PRIMARY KEY, n INT) ENGINE=InnoDB');
  await pair.onFailed('INSERT INTO c.t VALUES (1,1)', 'INSERT INTO c.t VALUES (2,2)');
  await pair.diff();
});
afterAll(async () => {
  rmSync(elsewhere, { recursive: true, force: true });
  await pair?.remove();
});

async function schemas(): Promise<number> {
  return (await pair.restored.query("SHOW DATABASES LIKE 'reconcile'")).length;
}

test('where there is none, there is nothing to remove', async () => {
  expect(await pair.clean({ apply: true })).toMatchObject({ contents: null, removed: false });
});

test('kept while a plan in the folder can be replayed, for a day after its last entry, and while a replay runs', async () => {
  await pair.replay({ apply: true });
  expect(await pair.clean({ apply: false })).toMatchObject({
    contents: { applied: 2, undone: 0 },
    removed: false,
  });
  expect(pair.warnings.join('\n')).toMatch(/--apply would be refused: .*can still be replayed or taken back/);
  await expect(pair.clean({ apply: true })).rejects.toMatchObject({
    code: 'refused',
    check: 'journal-needed',
    message: expect.stringMatching(
      /^reconcile\.plan\.jsonl, reconcile\.undo-\w+\.jsonl can still be replayed or taken back here/,
    ),
  });
  await expect(pair.clean({ apply: true, folder: elsewhere })).rejects.toMatchObject({
    check: 'journal-needed',
    message: "the journal's last entry is 0 hours old: somebody may still take that replay back",
  });
  pair.force = new Set(['journal-needed']);
  const [held] = await pair.restored.query("SELECT GET_LOCK('reconcile.replay', 0) AS held");
  expect(Number(held!.held)).toBe(1);
  await expect(pair.clean({ apply: true })).rejects.toThrow(/another reconcile is replaying/);
  await pair.restored.query("DO RELEASE_LOCK('reconcile.replay')");
  pair.force = new Set();
  expect(await schemas()).toBe(1);
});

test('a day after the last entry it goes; the schema stays with whatever else is in it', async () => {
  await pair.restored.query(
    'UPDATE reconcile.journal SET noted_at = NOW(6) - INTERVAL 25 HOUR; CREATE TABLE reconcile.mine (id INT)',
  );
  expect(await pair.clean({ apply: true, folder: elsewhere })).toMatchObject({
    removed: true,
    schemaRemoved: false,
  });
  expect(await pair.restored.query('SHOW TABLES FROM reconcile')).toHaveLength(1);
  await pair.restored.query('DROP TABLE reconcile.mine');
});

test('forced, and its schema with it', async () => {
  await pair.onFailed('INSERT INTO c.t VALUES (3,3)').catch(() => {});
  await pair.restored.query('DELETE FROM c.t');
  await pair.diff();
  await pair.replay({ apply: true });
  pair.force = new Set(['journal-needed']);
  expect(await pair.clean({ apply: true })).toMatchObject({ removed: true, schemaRemoved: true });
  pair.force = new Set();
  expect(await schemas()).toBe(0);
});

test('a table of somebody else’s is never taken for the journal', async () => {
  await pair.restored.query('CREATE DATABASE reconcile; CREATE TABLE reconcile.journal (id INT)');
  await expect(pair.clean({ apply: true, folder: elsewhere })).rejects.toThrow(
    /reconcile\.journal is not a journal of reconcile, and is left as it is/,
  );
  expect(await pair.restored.query('SHOW TABLES FROM reconcile')).toHaveLength(1);
});

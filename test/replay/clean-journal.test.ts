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

test('nor is it written to by a replay', async () => {
  await pair.restored.query('DELETE FROM c.t');
  await expect(pair.replay({ apply: true })).rejects.toMatchObject({
    code: 'input',
    message: 'reconcile.journal is not a journal of reconcile, and is left as it is',
  });
  expect(await pair.restored.query('SELECT * FROM c.t')).toEqual([]);
  await pair.restored.query('DROP DATABASE reconcile');
});

test('a journal that would keep what is rolled back is refused, and not a transaction is called replayed by it', async () => {
  await pair.diff();
  const { applied, undo } = await pair.replay({ apply: true });
  expect(applied).toHaveLength(3);
  await pair.restored.query('ALTER TABLE reconcile.journal ENGINE=MyISAM');
  const refused = {
    code: 'input',
    message: expect.stringMatching(/the journal reconcile\.journal is not InnoDB any more \(MyISAM\)/),
  };
  await expect(pair.replay({ apply: true })).rejects.toMatchObject(refused);
  await expect(pair.undo(undo!, { apply: true })).rejects.toMatchObject(refused);
  await expect(pair.diff({ fenced: true })).rejects.toMatchObject(refused);
  await pair.restored.query('ALTER TABLE reconcile.journal ENGINE=InnoDB');
  expect((await pair.undo(undo!, { apply: true })).undone).toHaveLength(3);
});

test('where GTIDs stay executed behind an undo, the journal that knows better is kept', async () => {
  const other = await FailoverPair.start({ flavor: 'mysql' });
  try {
    await other.begin('CREATE DATABASE c; CREATE TABLE c.t (id INT PRIMARY KEY, n INT) ENGINE=InnoDB');
    await other.onFailed('INSERT INTO c.t VALUES (1,1)', 'INSERT INTO c.t VALUES (2,2)');
    await other.diff();
    const { undo } = await other.replay({ apply: true });
    await other.undo(undo!, { apply: true });
    await other.restored.query('UPDATE reconcile.journal SET noted_at = NOW(6) - INTERVAL 25 HOUR');
    await expect(other.clean({ apply: true, folder: elsewhere })).rejects.toMatchObject({
      check: 'journal-needed',
      message:
        '2 transactions were taken back, and their GTIDs stay executed: only the journal tells that their rows are gone',
    });
    expect((await other.diff({ fenced: true })).header.transactions).toMatchObject({
      missing: 2,
      present: 0,
    });
    // Replayed again it is a memory of what GTIDs tell as well.
    await other.replay({ apply: true });
    await other.restored.query('UPDATE reconcile.journal SET noted_at = NOW(6) - INTERVAL 25 HOUR');
    expect(await other.clean({ apply: true, folder: elsewhere })).toMatchObject({ removed: true });
    expect((await other.diff({ fenced: true })).header.transactions).toMatchObject({
      missing: 0,
      present: 2,
    });
  } finally {
    await other.remove();
  }
});

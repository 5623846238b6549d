// The record on disk: whole, private, and never in the place of another cluster's.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadRecord } from '../../src/record/failover-record.ts';
import { checkEarlierRecord, saveRecord } from '../../src/record/save-record.ts';
import { aRecord } from './a-record.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'save-record-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const later = (minutes: number) => new Date(Date.parse(aRecord().recordedAt) + minutes * 60_000);
const request = (minutes = 0, force: string[] = []) => ({
  path: join(folder, 'failover.json'),
  coolOff: 600_000,
  now: later(minutes),
  force: new Set(force),
});

test('mode 0600, whole, and nothing left beside it', async () => {
  expect(await saveRecord(aRecord(), request())).toBeNull();
  expect(await loadRecord(request().path)).toEqual(aRecord());
  expect(statSync(request().path).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['failover.json']);
});

test('inside the cool-off it is refused; after it, or forced, the earlier record is kept', async () => {
  await saveRecord(aRecord(), request());
  const second = { ...aRecord(), recordedAt: later(9).toISOString() };
  await expect(saveRecord(second, request(9))).rejects.toMatchObject({ code: 'refused', check: 'cool-off' });
  await expect(checkEarlierRecord({ cluster: 'shop' }, request(9))).rejects.toMatchObject({
    check: 'cool-off',
  });
  expect(await loadRecord(request().path)).toEqual(aRecord());

  const kept = await saveRecord(second, request(9, ['cool-off']));
  expect(kept).toBe(join(folder, 'failover.json.2026-11-20T10-00-00.000Z'));
  expect(await loadRecord(kept!)).toEqual(aRecord());
  const third = { ...aRecord(), recordedAt: later(19).toISOString() };
  await saveRecord(third, request(19));
  expect(await loadRecord(request().path)).toEqual(third);
  expect(readdirSync(folder)).toHaveLength(3);
});

test("another cluster's record stays, told by name or by its servers", async () => {
  await saveRecord(aRecord(), request());
  const other = { ...aRecord(), cluster: 'billing' };
  await expect(saveRecord(other, request(60))).rejects.toMatchObject({
    code: 'refused',
    check: 'other-cluster',
  });
  const nameless = { ...aRecord('mariadb'), cluster: null };
  await expect(saveRecord(nameless, request(60))).rejects.toThrow(
    /holds the failover record of cluster shop/,
  );
  await expect(saveRecord({ ...aRecord(), cluster: null }, request(1))).rejects.toMatchObject({
    check: 'cool-off',
  });
  // Before the servers are known nothing can be said.
  expect(await checkEarlierRecord({ cluster: null }, request(1))).toEqual(aRecord());
});

test('a file that is no record is not overwritten', async () => {
  writeFileSync(request().path, 'my notes');
  await expect(saveRecord(aRecord(), request(0, ['cool-off', 'other-cluster']))).rejects.toMatchObject({
    code: 'input',
  });
  expect(readFileSync(request().path, 'utf8')).toBe('my notes');
});

test('a folder that is not there', async () => {
  const path = join(folder, 'gone', 'failover.json');
  await expect(saveRecord(aRecord(), { ...request(), path })).rejects.toThrow(/can't be written: ENOENT/);
});

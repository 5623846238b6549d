// A draft is nothing until it is kept: discarded it leaves no part of a file, and what came under its name meanwhile stays.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { draftPrivateFile, type PrivateFile } from '../../src/plan/private-file.ts';

let folder: string;
let file: PrivateFile;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reconcile-private-'));
  file = {
    path: join(folder, 'a.jsonl'),
    what: 'the plan',
    isOurs: (head) => head.startsWith('ours'),
    option: '--plan FILE',
  };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const files = () => readdirSync(folder);

test('has another name until it is kept, then its own and mode 0600; to discard it then changes nothing', async () => {
  const draft = await draftPrivateFile(file, ['ours ', Buffer.from('and whole')]);
  expect(files()).toEqual([expect.stringMatching(/^a\.jsonl\.[0-9a-f]{8}\.tmp$/)]);
  await draft.keep();
  await draft.discard();
  expect(files()).toEqual(['a.jsonl']);
  expect(readFileSync(file.path, 'utf8')).toBe('ours and whole');
  expect((statSync(file.path).mode & 0o777).toString(8)).toBe('600');
});

test('discarded, it leaves the file that was there, and nothing of its own', async () => {
  writeFileSync(file.path, 'ours of before');
  const draft = await draftPrivateFile(file, ['ours of now']);
  await draft.discard();
  await draft.discard();
  expect(files()).toEqual(['a.jsonl']);
  expect(readFileSync(file.path, 'utf8')).toBe('ours of before');
});

test('what somebody put under its name meanwhile, and is none of ours, stays', async () => {
  const draft = await draftPrivateFile(file, ['ours']);
  writeFileSync(file.path, 'a record');
  await expect(draft.keep()).rejects.toMatchObject({
    code: 'input',
    message: expect.stringMatching(/is not the plan of an earlier run/),
  });
  expect(files()).toEqual(['a.jsonl']);
  expect(readFileSync(file.path, 'utf8')).toBe('a record');
});

test('whose maker fails leaves no part of a file', async () => {
  async function* chunks(): AsyncGenerator<string> {
    yield 'ours';
    throw new Error('no more');
  }
  await expect(draftPrivateFile(file, chunks())).rejects.toMatchObject({
    code: 'input',
    message: expect.stringMatching(/the plan can't be written: no more/),
  });
  expect(files()).toEqual([]);
});

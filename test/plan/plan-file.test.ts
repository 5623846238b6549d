// A plan file on disk: whole it comes back as it was written; what is damaged is told from what is no plan.
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PlanHeader, PlanLine, PlanTransaction } from '../../src/plan/plan.ts';
import { readWholePlan, scanPlanFile, UNDO_HEAD, writePlan } from '../../src/plan/plan-file.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reconcile-plan-'));
  path = join(folder, 'a.plan.jsonl');
  await writePlan(path, lines());
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const transaction = (id: string, extra: Partial<PlanTransaction> = {}): PlanTransaction => ({
  type: 'transaction',
  id,
  gtid: null,
  state: 'missing',
  start: { file: 'binlog.000001', position: 4 },
  end: { file: 'binlog.000001', position: 9 },
  committed: null,
  executed: false,
  changes: [
    { table: 1, name: 's.t', op: 'insert', state: 'missing', key: { id }, flags: 0, after: 'AAEAAAA=' },
  ],
  ...extra,
});

function lines(): PlanLine[] {
  const parts = ['failed', 'restored', 'window', 'transactions', 'changes', 'tables', 'account', 'warnings'];
  const header = { type: 'plan', version: 1, ...Object.fromEntries(parts.map((part) => [part, {}])) };
  return [header as unknown as PlanHeader, transaction('a:1'), transaction('a:2')];
}

const edit = (from: string, to: string): void =>
  writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));

/** Of the transactions that a reader is told of. */
async function ids(): Promise<string[]> {
  const found: string[] = [];
  const { fault } = await scanPlanFile(path, { transaction: ({ id }) => found.push(id) });
  if (fault) throw fault;
  return found;
}

test('whole', async () => {
  expect(await scanPlanFile(path)).toMatchObject({ header: { type: 'plan' }, damage: null });
  expect(await ids()).toEqual(['a:1', 'a:2']);
});

test('an undo file is replaced by no plan, and shown as none', async () => {
  const [head, ...rest] = lines();
  rmSync(path);
  await writePlan(path, [{ ...UNDO_HEAD, ...(head as PlanHeader), ...UNDO_HEAD }, ...rest]);
  const written = readFileSync(path);
  await expect(writePlan(path, lines())).rejects.toMatchObject({
    code: 'input',
    message: `${path} is not the plan of an earlier run, and is left as it is`,
  });
  expect(readFileSync(path).equals(written)).toBe(true);
  await expect(readWholePlan(path)).rejects.toMatchObject({
    code: 'usage',
    message: `${path} is an undo file`,
    hint: `Take the replay back with: reconcile undo ${path}`,
  });
});

test('a value with line separators of Unicode ends no line', async () => {
  const key = { id: 'a\u2028b\u2029c\r\u0085' };
  const changes = [{ ...transaction('x').changes[0]!, key }];
  await writePlan(path, [lines()[0]!, transaction('a:1', { changes })]);
  const told: unknown[] = [];
  await readWholePlan(path, { transaction: (_, line) => told.push(JSON.parse(line.toString())) });
  expect(told).toMatchObject([{ id: 'a:1', changes: [{ key }] }]);
});

describe('damaged, but each line can be read', () => {
  test('edited', async () => {
    edit('"id":"a:2"', '"id":"a:9"');
    await damagedAs(/somebody edited it/, ['a:1', 'a:9']);
  });

  test('a line taken out', async () => {
    edit(`${JSON.stringify(transaction('a:1'))}\n`, '');
    await damagedAs(/somebody edited it/, ['a:2']);
  });

  test('the end line cut off', async () => {
    const text = readFileSync(path, 'utf8');
    truncateSync(path, text.lastIndexOf('{"type":"end"'));
    await damagedAs(/its end line is missing/, ['a:1', 'a:2']);
  });

  test('cut within a line: of that line nothing is used', async () => {
    truncateSync(path, readFileSync(path, 'utf8').indexOf('"a:2"') + 20);
    await damagedAs(/cut short in the middle of line 3/, ['a:1']);
  });

  test('cut at the very end of a line, before its line feed', async () => {
    const text = readFileSync(path, 'utf8');
    truncateSync(path, text.lastIndexOf('{"type":"end"') - 1);
    await damagedAs(/cut short in the middle of line 3/, ['a:1']);
  });

  test('text behind the end line is not used', async () => {
    writeFileSync(path, `${readFileSync(path, 'utf8')}${JSON.stringify(transaction('a:3'))}\n`);
    await damagedAs(/text after its end line/, ['a:1', 'a:2']);
  });

  test('another count in the end line', async () => {
    edit('"lines":3', '"lines":2');
    await damagedAs(/somebody edited it/, ['a:1', 'a:2']);
  });

  async function damagedAs(says: RegExp, used: string[]): Promise<void> {
    expect((await scanPlanFile(path)).damage).toMatch(says);
    await expect(readWholePlan(path)).rejects.toMatchObject({
      code: 'input',
      message: expect.stringMatching(says),
    });
    expect(await ids()).toEqual(used);
  }
});

describe('no plan', () => {
  test.each([
    ['empty', '', /it is empty/],
    ['another file', '{"id": 1}\n', /line 1 is not a line of a plan/],
    ['no JSON', '-- MySQL dump\n', /line 1 is not a line of a plan/],
    ['a binlog', '\xfebin\0\0\0', /no header/],
    ['without its header', `${JSON.stringify(transaction('a:1'))}\n`, /first line is not a plan header/],
  ])('%s', async (_, text, says) => {
    writeFileSync(path, text);
    await expect(scanPlanFile(path)).rejects.toMatchObject({
      code: 'input',
      message: expect.stringMatching(says),
    });
  });

  test('a line in the middle that is no JSON', async () => {
    edit('{"type":"transaction","id":"a:1"', '{"type":"transaction","id":a:1');
    await expect(scanPlanFile(path)).rejects.toMatchObject({
      code: 'input',
      message: expect.stringMatching(/line 2 is not/),
    });
  });

  test.each([
    ['"op":"insert"', '"op":"imsert"', /a change of transaction a:1 is no insert, update or delete/],
    ['"op":"insert"', '"op":"delete"', /a change of transaction a:1 is no insert, update or delete/],
    ['"state":"missing"', '"state":"missinG"', /no state that there is/],
    ['"changes":[', '"chances":[', /without changes/],
  ])('%s edited to %s is never taken for something else', async (from, to, says) => {
    edit(from, to);
    await expect(ids()).rejects.toMatchObject({ code: 'input', message: expect.stringMatching(says) });
  });
});

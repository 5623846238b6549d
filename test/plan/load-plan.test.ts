// A plan's rows come back byte for byte, also from behind a small bound of memory; what an edited line can get wrong is an
// error, told behind the damage; a copy of a plan is made of the file that was loaded, or not at all.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openFileSource } from '../../src/binlog/file-source.ts';
import { hasPartialImage } from '../../src/binlog/kept-change.ts';
import type { TableMap } from '../../src/binlog/table-map.ts';
import type { Change, RowImage, Transaction } from '../../src/binlog/transaction.ts';
import { copyPlan } from '../../src/plan/copy-plan.ts';
import { copyPlanBeside } from '../../src/plan/copy-plan-beside.ts';
import type { PlanChange, PlanHeader, PlanLine, PlanTransaction } from '../../src/plan/plan.ts';
import { scanPlanFile, UNDO_HEAD, writePlan } from '../../src/plan/plan-file.ts';
import { loadPlan } from '../../src/plan/planned-transactions.ts';
import { PlannedWindow } from '../../src/plan/planned-window.ts';
import { encodeImage } from '../../src/plan/row-image.ts';
import { isoTime, tableName } from '../../src/plan/window-counts.ts';
import { invertTransaction } from '../../src/replay/invert-transaction.ts';
import { transactionsOf } from '../binlog/reading.ts';

const FIXTURES = join(import.meta.dirname, '..', 'binlog', 'fixtures');
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reconcile-plan-'));
  path = join(folder, 'a.plan.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function logged(name: string): Promise<Transaction[]> {
  const source = { paths: [join(FIXTURES, name)], start: { kind: 'beginning' } as const, stop: undefined };
  return (await transactionsOf(await openFileSource(source))).transactions;
}

function header(flavor: 'mysql' | 'mariadb'): PlanHeader {
  const parts = ['restored', 'window', 'transactions', 'changes', 'tables', 'account'];
  const empty = Object.fromEntries(parts.map((part) => [part, {}]));
  const failed = { uuid: null, serverId: 7, version: '', flavor };
  return { type: 'plan', version: 1, cluster: null, ...empty, failed, warnings: [] } as unknown as PlanHeader;
}

/** As the diff would write them; `extra` is added to each. */
function planLines(
  transactions: readonly Transaction[],
  flavor: 'mysql' | 'mariadb',
  extra: (one: PlanTransaction, index: number) => Partial<PlanTransaction> = () => ({}),
): PlanLine[] {
  const maps = new Map<TableMap, number>();
  const entry = (change: Change): PlanChange => {
    const { table, kind, flags, before, after } = change;
    const known = maps.get(table) ?? maps.size;
    maps.set(table, known);
    const whole = !hasPartialImage(change);
    const text = (image: RowImage) => encodeImage(image, table.columns.length);
    return {
      ...{
        table: whole ? known : -1,
        name: tableName(table),
        op: kind,
        state: 'missing',
        key: { 'a"]}': 1 },
        flags,
      },
      ...(whole && before ? { before: text(before) } : {}),
      ...(whole && after ? { after: text(after) } : {}),
    };
  };
  const lines = transactions.map(({ id, gtid, start, end, committedAt, changes }, index): PlanTransaction => {
    const line: PlanTransaction = {
      ...{ type: 'transaction', id, gtid, state: 'missing', start, end },
      ...{ committed: isoTime(committedAt), executed: index % 2 === 1, changes: changes.map(entry) },
    };
    return { ...line, ...extra(line, index) };
  });
  const tables = [...maps].map(([map, id]): PlanLine => {
    const { schema, table, body } = map;
    const rest = { columns: [], key: [], definition: '', tableMap: body.toString('base64') };
    return { type: 'table', id, schema, table, ...rest };
  });
  return [header(flavor), ...tables, ...lines];
}

function content({ kind, flags, table, before, after }: Change) {
  const image = (one: RowImage | null) =>
    one && { offsets: [...one.offsets], bytes: one.bytes.toString('hex', 0, one.offsets.at(-1)) };
  return { kind, flags, table: tableName(table), before: image(before), after: image(after) };
}

describe.each(readdirSync(FIXTURES))('%s', (name) => {
  const flavor = name.startsWith('mariadb') ? 'mariadb' : 'mysql';

  test.each([
    ['in memory', 64 << 20],
    ['in the file, but for the last piece', 1],
  ])('each row comes back, forwards and turned around, %s', async (_, bound) => {
    const transactions = await logged(name);
    // Often enough to fill pieces of the store.
    const many = Array.from({ length: 20 }, () => transactions).flat();
    await writePlan(path, planLines(many, flavor));
    const window = new PlannedWindow(path, { bound, folder });
    expect(await scanPlanFile(path, window)).toMatchObject({ damage: null, fault: null });
    expect(window.transactions).toHaveLength(many.length);
    for (const [i, one] of [
      ...window.transactions.entries(),
      ...[...window.transactions.entries()].reverse(),
    ]) {
      const original = many[i]!;
      const { id, gtid, start, end, committedAt, changes } = original;
      expect(one.planned).toMatchObject({ id, gtid, state: 'missing', executed: i % 2 === 1, changes: [] });
      const read = one.transaction;
      expect(one.source === null).toBe(read === null);
      if (changes.some(hasPartialImage)) {
        expect(read).toBe(null);
        expect(one.line().changes).toHaveLength(changes.length);
        continue;
      }
      const places = { start: { ...start }, end: { ...end } };
      expect(read).toMatchObject({ id, gtid, ...places, committedAt, serverId: 7, origin: 'own' });
      if (i >= transactions.length && i % 7 !== 0) continue;
      expect(read!.changes.map(content)).toEqual(changes.map(content));
      const inverse = { insert: 'delete', delete: 'insert', update: 'update' } as const;
      expect(invertTransaction(read!).changes.map(content)).toEqual(
        changes
          .map(content)
          .map((change) => ({
            ...change,
            kind: inverse[change.kind],
            before: change.after,
            after: change.before,
          }))
          .reverse(),
      );
    }
    window.close();
  });
});

const FIXTURE = readdirSync(FIXTURES).find((name) => name.startsWith('mysql'))!;

test('a resolved transaction has its rows and those that were logged; what a line says beside rows is kept', async () => {
  const transactions = (await logged(FIXTURE)).filter(({ changes }) => changes.length > 1).slice(0, 3);
  const extras = [
    { state: 'conflict', conflicts: [{ why: 'x' }] },
    { state: 'missing', leftOut: [0], resolutions: [] },
    { state: 'unsupported', unsupported: ['y'] },
  ] as unknown as Partial<PlanTransaction>[];
  await writePlan(
    path,
    planLines(transactions, 'mysql', (line, i) => ({
      ...extras[i],
      ...(i === 1 ? { source: line.changes, changes: line.changes.slice(1) } : {}),
    })),
  );
  const plan = await loadPlan(path);
  const [conflict, resolved, unsupported] = plan.transactions;
  expect(conflict!.planned).toMatchObject({ ...extras[0], changes: [] });
  expect(resolved!.planned).toMatchObject({ ...extras[1], changes: [], source: [] });
  const original = transactions[1]!.changes.map(content);
  expect(resolved!.source!.changes.map(content)).toEqual(original);
  expect(resolved!.transaction!.changes.map(content)).toEqual(original.slice(1));
  expect(unsupported!.line()).toMatchObject({
    ...extras[2],
    changes: { length: transactions[2]!.changes.length },
  });
  expect(unsupported!.planned.changes).toEqual([]);
  plan.close();
});

describe('an edited line', () => {
  const edits: [string, (text: string) => string, RegExp][] = [
    ['base64', (text) => text.replace(/"after":"./, '"after":"*'), /that is no base64/],
    ['a shorter row', (text) => text.replace(/"after":"..../, '"after":"'), /does not fit/],
    ['a longer row', (text) => text.replace(/"after":"([^"=]{8})/, '"after":"$1AAAA'), /does not fit/],
    [
      'a table that is not there',
      (text) => text.replace(/"changes":\[\{"table":\d+/, '"changes":[{"table":9999'),
      /names table 9999/,
    ],
    ['no row', (text) => text.replace(/,"after":"[^"]*"/, ''), /lacks a row/],
    ['another GTID', (text) => text.replace(/"gtid":"[^"]*"/, '"gtid":"a:1"'), /has the GTID a:1/],
    [
      'a table map',
      (text) => text.replace(/"tableMap":"[^"]{40}/, '"tableMap":"'),
      /the description of table .* can't be read/,
    ],
  ];

  beforeEach(async () => {
    // Rows that begin with an insert, so that the first image in the file is its whole row.
    const transactions = (await logged(FIXTURE)).filter(
      ({ changes }) => changes.length > 0 && changes.every(({ kind }) => kind === 'insert'),
    );
    await writePlan(path, planLines(transactions, 'mysql'));
  });

  test.each(edits)(
    '%s: of a damaged plan it is the damage that is told; forced, the fault',
    async (_, edit, says) => {
      const text = readFileSync(path, 'utf8');
      expect(edit(text)).not.toBe(text);
      writeFileSync(path, edit(text));
      await expect(loadPlan(path)).rejects.toMatchObject({
        message: expect.stringMatching(/somebody edited it/),
      });
      await expect(loadPlan(path, () => 'accepted')).rejects.toMatchObject({
        code: 'input',
        message: expect.stringMatching(says),
      });
    },
  );

  test.each(edits)('%s: an error under a good checksum too', async (_, edit, says) => {
    const lines = edit(readFileSync(path, 'utf8')).trimEnd().split('\n').slice(0, -1);
    await writePlan(
      path,
      lines.map((line) => JSON.parse(line)),
    );
    await expect(loadPlan(path)).rejects.toMatchObject({
      code: 'input',
      message: expect.stringMatching(says),
    });
  });
});

describe.each([
  ['a copy', copyPlan],
  ['a copy beside', copyPlanBeside],
])('%s', (_, make) => {
  const made = { ...UNDO_HEAD, ...header('mysql'), ...UNDO_HEAD };
  let lines: PlanLine[];
  let to: string;

  beforeEach(async () => {
    to = join(folder, 'a.undo.jsonl');
    lines = planLines(await logged(FIXTURE), 'mysql', (_, i) => ({
      state: i % 3 === 0 ? 'conflict' : 'missing',
    }));
    await writePlan(path, lines);
  });

  async function copy(): Promise<void> {
    const { transactions, sha256 } = await loadPlan(path);
    const wanted = Uint8Array.from(transactions, ({ state }) => (state === 'missing' ? 1 : 0));
    const draft = await make({ from: path, sha256, to, option: '--undo FILE', header: made, wanted });
    expect(readdirSync(folder)).toEqual(['a.plan.jsonl', expect.stringMatching(/^a\.undo\.jsonl\..*\.tmp$/)]);
    await draft.keep();
    await draft.discard();
  }

  test.each([
    ['in one block', 1],
    ['of several blocks', 300],
  ])('%s is what writing its lines would have made', async (_size, times) => {
    const [head, ...rest] = lines;
    const many = Array.from({ length: times }, () =>
      rest.filter(({ type }) => type === 'transaction'),
    ).flat();
    lines = [head!, ...rest.filter(({ type }) => type === 'table'), ...many];
    await writePlan(path, lines);
    expect(statSync(path).size > 1 << 20).toBe(times > 1);
    await copy();
    const other = join(folder, 'other.jsonl');
    await writePlan(other, [
      made,
      ...lines.slice(1).filter((line) => line.type !== 'transaction' || line.state === 'missing'),
    ]);
    expect(readFileSync(to, 'utf8')).toBe(readFileSync(other, 'utf8'));
    expect((await loadPlan(to)).transactions.every(({ state }) => state === 'missing')).toBe(true);
  });

  test('of a file that is not what was loaded is not made', async () => {
    const { sha256, transactions } = await loadPlan(path);
    const wanted = new Uint8Array(transactions.length).fill(1);
    const text = readFileSync(path, 'utf8');
    const source = { from: path, sha256, to, option: '--undo FILE', header: made, wanted };
    for (const other of [
      text.replace(/"position":\d/, '"position":0'),
      text.slice(0, text.lastIndexOf('{"type":"transaction"')),
      text.replace('{"type":"end"', `${JSON.stringify(lines.at(-1))}\n{"type":"end"`),
    ]) {
      expect(other).not.toBe(text);
      writeFileSync(path, other);
      await expect(make(source)).rejects.toMatchObject({
        code: 'input',
        message: expect.stringMatching(/was changed while/),
      });
      expect(readdirSync(folder)).toEqual(['a.plan.jsonl']);
    }
  });

  test('of a damaged plan that was accepted ends where the plan did', async () => {
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.slice(0, text.lastIndexOf('{"type":"transaction"') + 40));
    const { transactions, sha256 } = await loadPlan(path, () => 'accepted');
    const wanted = new Uint8Array(transactions.length).fill(1);
    const draft = await make({ from: path, sha256, to, option: '--undo FILE', header: made, wanted });
    await draft.keep();
    expect((await loadPlan(to)).transactions).toHaveLength(transactions.length);
  });

  test('is kept, however busy this thread was when it was', async () => {
    for (let milliseconds = 0; milliseconds < 25; milliseconds++) {
      const { transactions, sha256 } = await loadPlan(path);
      const wanted = new Uint8Array(transactions.length).fill(1);
      const draft = await make({ from: path, sha256, to, option: '--undo FILE', header: made, wanted });
      const keeping = draft.keep();
      // Its last answer and its end may be here at once then.
      for (const until = performance.now() + milliseconds; performance.now() < until; );
      await keeping;
    }
    expect(readdirSync(folder)).toEqual(['a.plan.jsonl', 'a.undo.jsonl']);
  });

  test('that is not kept leaves nothing; one that can’t be is an error, and leaves nothing either', async () => {
    const { transactions, sha256 } = await loadPlan(path);
    const wanted = new Uint8Array(transactions.length).fill(1);
    const source = { from: path, sha256, to, option: '--undo FILE', header: made, wanted };
    const unwanted = await make(source);
    await unwanted.discard();
    await unwanted.discard();
    expect(readdirSync(folder)).toEqual(['a.plan.jsonl']);
    const draft = await make(source);
    writeFileSync(to, 'a record');
    await expect(draft.keep()).rejects.toMatchObject({
      code: 'input',
      message: expect.stringMatching(/is not the undo file of an earlier run/),
      hint: expect.stringMatching(/--undo FILE/),
    });
    await draft.discard();
    expect(readdirSync(folder)).toEqual(['a.plan.jsonl', 'a.undo.jsonl']);
    const nowhere = join(folder, 'none', 'a.undo.jsonl');
    await expect(make({ ...source, to: nowhere })).rejects.toMatchObject({
      code: 'input',
      message: expect.stringMatching(/can't be written: ENOENT/),
    });
  });
});

// The safety checks before a replay, on real servers: each refuses by its name, writes nothing, and is overridden by its
// name alone.
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FailoverPair, type PairOptions } from '../failover-pair.ts';

const MODES: [string, PairOptions][] = [
  ['MySQL', { flavor: 'mysql' }],
  ['MySQL without GTIDs', { flavor: 'mysql', gtid: false }],
  ['MariaDB', { flavor: 'mariadb' }],
];

describe.each(MODES)('%s', (_, options) => {
  let pair: FailoverPair;
  let schema = '';
  let count = 0;
  const fence = options.flavor === 'mysql' ? 'super_read_only' : 'read_only';

  beforeAll(async () => {
    pair = await FailoverPair.start(options);
  });
  afterAll(() => pair?.remove());

  beforeEach(async () => {
    schema = `r${++count}`;
    pair.force = new Set();
    pair.warnings.length = 0;
    await pair.begin(
      `CREATE DATABASE ${schema}; CREATE TABLE ${schema}.t (id INT PRIMARY KEY, n INT) ENGINE=InnoDB`,
    );
    await pair.onFailed(`INSERT INTO ${schema}.t VALUES (1,1)`);
    await pair.diff();
  });

  const rows = async (): Promise<number> => (await pair.restored.query(`SELECT * FROM ${schema}.t`)).length;
  const replay = () => pair.replay({ apply: true, failed: true });

  /** Refused by this check, nothing written; with --force of another check too; by its own name it goes. */
  async function refused(check: string, says: RegExp): Promise<void> {
    await expect(replay()).rejects.toMatchObject({
      code: 'refused',
      check,
      message: expect.stringMatching(says),
    });
    pair.force = new Set(['cool-off']);
    await expect(replay()).rejects.toMatchObject({ check });
    expect(await rows()).toBe(0);
    pair.force = new Set([check]);
    expect((await replay()).applied).toHaveLength(1);
    expect(await rows()).toBe(1);
    expect(pair.warnings.join('\n')).toMatch(new RegExp(`--force ${check}: `));
  }

  test('a fenced failed primary that wrote nothing since lets it pass', async () => {
    expect((await replay()).applied).toHaveLength(1);
    expect(pair.warnings).toEqual([]);
  });

  test('also where its log goes on in new files without a write', async () => {
    await pair.failed.query('FLUSH BINARY LOGS; FLUSH BINARY LOGS');
    expect((await replay()).applied).toHaveLength(1);
    expect(pair.warnings).toEqual([]);
  });

  test('unfenced', async () => {
    await pair.failed.query(`SET GLOBAL ${fence}=0`);
    await refused('unfenced', /still takes writes/);
  });

  test('written to since the plan was made', async () => {
    await pair.failed.query(`SET GLOBAL ${fence}=0; SET GLOBAL read_only=0`);
    await pair.onFailed(`INSERT INTO ${schema}.t VALUES (2,2)`);
    await pair.failed.query(`SET GLOBAL ${fence}=1`);
    await refused('written-since', /has 1 transaction of its own behind the plan's end/);
  });

  test('what is behind a stop that was asked for is no surprise', async () => {
    await pair.failed.query(`SET GLOBAL ${fence}=0; SET GLOBAL read_only=0`);
    const { window } = (await pair.diff()).header;
    await pair.failed.query(`SET GLOBAL ${fence}=0; SET GLOBAL read_only=0`);
    await pair.onFailed(`INSERT INTO ${schema}.t VALUES (2,2)`);
    await pair.diff({ stopPosition: `${window.end.file}:${window.end.position}` });
    expect((await replay()).applied).toHaveLength(1);
    expect(await rows()).toBe(1);
  });

  test('the record of another failover', async () => {
    const record = readFileSync(pair.record, 'utf8');
    const { old, new: fresh, ...rest } = JSON.parse(record);
    writeFileSync(pair.record, JSON.stringify({ ...rest, old: fresh, new: old }));
    await refused('not-recorded', /another pair of servers than the failover record/);
    writeFileSync(pair.record, record);
  });

  test('a failed primary that is another server', async () => {
    const lines = readFileSync(pair.plan, 'utf8');
    const other = pair.choice('restored');
    const own = pair.choice.bind(pair);
    pair.choice = (role) => (role === 'failed' ? { ...other, role } : own(role));
    try {
      // Not named by anybody: a server that was rebuilt under the recorded address is nobody's mistake.
      await refused('not-recorded', /is not the server whose log the plan was made of/);
      pair.warnings.length = 0;
      pair.force = new Set();
      expect((await pair.replay({ apply: true, failed: 'by the record' })).alreadyPresent).toHaveLength(1);
      expect(pair.warnings.join('\n')).toMatch(
        /is another server by now: whether the failed one is fenced can't be told/,
      );
    } finally {
      pair.choice = own;
      writeFileSync(pair.plan, lines);
    }
  });

  test('a dead failed primary is said, and not waited for', async () => {
    const own = pair.choice.bind(pair);
    pair.choice = (role) =>
      role === 'failed' ? { ...own(role), address: { host: '127.0.0.1', port: 1 } } : own(role);
    try {
      expect((await replay()).applied).toHaveLength(1);
      expect(pair.warnings.join('\n')).toMatch(/can't be asked whether it is fenced and what it wrote since/);
    } finally {
      pair.choice = own;
    }
  });

  test('a damaged plan', async () => {
    edit(pair.plan, '"key":{"id":1}', '"key":{"id":2}');
    await refused('plan-damaged', /the plan is damaged: it is not what was written/);
    await expect(pair.verify()).rejects.toMatchObject({ code: 'input' });
  });

  test('a plan that was cut: forced, what is left of it is replayed, the rest is said to be left out', async () => {
    await pair.failed.query(`SET GLOBAL ${fence}=0; SET GLOBAL read_only=0`);
    await pair.onFailed(`INSERT INTO ${schema}.t VALUES (2,2)`);
    await pair.diff();
    const text = readFileSync(pair.plan, 'utf8');
    writeFileSync(pair.plan, text.slice(0, text.lastIndexOf('{"type":"transaction"') + 40));
    await expect(replay()).rejects.toMatchObject({ check: 'plan-damaged' });
    expect(await rows()).toBe(0);
    pair.force = new Set(['plan-damaged']);
    const outcome = await replay();
    expect(outcome).toMatchObject({ applied: { length: 1 }, held: 1 });
    expect(outcome.header.warnings.join()).toMatch(
      /Made of a damaged plan, by --force plan-damaged: it was cut/,
    );
    expect(await rows()).toBe(1);
  });

  test('a damaged undo file', async () => {
    const undo = (await replay()).undo!;
    edit(undo, '"key":{"id":1}', '"key":{"id":2}');
    await expect(pair.undo(undo, { apply: true })).rejects.toMatchObject({
      code: 'refused',
      check: 'plan-damaged',
      message: expect.stringMatching(/the undo file is damaged/),
    });
    expect(await rows()).toBe(1);
    pair.force = new Set(['plan-damaged']);
    expect((await pair.undo(undo, { apply: true })).undone).toHaveLength(1);
    expect(await rows()).toBe(0);
  });

  test('an edited row is held against the restored primary all the same', async () => {
    // An insert made into an update of a row that is not there.
    const [, image] = /"op":"insert".*?"after":"([^"]+)"/.exec(readFileSync(pair.plan, 'utf8'))!;
    const before = Buffer.from(image!, 'base64');
    before[before.length - 1]! ^= 1;
    edit(pair.plan, '"op":"insert"', `"op":"update","before":"${before.toString('base64')}"`);
    pair.force = new Set(['plan-damaged']);
    expect(await replay()).toMatchObject({ applied: [], conflicts: [{ kind: 'deleted-on-restored' }] });
    expect(await rows()).toBe(0);
  });

  test('what is no plan is no matter of force', async () => {
    edit(pair.plan, '"op":"insert"', '"op":"imsert"');
    pair.force = new Set(['plan-damaged', 'not-recorded', 'schema-changed']);
    await expect(replay()).rejects.toMatchObject({
      code: 'input',
      message: expect.stringMatching(/damaged/),
    });
    writeFileSync(pair.plan, '');
    await expect(replay()).rejects.toMatchObject({ code: 'input', message: expect.stringMatching(/empty/) });
    expect(await rows()).toBe(0);
  });
});

function edit(path: string, from: string, to: string): void {
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(from);
  writeFileSync(path, text.replace(from, to));
}

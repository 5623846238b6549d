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

  test('a damaged plan is no matter of force', async () => {
    const text = readFileSync(pair.plan, 'utf8');
    writeFileSync(pair.plan, text.replace('"insert"', '"delete"'));
    pair.force = new Set(['not-recorded', 'schema-changed']);
    await expect(replay()).rejects.toMatchObject({
      code: 'input',
      message: expect.stringMatching(/damaged/),
    });
    expect(await rows()).toBe(0);
  });
});

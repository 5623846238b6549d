// The documented GRANT statements are enough, each of them is needed, and what is missing is named.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { takeRecord } from '../src/record/take-record.ts';
import { openJournal } from '../src/replay/journal.ts';
import { NO_THROTTLE } from '../src/replay/throttle.ts';
import { connectServer } from '../src/server/connection.ts';
import { knownReplicas } from '../src/server/replicas.ts';
import type { ServerChoice, ServerRole } from '../src/server/server-choice.ts';
import { FailoverPair, type PairOptions } from './failover-pair.ts';

const page = readFileSync(new URL('../docs/requirements-and-privileges.md', import.meta.url), 'utf8');

function grants(flavor: string, purpose: string): string[] {
  const block = new RegExp(`\`\`\`sql ${flavor} ${purpose}\n([^\`]*)\`\`\``).exec(page);
  return block![1]!.trim().split('\n');
}

/** Each statement without one of its privileges; none where it has a single one (the statement is then left out). */
function oneFewer(statements: readonly string[]): { lacks: string; statements: string[] }[] {
  return statements.flatMap((statement, i) => {
    const [, list, on] = /^GRANT (.*?) (ON .*)$/.exec(statement)!;
    const privileges = list!.split(', ');
    return privileges.map((lacks) => {
      const rest = privileges.filter((one) => one !== lacks);
      const others = statements.filter((_, j) => j !== i);
      return {
        lacks: `${lacks} ${on!.split(' TO ')[0]}`,
        statements: rest.length > 0 ? [...others, `GRANT ${rest.join(', ')} ${on}`] : others,
      };
    });
  });
}

/** A message that names what is lacking, as GRANT writes it. */
function naming(lacks: string): unknown {
  return expect.stringMatching(new RegExp(`\\b${/^[A-Z_ ]+(?= ON )/.exec(lacks)![0]}\\b`));
}

const MODES: [string, PairOptions][] = [
  ['mysql', { flavor: 'mysql' }],
  ['mariadb', { flavor: 'mariadb' }],
];

describe.each(MODES)('%s', (flavor, options) => {
  let pair: FailoverPair;
  const as = (role: ServerRole): ServerChoice => ({
    ...pair.choice(role),
    credentials: { user: 'reconcile', password: 'least' },
  });

  async function account(role: ServerRole, statements: readonly string[]): Promise<void> {
    const server = role === 'failed' || role === 'new' ? pair.failed : pair.restored;
    // Grants ON a schema's tables need neither the schema nor the tables to be there.
    await server.query(
      `SET sql_log_bin=0; DROP USER IF EXISTS 'reconcile'@'%'; CREATE USER 'reconcile'@'%' IDENTIFIED BY 'least'; ${statements.join(' ')} SET sql_log_bin=1`,
    );
  }

  beforeAll(async () => {
    pair = await FailoverPair.start(options);
    await pair.begin(
      'CREATE DATABASE shop; CREATE TABLE shop.item (id INT PRIMARY KEY, v INT) ENGINE=InnoDB; INSERT INTO shop.item VALUES (1,1),(2,2),(3,3)',
    );
    await pair.onFailed(
      'UPDATE shop.item SET v=10 WHERE id=1',
      'INSERT INTO shop.item VALUES (4,4)',
      'DELETE FROM shop.item WHERE id=3',
    );
    await pair.failed.query(`SET GLOBAL ${flavor === 'mysql' ? 'super_read_only' : 'read_only'}=0`);
  });
  afterAll(() => pair?.remove());

  test('record', async () => {
    const statements = grants(flavor, 'record');
    const record = async (): Promise<unknown> => {
      const old = await connectServer(as('old'));
      const fresh = await connectServer(as('new'));
      try {
        return await takeRecord({ old, new: fresh, cluster: null, now: new Date(), force: new Set() });
      } finally {
        await old.close();
        await fresh.close();
      }
    };
    await account('new', statements);
    await account('old', statements);
    await expect(record()).resolves.toBeDefined();
    for (const { lacks, statements: fewer } of oneFewer(statements)) {
      await account('old', fewer);
      await expect(record(), `without ${lacks}`).rejects.toMatchObject({
        code: 'privilege',
        message: naming(lacks),
      });
    }
  });

  test('diff', async () => {
    pair.accounts = { failed: as('failed').credentials, restored: as('restored').credentials };
    await account('failed', grants(flavor, 'failed'));
    await account('restored', grants(flavor, 'restored'));
    expect((await pair.diff()).header.transactions).toMatchObject({ missing: 3 });
    for (const { lacks, statements } of oneFewer(grants(flavor, 'failed'))) {
      await pair.failed.query(`SET GLOBAL ${flavor === 'mysql' ? 'super_read_only' : 'read_only'}=0`);
      await account('failed', statements);
      await expect(pair.diff(), `without ${lacks}`).rejects.toMatchObject({
        code: 'privilege',
        message: naming(lacks),
      });
    }
    await pair.failed.query(`SET GLOBAL ${flavor === 'mysql' ? 'super_read_only' : 'read_only'}=0`);
    await account('failed', grants(flavor, 'failed'));
    for (const { lacks, statements } of oneFewer(grants(flavor, 'restored'))) {
      await account('restored', statements);
      // Its own log tells of conflicts and of what differs: see verify.
      if (lacks.startsWith('REPLICATION SLAVE')) continue;
      await expect(pair.diff(), `without ${lacks}`).rejects.toMatchObject({
        code: 'privilege',
        message: naming(lacks),
      });
    }
  });

  test('replay and verify', async () => {
    pair.accounts = { failed: as('failed').credentials, restored: as('restored').credentials };
    await account('restored', grants(flavor, 'restored'));
    expect((await pair.replay({ apply: false })).applied).toHaveLength(3);
    const whole = [...grants(flavor, 'restored'), ...grants(flavor, 'replay')];
    for (const { lacks, statements } of oneFewer(grants(flavor, 'replay'))) {
      // The journal is for servers and transactions without GTIDs of their own.
      if (flavor === 'mysql' && lacks.includes('reconcile.*')) continue;
      await account('restored', [...grants(flavor, 'restored'), ...statements]);
      const replay = pair.replay({ apply: true, engine: 'row-events' });
      await expect(replay, `without ${lacks}`).rejects.toMatchObject({
        code: 'privilege',
        message: naming(lacks),
      });
      expect(await pair.restored.query('SELECT v FROM shop.item ORDER BY id')).toEqual([
        { v: 1 },
        { v: 2 },
        { v: 3 },
      ]);
    }
    for (const { lacks, statements } of oneFewer(grants(flavor, 'restored'))) {
      if (!lacks.startsWith('SELECT')) continue;
      const refused = { code: 'privilege', message: naming(lacks) };
      await account('restored', statements);
      await expect(pair.replay({ apply: false }), `without ${lacks}`).rejects.toMatchObject(refused);
      await expect(pair.verify(), `without ${lacks}`).rejects.toMatchObject(refused);
      await account('restored', [...statements, ...grants(flavor, 'replay')]);
      // MySQL: with GTIDs the journal is there for an undo, and may be seen by its other privileges.
      if (flavor === 'mysql' && lacks.includes('reconcile.*')) continue;
      await expect(pair.replay({ apply: true }), `without ${lacks}`).rejects.toMatchObject(refused);
    }
    await account('restored', whole);
    expect((await pair.replay({ apply: true })).applied).toHaveLength(3);
    await pair.onRestored('UPDATE shop.item SET v=99 WHERE id=1');
    expect(await pair.verify()).toMatchObject({ rows: 3, replayed: 2, changedSince: 1, wrong: 0 });
    for (const { lacks, statements } of oneFewer(grants(flavor, 'restored'))) {
      if (!lacks.startsWith('REPLICATION SLAVE')) continue;
      await account('restored', statements);
      expect(await pair.verify()).toMatchObject({ wrong: 1, wrongRows: [{ why: naming(lacks) }] });
    }
  });

  test('--max-lag: what lists the replicas', async () => {
    pair.accounts = { restored: as('restored').credentials };
    pair.throttle = { ...NO_THROTTLE, maxLag: 1000 };
    const whole = [...grants(flavor, 'restored'), ...grants(flavor, 'replay')];
    const listed = async (): Promise<boolean> => {
      await pair.failed.query(`SET GLOBAL ${flavor === 'mysql' ? 'super_read_only' : 'read_only'}=0`);
      await pair.onFailed('INSERT INTO shop.item SELECT MAX(id) + 1, 5 FROM shop.item');
      await account('restored', [...whole, ...(flavor === 'mariadb' ? grants(flavor, 'max-lag') : [])]);
      await account('failed', grants(flavor, 'failed'));
      pair.accounts.failed = as('failed').credentials;
      await pair.diff();
      pair.warnings.length = 0;
      expect((await pair.replay({ apply: true })).applied).toHaveLength(1);
      return !pair.warnings.join('\n').includes("replicas can't be listed");
    };
    expect(await listed()).toBe(true);
    if (flavor === 'mariadb') {
      await account('restored', whole);
      const replay = await connectServer(as('restored'));
      await expect(knownReplicas(replay)).rejects.toMatchObject({ code: 'privilege' });
      await replay.close();
    }
    pair.throttle = NO_THROTTLE;
  });

  test('clean', async () => {
    pair.accounts = { restored: as('restored').credentials };
    pair.force = new Set(['journal-needed']);
    const journal = async (): Promise<number> =>
      (await pair.restored.query("SHOW DATABASES LIKE 'reconcile'")).length;
    const server = await connectServer({ ...pair.choice('restored'), credentials: pair.restored });
    await (await openJournal(server, 2)).create();
    await server.close();
    for (const { lacks, statements } of oneFewer(grants(flavor, 'clean'))) {
      await account('restored', statements);
      // Without SELECT the table is not to be seen at all, but DROP shows it.
      await expect(pair.clean({ apply: true }), `without ${lacks}`).rejects.toMatchObject({
        code: 'privilege',
      });
      expect(await journal()).toBe(1);
    }
    await account('restored', grants(flavor, 'clean'));
    expect(await pair.clean({ apply: true })).toMatchObject({ removed: true, schemaRemoved: true });
    expect(await journal()).toBe(0);
    pair.force = new Set();
  });

  test('replay by SQL', async () => {
    await pair.failed.query(`SET GLOBAL ${flavor === 'mysql' ? 'super_read_only' : 'read_only'}=0`);
    await pair.onFailed(
      'UPDATE shop.item SET v=20 WHERE id=2',
      'INSERT INTO shop.item VALUES (50,5)',
      'DELETE FROM shop.item WHERE id=4',
    );
    pair.accounts = { failed: as('failed').credentials, restored: as('restored').credentials };
    await account('failed', grants(flavor, 'failed'));
    await account('restored', grants(flavor, 'restored'));
    await pair.diff();
    const before = await pair.restored.query('SELECT * FROM shop.item ORDER BY id');
    for (const { lacks, statements } of oneFewer(grants(flavor, 'replay-sql'))) {
      await pair.restored.query('SET sql_log_bin=0; DROP DATABASE IF EXISTS reconcile; SET sql_log_bin=1');
      await account('restored', [...grants(flavor, 'restored'), ...statements]);
      const missing = lacks.split(' ')[0]!;
      await expect(pair.replay({ apply: true, engine: 'sql' }), `without ${lacks}`).rejects.toMatchObject({
        code: 'privilege',
        message: expect.stringMatching(new RegExp(missing, 'i')),
      });
      expect(await pair.restored.query('SELECT * FROM shop.item ORDER BY id')).toEqual(before);
    }
    await account('restored', [...grants(flavor, 'restored'), ...grants(flavor, 'replay-sql')]);
    pair.warnings.length = 0;
    // Not asked for: it finds out that it may not apply row events, and says so.
    const outcome = await pair.replay({ apply: true });
    expect(outcome).toMatchObject({ engine: 'sql', gtids: '', verified: { wrong: 0 } });
    expect(outcome.applied).toHaveLength(3);
    expect(pair.warnings.join()).toMatch(
      /the account lacks (REPLICATION_APPLIER|BINLOG REPLAY), so rows are written by SQL statements/,
    );
    expect(await pair.restored.query('SELECT * FROM shop.item WHERE id IN (2,4,50)')).toEqual([
      { id: 2, v: 20 },
      { id: 50, v: 5 },
    ]);
    expect((await pair.undo(outcome.undo!, { apply: true })).undone).toHaveLength(3);
    expect(await pair.restored.query('SELECT * FROM shop.item ORDER BY id')).toEqual(before);
  });
});

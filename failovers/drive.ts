// Takes one round through the executable, from the record to the undo, and looks at the tables after each command. Throws at
// the first thing that is not as promised.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Connection } from 'mysql2/promise';
import { pick, type Random, whole } from '../chaos/random.ts';
import { jsonOf, type Run, runReconcile, told } from '../test/scenarios/run-reconcile.ts';
import { addressOf } from '../test/scenarios/server-pair.ts';
import type { Told } from './case-file.ts';
import { type Played, playRandom, type Stage } from './history.ts';
import { judgePlan, type Matched, match, readPlan } from './judge.ts';
import { LiveWriter } from './live-writer.ts';
import { playOnRestored } from './restored-history.ts';
import { copyRows, type Rows, snapshot, sum, unlike } from './rows.ts';
import type { Table } from './schema.ts';
import { connect, type Servers } from './servers.ts';
import { Trial } from './trial.ts';

const GENTLE = ['--max-lag', 'off', '--max-share', 'off'];
const SESSIONS: Record<'mysql' | 'mariadb', readonly string[]> = {
  mysql: [
    'SET binlog_row_image = MINIMAL',
    'SET binlog_row_image = NOBLOB',
    'SET binlog_transaction_compression = ON',
    "SET binlog_row_value_options = 'PARTIAL_JSON'",
  ],
  mariadb: [
    'SET binlog_row_image = MINIMAL',
    'SET binlog_row_image = NOBLOB',
    'SET GLOBAL log_bin_compress = ON',
  ],
};

export class Drive implements Told {
  readonly seeding: string[] = [];
  readonly failed: Played[] = [];
  readonly restored: Played[] = [];
  readonly settings: string[] = [];
  readonly said: string[] = [];
  readonly #servers: Servers;
  readonly #random: Random;
  readonly #schema: string;
  readonly #tables: readonly Table[];
  readonly #folder: string;
  readonly #open: Connection[] = [];
  #count: (what: string) => void = () => {};

  constructor(servers: Servers, random: Random, schema: string, tables: readonly Table[], folder: string) {
    this.#servers = servers;
    this.#random = random;
    this.#schema = schema;
    this.#tables = tables;
    this.#folder = folder;
  }

  async close(): Promise<void> {
    for (const connection of this.#open) connection.destroy();
  }

  async play(count: (what: string) => void): Promise<void> {
    this.#count = count;
    const { restored, failed } = this.#servers;
    const ddl = this.#tables.flatMap((table) => table.ddl);
    const triggers = ddl.filter((sql) => sql.startsWith('CREATE TRIGGER'));
    await this.#servers.seed([
      `CREATE DATABASE ${this.#schema}`,
      ...ddl.filter((sql) => !triggers.includes(sql)),
    ]);
    const [a, b] = [await this.#stage(restored), await this.#stage(failed)];
    const start = await this.#seed(a);
    // Now only: the rows that they would write are there.
    await this.#servers.seed(triggers);
    await this.#servers.shareHistory();
    await this.#record();
    await this.#onFailed(b, start);
    let rows = start;
    for (let i = whole(this.#random, 0, 12); i > 0; i--) rows = await this.#onRestored(a, rows);
    await this.#servers.fence();
    await this.#reconcile(a, rows);
  }

  async #reconcile(a: Stage, before: Rows): Promise<void> {
    const random = this.#random;
    const plan = await this.#diff('first', true);
    const trial = await this.#judge(plan, before);
    const missing = plan.filter(({ planned }) => planned.state === 'missing');
    let rows = before;
    const quiet = random() < 0.7;
    if (!quiet) for (let i = whole(random, 1, 4); i > 0; i--) rows = await this.#onRestored(a, rows);
    if (random() < 0.5) {
      await this.#run([0, 2, 3], 'replay', 'first.plan', '--json');
      await this.#holds(a, rows, 'a rehearsal');
    }
    const live = random() < 0.3 ? await LiveWriter.start(await this.#stage(this.#servers.restored)) : null;
    const executed = await this.#executed();
    const replay = [
      'replay',
      'first.plan',
      '--apply',
      '--yes',
      '--json',
      '--undo',
      'undo.jsonl',
      ...GENTLE,
      '--workers',
      String(whole(random, 1, 8)),
      ...this.#engine(),
    ];
    const applied = await this.#run([0, 3], ...replay);
    const lived = live ? await live.stop() : [];
    if (lived.length > 0) this.#count('live traffic: transactions');
    this.restored.push(...lived);
    const second = await this.#diff('second', false);
    const written = await this.#written(missing);
    const alone = quiet && !live;
    this.#count(`replays${alone ? '' : ' beside writes of the restored primary'}`);
    if (applied.applied !== written.length)
      throw new Error(`${applied.applied} were applied, and the restored primary knows ${written.length}`);
    if (alone) this.#allWritten(missing, written, applied.conflicts);
    const changes = [
      ...written.flatMap(({ played }) => played.steps),
      ...lived.flatMap(({ steps }) => steps),
    ];
    const after = changes.reduce((all, step) => sum(all, step), rows);
    await this.#holds(a, after, 'the replay');
    if (alone && written.length === missing.length && unlike(after, trial.rows).length > 0)
      throw new Error('the trial and the sum of changes differ');
    const complete = alone && written.length === missing.length;
    if (!live && !complete) await this.#rejudge(plan, written, rows);
    if (complete) this.#sameStates(plan, second);
    const verified = await this.#run([0, 2, 3], 'verify', 'first.plan', '--json');
    if (verified.wrong !== 0) throw new Error(`verify: ${JSON.stringify(verified)}`);
    if (alone && (verified.changedSince !== 0 || verified.transactions.replayed !== written.length))
      throw new Error(`verify: ${JSON.stringify(verified)}`);
    await this.#gtids(executed, written);
    if (alone && random() < 0.3) {
      const again = await this.#run(
        [0, 3],
        ...replay.filter((word) => word !== '--undo' && word !== 'undo.jsonl'),
      );
      if (again.applied !== 0) throw new Error(`a second replay wrote ${again.applied} again`);
      await this.#holds(a, after, 'a second replay');
    }
    if (applied.applied > 0 && random() < 0.6) await this.#undo(a, rows, after, plan, complete);
    await this.#replicaFollows(a);
  }

  async #undo(a: Stage, before: Rows, after: Rows, plan: readonly Matched[], alone: boolean): Promise<void> {
    this.#count('undos');
    if (!alone) {
      // What live traffic changed stays as it is, with all that builds on it.
      const undone = await this.#run([0, 3], 'undo', 'undo.jsonl', '--apply', '--yes', '--json', ...GENTLE);
      if (undone.held === 0 && undone.conflicts.length === 0) return;
      return;
    }
    const undone = await this.#run(
      [0],
      'undo',
      'undo.jsonl',
      '--apply',
      '--yes',
      '--json',
      ...GENTLE,
      ...this.#engine(),
    );
    await this.#holds(a, before, 'the undo');
    const missing = plan.filter(({ planned }) => planned.state === 'missing').length;
    if (undone.undone !== missing) throw new Error(`${undone.undone} of ${missing} were undone`);
    const third = await this.#diff('third', false);
    const states = (list: readonly Matched[]): string =>
      list.map(({ planned }) => `${planned.id} ${planned.state}`).join('\n');
    if (states(third) !== states(plan))
      throw new Error(`after the undo the plan is another one:\n${states(third)}`);
    if (this.#random() < 0.5) return;
    const again = await this.#run([0, 3], 'replay', 'third.plan', '--apply', '--yes', '--json', ...GENTLE);
    if (again.applied !== missing)
      throw new Error(`after the undo ${again.applied} of ${missing} were applied`);
    await this.#holds(a, after, 'a replay after the undo');
  }

  async #seed(a: Stage): Promise<Rows> {
    await a.connection.query('SET sql_log_bin = 0');
    let rows: Rows = new Map();
    for (let i = whole(this.#random, 6, 24); i > 0; i--) {
      const { sql, after } = await playRandom(a, rows, 0);
      this.seeding.push(...sql);
      rows = after;
    }
    await a.connection.query('SET sql_log_bin = 1');
    for (const server of this.#servers.all.slice(1)) {
      const { connection } = await this.#stage(server);
      await connection.query(
        "SET sql_log_bin = 0, foreign_key_checks = 0, sql_mode = 'NO_AUTO_VALUE_ON_ZERO'",
      );
      await copyRows(connection, this.#schema, this.#tables, rows);
      const wrong = unlike(await snapshot(connection, this.#schema, this.#tables), rows);
      if (wrong.length > 0) throw new Error(`the seed differs:\n${wrong.join('\n')}`);
    }
    return rows;
  }

  async #record(): Promise<void> {
    const { restored, failed } = this.#servers;
    const names = ['--old', addressOf(restored), '--new', addressOf(failed), '--cluster', this.#schema];
    await this.#run([0], 'record', ...names, '--json');
  }

  async #onFailed(b: Stage, start: Rows): Promise<void> {
    const list = SESSIONS[b.flavor];
    const setting = this.#random() < 0.35 ? pick(this.#random, list) : undefined;
    if (setting) {
      this.settings.push(setting);
      await b.connection.query(setting);
    }
    let rows = start;
    for (let i = whole(this.#random, 4, 24); i > 0; i--) {
      const played = await playRandom(b, rows, 0.02);
      this.failed.push(played);
      rows = played.after;
    }
    if (setting?.includes('GLOBAL')) await b.connection.query(setting.replace('ON', 'OFF'));
  }

  async #onRestored(a: Stage, rows: Rows): Promise<Rows> {
    const played = await playOnRestored(a, rows, this.failed);
    this.restored.push(played);
    return played.after;
  }

  async #diff(name: string, files: boolean): Promise<Matched[]> {
    const document = await this.#run([0, 2, 3], 'diff', '--plan', `${name}.plan`, '--json');
    const { missing, conflict, held, unsupported } = document.transactions;
    const code = conflict + held + unsupported > 0 ? 3 : missing > 0 ? 2 : 0;
    if (document.exitCode !== code) throw new Error(`diff ended with ${document.exitCode}, not ${code}`);
    const plan = readPlan(join(this.#folder, `${name}.plan`));
    for (const state of ['missing', 'present', 'conflict', 'held', 'unsupported']) {
      const found = plan.filter((one) => one.state === state).length;
      if (found !== document.transactions[state])
        throw new Error(`${found} ${state}, the JSON says ${document.transactions[state]}`);
    }
    if (!document.account.closes) throw new Error('the account does not close');
    if (files && this.#random() < 0.5) {
      const logs = await this.#servers.failed.binlogDirectory();
      await this.#run([code], 'diff', '--binlog', logs, '--plan', 'files.plan', '--json');
      if (!this.#file('files.plan').equals(this.#file(`${name}.plan`)))
        throw new Error('live and from files the plans differ');
      this.#count('diffs from files');
    }
    return match(this.failed, plan);
  }

  async #judge(plan: readonly Matched[], rows: Rows): Promise<Trial> {
    const trial = await this.#trial(rows);
    const wrong = await judgePlan(plan, trial, this.#circumstances(), this.#count);
    await trial.check();
    if (wrong.length > 0) throw new Error(wrong.join('\n'));
    return trial;
  }

  /** What the restored primary wrote between the plan and the replay: what still fits must have been written, and nothing else. */
  async #rejudge(plan: readonly Matched[], written: readonly Matched[], rows: Rows): Promise<void> {
    const trial = await this.#trial(rows);
    for (const one of plan.filter(({ planned }) => planned.state === 'missing')) {
      const wrote = written.includes(one);
      const why = await trial.fits(one.played.steps, wrote);
      if (wrote && why !== null) throw new Error(`${one.planned.id} was written and does not fit: ${why}`);
      if (!wrote && why === null) this.#count('left out by the replay, and would fit');
    }
  }

  async #trial(rows: Rows): Promise<Trial> {
    await this.#servers.caughtUp();
    const { connection } = await this.#stage(this.#servers.replica ?? this.#servers.restored);
    await connection.query("SET sql_log_bin = 0, sql_mode = 'NO_AUTO_VALUE_ON_ZERO'");
    return Trial.begin(connection, this.#schema, `${this.#schema}_trial`, this.#tables, rows);
  }

  #circumstances() {
    return {
      tables: this.#tables,
      restored: this.restored,
      partialImages: this.settings.some((setting) => setting.includes('row_image')),
      silentCascades: !this.#servers.isMysql,
    };
  }

  /** After a whole replay: what was missing is present, and nothing else has become missing. */
  #sameStates(first: readonly Matched[], second: readonly Matched[]): void {
    first.forEach(({ planned: { id, state } }, i) => {
      const now = second[i]!.planned.state;
      if (now === 'missing' || (state === 'missing' && now !== 'present'))
        throw new Error(`after the replay the next diff has ${id} ${now}, which was ${state}`);
      if (now !== state && state !== 'missing') this.#count(`after the replay: ${now} instead of ${state}`);
    });
  }

  #engine(): string[] {
    // By SQL triggers would fire, and rows without a key can't be read back.
    const fit = this.#tables.every(({ triggers, key }) => !triggers && key.length > 0);
    return fit && this.#random() < 0.3 ? ['--engine', 'sql'] : [];
  }

  async #holds(a: Stage, expected: Rows, after: string): Promise<void> {
    const wrong = unlike(await snapshot(a.connection, this.#schema, this.#tables), expected);
    if (wrong.length > 0)
      throw new Error(`after ${after} the rows are not as expected:\n${wrong.join('\n')}`);
  }

  /** In a quiet world the replay leaves out nothing of the plan but what the documentation says it can't foresee. */
  #allWritten(
    missing: readonly Matched[],
    written: readonly Matched[],
    conflicts: readonly { kind: string; table: string }[],
  ): void {
    if (written.length === missing.length) return;
    const keyed = this.#tables.filter(({ ddl }) => /KEY (counted|beginning)/.test(ddl[0]!));
    const unforeseen = conflicts.filter(
      ({ table }) => !keyed.some(({ name }) => table === `${this.#schema}.${name}`),
    );
    if (conflicts.length === 0 || unforeseen.length > 0)
      throw new Error(
        `${missing.length} were missing, ${written.length} written: ${JSON.stringify(conflicts)}`,
      );
    this.#count(`left out by the replay: ${conflicts[0]!.kind}`);
  }

  /** Which transactions the restored primary itself knows as replayed. */
  async #written(list: readonly Matched[]): Promise<Matched[]> {
    const { mode, restored } = this.#servers;
    if (mode === 'mysql-gtid') {
      const executed = await this.#executed();
      const asked = list.map(({ planned }) => `GTID_SUBSET('${planned.id}', '${executed}')`);
      const [row] =
        asked.length > 0 ? await restored.query(`SELECT JSON_ARRAY(${asked.join(', ')}) AS done`) : [];
      const done = JSON.parse(JSON.stringify(row?.done ?? []));
      return list.filter((_, i) => Number((typeof done === 'string' ? JSON.parse(done) : done)[i]) === 1);
    }
    const rows = await restored
      .query("SELECT CAST(transaction_id AS CHAR) AS id FROM reconcile.journal WHERE state = 'applied'")
      .catch(() => []);
    return list.filter(({ planned }) => rows.some(({ id }) => String(id).split(' ')[0] === planned.id));
  }

  async #executed(): Promise<string> {
    if (this.#servers.mode !== 'mysql-gtid') return '';
    const [row] = await this.#servers.restored.query('SELECT @@GLOBAL.gtid_executed AS gtids');
    return String(row!.gtids);
  }

  /** Of the failed primary’s GTIDs the restored one has those of the written transactions more, and no other. */
  async #gtids(before: string, written: readonly Matched[]): Promise<void> {
    if (this.#servers.mode !== 'mysql-gtid') return;
    const [uuid] = await this.#servers.failed.query('SELECT @@server_uuid AS uuid');
    const wanted = written.map(({ planned }) => planned.id).join(',');
    const [row] = await this.#servers.restored.query(
      'SELECT GTID_SUBTRACT(GTID_SUBTRACT(@@GLOBAL.gtid_executed, ?), ?) AS more, GTID_SUBTRACT(?, @@GLOBAL.gtid_executed) AS lacking',
      [before, wanted, wanted],
    );
    if (String(row!.more).includes(String(uuid!.uuid)) || row!.lacking !== '')
      throw new Error(`GTIDs: ${JSON.stringify(row)}`);
  }

  async #replicaFollows(a: Stage): Promise<void> {
    if (!this.#servers.replica) return;
    await this.#servers.caughtUp();
    const { connection } = await this.#stage(this.#servers.replica);
    const there = await snapshot(connection, this.#schema, this.#tables);
    const wrong = unlike(there, await snapshot(a.connection, this.#schema, this.#tables));
    if (wrong.length > 0) throw new Error(`the replica is not as its source:\n${wrong.join('\n')}`);
  }

  // biome-ignore lint/suspicious/noExplicitAny: a document of the contract
  async #run(codes: readonly number[], ...args: string[]): Promise<any> {
    const { restored, failed } = this.#servers;
    const env = {
      RECONCILE_OLD_PASSWORD: restored.password,
      RECONCILE_NEW_PASSWORD: failed.password,
      RECONCILE_RESTORED_PASSWORD: restored.password,
      RECONCILE_FAILED_PASSWORD: failed.password,
    };
    const run: Run = await runReconcile(args, { folder: this.#folder, env });
    this.said.push(told(run));
    this.#count('commands');
    if (!codes.includes(run.code ?? -1) || /\n {4}at |internal/i.test(run.stderr)) throw new Error(told(run));
    return { ...jsonOf(run), exitCode: run.code };
  }

  async #stage(server: Servers['restored']): Promise<Stage> {
    const connection = await connect(server);
    this.#open.push(connection);
    await connection.query(`USE ${this.#schema}`);
    return {
      connection,
      flavor: server.flavor,
      schema: this.#schema,
      tables: this.#tables,
      random: this.#random,
    };
  }

  #file(name: string): Buffer {
    return readFileSync(join(this.#folder, name));
  }
}

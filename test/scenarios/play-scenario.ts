// Plays one scenario on one pair of servers, through the executable, as the night of a botched failover goes: record,
// promote, crash, restore, fence; diff, report, replay, verify. Each step's outcome is held against expected.json.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { EngineName } from '../../src/replay/write-engine.ts';
import { foundByDiff, planned, wantedOfDiff, wantedStates } from './expected-diff.ts';
import { jsonOf, type Run, runReconcile, told } from './run-reconcile.ts';
import type { ExpectedConflict, Scenario, State } from './scenario.ts';
import { addressOf, type ServerPair } from './server-pair.ts';
import { exactRows, rowsAsText, serverState } from './server-state.ts';

export async function playScenario(
  scenario: Scenario,
  pair: ServerPair,
  engine: EngineName = 'row-events',
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), `scenario-${scenario.name}-`));
  try {
    const play = new Play(scenario, pair, folder, engine);
    await play.failover();
    await play.crash();
    await play.diff();
    await play.report();
    if (scenario.policy !== undefined) await play.policy(scenario.policy);
    await play.replay();
    await play.again();
    await play.proof();
    play.files();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

class Play {
  readonly #scenario: Scenario;
  readonly #pair: ServerPair;
  readonly #folder: string;
  /** The plan that is replayed. */
  #plan = 'live.plan.jsonl';
  #policy: string[] = [];
  readonly #engine: EngineName;

  constructor(scenario: Scenario, pair: ServerPair, folder: string, engine: EngineName) {
    this.#scenario = scenario;
    this.#pair = pair;
    this.#folder = folder;
    this.#engine = engine;
  }

  /** Writes move from A to B; B serves them. */
  async failover(): Promise<void> {
    const { a, b } = this.#pair;
    await this.#pair.reset();
    await a.query(this.#scenario.schema);
    if (this.#scenario.before) await a.query(this.#scenario.before);
    await this.#pair.caughtUp();
    const [old, next] = [addressOf(a), addressOf(b)];
    const recorded = await this.#reconcile('record', '--old', old, '--new', next, '--out', 'failover.json');
    expect(recorded.code, told(recorded)).toBe(0);
    await this.#pair.promote();
    if (this.#scenario.failed) await b.query(this.#scenario.failed);
  }

  /** B dies, traffic goes back to A, B comes back fenced. */
  async crash(): Promise<void> {
    const { a, b } = this.#pair;
    const { uncommitted, restored, tornBytes, failedLater } = this.#scenario;
    if (uncommitted) await b.query(uncommitted);
    await b.kill();
    if (restored) await a.query(restored);
    // A container's files are copied out, so nothing can be written to its log.
    if (tornBytes > 0 && b.kind !== 'docker') {
      await this.#pair.tearTail(tornBytes);
      const dead = await this.#diffOfFiles('dead.plan.jsonl');
      this.#hold(dead, 'dead.plan.jsonl', true);
    }
    if (!failedLater) return this.#pair.restartFenced();
    await b.restart();
    await b.query(failedLater);
    await this.#pair.fence();
  }

  /** From the live server and from its files: the same plan, byte for byte. */
  async diff(): Promise<void> {
    const { b } = this.#pair;
    const before = await serverState(this.#pair.a);
    const live = await this.#reconcile('diff', '--plan', 'live.plan.jsonl', '--json');
    this.#hold(live, 'live.plan.jsonl', this.#scenario.expected.diff.tornTail?.[b.flavor] ?? false);
    // Frozen, not stopped: a clean stop would add to the log, and asking a frozen server would take for ever.
    await b.freeze();
    const files = await this.#diffOfFiles('files.plan.jsonl').finally(() => b.thaw());
    this.#hold(files, 'files.plan.jsonl', this.#scenario.expected.diff.tornTail?.[b.flavor] ?? false);
    expect(this.#text('files.plan.jsonl')).toBe(this.#text('live.plan.jsonl'));
    expect(await serverState(this.#pair.a), 'diff writes to no server').toEqual(before);
  }

  async report(): Promise<void> {
    const { exitCode, report = [] } = this.#scenario.expected.diff;
    const text = await this.#reconcile('report', 'live.plan.jsonl', '--format', 'text');
    expect([0, exitCode], told(text)).toContain(text.code);
    // A value must not reach the terminal as a command.
    expect(text.stdout, told(text)).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
    for (const secret of this.#scenario.secrets) expect(text.stdout).not.toContain(secret);
    for (const words of report) expect(text.stdout, told(text)).toContain(words);
    const json = jsonOf(await this.#reconcile('report', 'live.plan.jsonl', '--format', 'json'));
    this.#holdDocument(json, 'live.plan.jsonl');
  }

  /** What the rules make of it: said before anything is written, alike by diff and by replay, for every transaction. */
  async policy(text: string): Promise<void> {
    const { a } = this.#pair;
    const { policy } = this.#scenario.expected;
    const ids = planned(this.#path(this.#plan)).map(({ id }) => id);
    const yaml = text.replace(/\$(\d+)/g, (_, number) => ids[Number(number) - 1]!);
    writeFileSync(this.#path('policy.yaml'), yaml, { mode: 0o600 });
    const before = await serverState(a);
    for (const [rule, transactions] of Object.entries(policy!.onConflict)) {
      const run = await this.#reconcile(
        'diff',
        '--on-conflict',
        rule,
        '--plan',
        `${rule}.plan.jsonl`,
        '--json',
      );
      expect(jsonOf(run).transactions, told(run)).toEqual(transactions);
    }
    this.#policy = ['--policy', 'policy.yaml'];
    const dry = await this.#reconcile('replay', this.#plan, ...this.#policy, '--json');
    expect(dry.code, told(dry)).toBe(policy!.exitCode);
    const found = jsonOf(dry);
    expect(await serverState(a), 'resolving a plan writes to no server').toEqual(before);
    this.#plan = found.plan;
    const resolved = jsonOf(await this.#reconcile('report', this.#plan, '--format', 'json'));
    this.#holdResolved(resolved, ids);
    expect(found.resolutions).toEqual(resolved.resolutions);
    const diff = await this.#reconcile('diff', ...this.#policy, '--plan', 'ruled.plan.jsonl', '--json');
    expect(diff.code, told(diff)).toBe(policy!.exitCode);
    this.#holdResolved(jsonOf(diff), ids);
    expect(planned(this.#path('ruled.plan.jsonl'))).toEqual(planned(this.#path(this.#plan)));
    const report = await this.#reconcile('report', this.#plan, '--format', 'text', '--verbose');
    expect(report.stdout, told(report)).toContain(`Resolved by the policy (${resolved.resolutions.length})`);
  }

  // biome-ignore lint/suspicious/noExplicitAny: a document of the contract
  #holdResolved(document: any, ids: readonly string[]): void {
    const { transactions, kept, conflicts, resolutions } = this.#scenario.expected.policy!;
    expect(document.transactions).toEqual(transactions);
    expect(document.policy.transactions.kept).toBe(kept);
    const number = (id: string): number => ids.indexOf(id) + 1;
    expect(
      // biome-ignore lint/suspicious/noExplicitAny: a document of the contract
      document.conflicts.map((one: any) => ({ ...one, transaction: number(one.transaction) })),
    ).toMatchObject(conflicts.map((one) => ({ ...one, undecided: expect.stringContaining(one.undecided) })));
    const found: Record<string, string> = {};
    for (const { transaction, table, key, rule } of document.resolutions) {
      const values = Object.entries(key).map(([column, value]) => `${column}=${value}`);
      found[`${number(transaction)} ${table} ${values.join(' ')}`] = rule;
    }
    expect(found).toEqual(resolutions);
  }

  /** Where there is a policy: as it judges. */
  get #found(): { exitCode: number; transactions: Record<State, number> } {
    return this.#scenario.expected.policy ?? this.#scenario.expected.diff;
  }

  async replay(): Promise<void> {
    const { a } = this.#pair;
    const { expected, between } = this.#scenario;
    if (between) await a.query(between);
    const before = await serverState(a);
    const dry = await this.#reconcile('replay', this.#plan);
    expect(dry.code, told(dry)).toBe(expected.replay.dryExitCode);
    expect(await serverState(a), 'a replay without --apply writes nothing').toEqual(before);

    const applied = await this.#apply();
    expect(jsonOf(applied).engine, told(applied)).toBe(this.#engine);
    expect(applied.code, told(applied)).toBe(expected.replay.exitCode);
    expect(jsonOf(applied).applied, told(applied)).toBe(this.#applicable);
    expect(this.#newConflicts(jsonOf(applied)), told(applied)).toEqual(expected.replay.conflicts ?? []);

    const verified = await this.#reconcile('verify', this.#plan, '--json');
    expect(verified.code, told(verified)).toBe(expected.verify.exitCode);
    const { rows, replayed } = jsonOf(verified);
    expect(jsonOf(verified), told(verified)).toMatchObject({ wrong: 0, changedSince: 0, wrongRows: [] });
    expect(replayed, 'each row that was replayed reads back as it was').toBe(rows);
  }

  /** The same command again writes nothing, and a fresh look finds nothing missing. */
  async again(): Promise<void> {
    const { a } = this.#pair;
    const { replay } = this.#scenario.expected;
    const before = await serverState(a);
    const second = await this.#apply();
    expect(second.code, told(second)).toBe(replay.exitCode);
    expect(jsonOf(second).applied, told(second)).toBe(0);
    expect(await serverState(a), 'a second replay writes nothing').toEqual(before);

    const fresh = await this.#reconcile('diff', ...this.#policy, '--plan', 'fresh.plan.jsonl', '--json');
    const { transactions } = this.#found;
    const newConflicts = new Set(replay.conflicts?.map(({ transaction }) => transaction)).size;
    const newHeld = replay.heldToo?.length ?? 0;
    const open = {
      conflict: transactions.conflict + newConflicts,
      held: transactions.held + newHeld,
      unsupported: transactions.unsupported,
    };
    const present = transactions.present + this.#applicable;
    expect(jsonOf(fresh).transactions, told(fresh)).toEqual({ missing: 0, present, ...open });
    expect(fresh.code, told(fresh)).toBe(open.conflict + open.held + open.unsupported > 0 ? 3 : 0);
  }

  /** How many transactions a replay writes. */
  get #applicable(): number {
    const { replay } = this.#scenario.expected;
    const lost = new Set([
      ...(replay.conflicts ?? []).map(({ transaction }) => transaction),
      ...(replay.heldToo ?? []),
    ]);
    return this.#found.transactions.missing - lost.size;
  }

  /** What the replay found that the diff had not. */
  #newConflicts({
    conflicts,
  }: {
    conflicts: (Omit<ExpectedConflict, 'transaction'> & { transaction: string })[];
  }) {
    const ids = planned(this.#path(this.#plan)).map(({ id }) => id);
    return conflicts.map(({ transaction, table, key, kind }) => {
      return { transaction: ids.indexOf(transaction) + 1, table, key, kind };
    });
  }

  async proof(): Promise<void> {
    const { a, b } = this.#pair;
    const { afterwards, expected, sameAsFailed } = this.#scenario;
    for (const schema of sameAsFailed) {
      expect(await exactRows(a, schema), `${schema} on both servers`).toEqual(await exactRows(b, schema));
    }
    if (afterwards) await a.query(afterwards);
    for (const [sql, rows] of Object.entries(expected.restored)) {
      expect(await rowsAsText(a, sql), sql).toEqual(rows);
    }
  }

  /** What it leaves behind is for the operator's eyes only, and tells no password. */
  files(): void {
    for (const name of readdirSync(this.#folder)) {
      const mode = statSync(this.#path(name)).mode & 0o777;
      expect(`${name} ${mode.toString(8)}`).toBe(`${name} 600`);
      for (const secret of [this.#pair.a.password, ...this.#scenario.secrets]) {
        expect(this.#text(name), name).not.toContain(secret);
      }
    }
  }

  #apply(): Promise<Run> {
    // Row events are what is chosen by itself.
    const engine = this.#engine === 'sql' ? ['--engine', 'sql'] : [];
    return this.#reconcile('replay', this.#plan, '--apply', '--yes', '--json', ...engine);
  }

  async #diffOfFiles(plan: string): Promise<Run> {
    const logs = await this.#pair.b.binlogDirectory();
    return this.#reconcile('diff', '--binlog', logs, '--plan', plan, '--json');
  }

  #hold(run: Run, plan: string, tornTail: boolean): void {
    const { exitCode } = this.#scenario.expected.diff;
    expect(run.code, told(run)).toBe(exitCode);
    const document = jsonOf(run);
    this.#holdDocument(document, plan);
    expect(document.window.tornTail, told(run)).toBe(tornTail);
    expect(document.account.closes, told(run)).toBe(true);
    expect(run.stderr, told(run)).not.toMatch(/error/i);
  }

  /** State by state first: that says best which transaction is not as expected. */
  // biome-ignore lint/suspicious/noExplicitAny: a document of the contract
  #holdDocument(document: any, plan: string): void {
    const found = planned(this.#path(plan));
    const ids = found.map(({ id }) => id);
    const name = (state: string, i: number): string => `${i + 1} ${state}`;
    expect(found.map(({ state }, i) => name(state, i))).toEqual(wantedStates(this.#scenario).map(name));
    expect(foundByDiff(document, ids, this.#scenario)).toEqual(wantedOfDiff(this.#scenario));
    expect(document.window.transactions).toBe(ids.length);
  }

  #reconcile(...args: string[]): Promise<Run> {
    return runReconcile(args, { folder: this.#folder, env: this.#pair.credentials });
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }

  #text(name: string): string {
    return readFileSync(this.#path(name), 'utf8');
  }
}

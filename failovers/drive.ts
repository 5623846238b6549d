// Takes one round from the diff to the undo, and looks at the tables after each command. Throws at the first thing that is not as
// promised.
import { whole } from '../chaos/random.ts';
import type { Commands } from './commands.ts';
import type { Ground } from './ground.ts';
import type { Stage } from './history.ts';
import { judgePlan, type Matched } from './judge.ts';
import { LiveWriter } from './live-writer.ts';
import { onRestored } from './outset.ts';
import { executedSet, proveGtids, replayedOf } from './replayed.ts';
import { type Rows, snapshot, sum, unlike } from './rows.ts';
import { Trial } from './trial.ts';

export class Drive {
  readonly #ground: Ground;
  readonly #commands: Commands;
  readonly #a: Stage;

  /** `a`: a session on the restored primary. */
  constructor(ground: Ground, commands: Commands, a: Stage) {
    this.#ground = ground;
    this.#commands = commands;
    this.#a = a;
  }

  /** `rows`: what the restored primary holds. */
  async reconcile(rows: Rows): Promise<void> {
    const { random } = this.#ground;
    const plan = await this.#commands.diff('first', true);
    const trial = await this.#judge(plan, rows);
    let before = rows;
    const quiet = random() < 0.7;
    if (!quiet)
      for (let i = whole(random, 1, 4); i > 0; i--) before = await onRestored(this.#ground, this.#a, before);
    if (random() < 0.5) {
      await this.#commands.run([0, 2, 3], 'replay', 'first.plan', '--json');
      await this.#holds(before, 'a rehearsal');
    }
    const live = random() < 0.3;
    const { written, after } = await this.#replay(plan, before, quiet, live);
    const alone = quiet && !live;
    const missing = missingOf(plan);
    const complete = alone && written.length === missing.length;
    if (complete && unlike(after, trial.rows).length > 0)
      throw new Error('the trial and the sum of changes differ');
    if (!live && !complete) await this.#rejudge(missing, written, before);
    await this.#lookAgain(plan, written, alone, complete);
    if (alone && random() < 0.3) {
      const again = await this.#commands.apply('first.plan');
      if (again.applied !== 0) throw new Error(`a second replay wrote ${again.applied} again`);
      await this.#holds(after, 'a second replay');
    }
    if (written.length > 0 && random() < 0.6) await this.#undo(before, after, plan, complete);
    await this.#replicaFollows();
  }

  async #judge(plan: readonly Matched[], rows: Rows): Promise<Trial> {
    const { tables, restored, settings, servers, count } = this.#ground;
    const trial = await this.#trial(rows);
    const partialImages = settings.some((setting) => setting.includes('row_image'));
    const silentCascades = !servers.isMysql;
    const circumstances = { tables, restored, partialImages, silentCascades };
    const wrong = await judgePlan(plan, trial, circumstances, count);
    await trial.check();
    if (wrong.length > 0) throw new Error(wrong.join('\n'));
    return trial;
  }

  /** Holds the rows against what was there before and the sum of all that was done, by the replay and beside it. */
  async #replay(
    plan: readonly Matched[],
    before: Rows,
    quiet: boolean,
    live: boolean,
  ): Promise<{ written: Matched[]; after: Rows }> {
    const { servers, restored, count, stage } = this.#ground;
    const missing = missingOf(plan);
    const executed = await executedSet(servers);
    const writer = live ? await LiveWriter.start(await stage(servers.restored)) : null;
    const { applied, conflicts } = await this.#commands.apply('first.plan', '--undo', 'undo.jsonl');
    const lived = writer ? await writer.stop() : [];
    restored.push(...lived);
    const written = await replayedOf(servers, missing);
    const alone = quiet && !live;
    count(`replays${alone ? '' : ' beside writes of the restored primary'}`);
    for (const _ of written) count('transactions replayed');
    for (const _ of lived) count('transactions of live traffic');
    if (applied !== written.length)
      throw new Error(`${applied} were applied, and the restored primary knows ${written.length}`);
    if (alone) this.#allWritten(missing, written, conflicts);
    const steps = [...written, ...lived.map((played) => ({ played }))].flatMap(({ played }) => played.steps);
    const after = steps.reduce((all, step) => sum(all, step), before);
    await this.#holds(after, 'the replay');
    await proveGtids(servers, executed, written);
    return { written, after };
  }

  /** In a quiet world the replay leaves out nothing of the plan but what the documentation says it can't foresee. */
  #allWritten(
    missing: readonly Matched[],
    written: readonly Matched[],
    conflicts: readonly { kind: string; table: string }[],
  ): void {
    if (written.length === missing.length) return;
    const { tables, schema, count } = this.#ground;
    const keyed = tables.filter(({ ddl }) => /KEY (counted|beginning)/.test(ddl[0]!));
    const unforeseen = conflicts.filter(
      ({ table }) => !keyed.some(({ name }) => table === `${schema}.${name}`),
    );
    if (conflicts.length === 0 || unforeseen.length > 0)
      throw new Error(`${missing.length} missing, ${written.length} written: ${JSON.stringify(conflicts)}`);
    count(`left out by the replay: ${conflicts[0]!.kind}`);
  }

  /** After other writes than the plan knew: nothing is written that does not fit. */
  async #rejudge(missing: readonly Matched[], written: readonly Matched[], rows: Rows): Promise<void> {
    const trial = await this.#trial(rows);
    for (const one of missing) {
      const wrote = written.includes(one);
      const why = await trial.fits(one.played.steps, wrote);
      if (wrote && why !== null) throw new Error(`${one.planned.id} was written and does not fit: ${why}`);
      if (!wrote && why === null) this.#ground.count('left out by the replay, and would fit');
    }
  }

  /** The next diff and `verify`. */
  async #lookAgain(
    plan: readonly Matched[],
    written: readonly Matched[],
    alone: boolean,
    complete: boolean,
  ): Promise<void> {
    const { servers, tables, count } = this.#ground;
    const second = await this.#commands.diff('second', false);
    if (complete) this.#nothingMissing(plan, second);
    const verified = await this.#commands.run([0, 2, 3], 'verify', 'first.plan', '--json');
    const { wrong, changedSince, transactions } = verified;
    // Of a customer's delete that cascaded to a replayed row the restored primary's log tells nothing either.
    const cascaded = !alone && !servers.isMysql && tables.some(({ references }) => references.length > 0);
    if (cascaded && wrong > 0) return count('verify: wrong beside live traffic’s silent cascades');
    if (wrong !== 0 || (alone && (changedSince !== 0 || transactions.replayed !== written.length)))
      throw new Error(`verify: ${JSON.stringify(verified)}`);
  }

  /** What was missing is present, and nothing else has become missing. */
  #nothingMissing(first: readonly Matched[], second: readonly Matched[]): void {
    first.forEach(({ planned: { id, state } }, i) => {
      const now = second[i]!.planned.state;
      if (now === 'missing' || (state === 'missing' && now !== 'present'))
        throw new Error(`after the replay the next diff has ${id} ${now}, which was ${state}`);
      if (now !== state && state !== 'missing')
        this.#ground.count(`after the replay: ${now} instead of ${state}`);
    });
  }

  async #undo(before: Rows, after: Rows, plan: readonly Matched[], complete: boolean): Promise<void> {
    const { count } = this.#ground;
    count('undos');
    // What live traffic changed stays as it is, with all that builds on it.
    if (!complete) return void (await this.#commands.undo('undo.jsonl', [0, 3]));
    const missing = missingOf(plan).length;
    const { undone, conflicts } = await this.#commands.undo('undo.jsonl', [0, 3]);
    // The servers refuse to delete a row that refers to itself, whoever asks.
    const ownBoss = ({ kind, before: row }: { kind: string; before: Record<string, unknown> }): boolean =>
      kind === 'children-exist' && row.boss !== null && row.boss === row.id;
    if (conflicts.length > 0 && conflicts.every(ownBoss))
      return count('undo: a row that refers to itself stays');
    await this.#holds(before, 'the undo');
    if (undone !== missing) throw new Error(`${undone} of ${missing} were undone`);
    const third = await this.#commands.diff('third', false);
    const states = (list: readonly Matched[]): string =>
      list.map(({ planned: { id, state } }) => `${id} ${state}`).join('\n');
    if (states(third) !== states(plan))
      throw new Error(`after the undo the plan is another one:\n${states(third)}`);
    if (this.#ground.random() < 0.5) return;
    const { applied } = await this.#commands.apply('third.plan');
    if (applied !== missing) throw new Error(`after the undo ${applied} of ${missing} were applied`);
    await this.#holds(after, 'a replay after the undo');
  }

  async #trial(rows: Rows): Promise<Trial> {
    const { servers, schema, tables, stage } = this.#ground;
    await servers.caughtUp();
    const { connection } = await stage(servers.replica ?? servers.restored);
    await connection.query("SET sql_log_bin = 0, sql_mode = 'NO_AUTO_VALUE_ON_ZERO'");
    return Trial.begin(connection, schema, `${schema}_trial`, tables, rows);
  }

  async #holds(expected: Rows, after: string): Promise<void> {
    const { schema, tables } = this.#ground;
    const wrong = unlike(await snapshot(this.#a.connection, schema, tables), expected);
    if (wrong.length > 0)
      throw new Error(`after ${after} the rows are not as expected:\n${wrong.join('\n')}`);
  }

  async #replicaFollows(): Promise<void> {
    const { servers, schema, tables, stage } = this.#ground;
    if (!servers.replica) return;
    await servers.caughtUp();
    const { connection } = await stage(servers.replica);
    const there = await snapshot(connection, schema, tables);
    const wrong = unlike(there, await snapshot(this.#a.connection, schema, tables));
    if (wrong.length > 0) throw new Error(`the replica is not as its source:\n${wrong.join('\n')}`);
  }
}

function missingOf(plan: readonly Matched[]): Matched[] {
  return plan.filter(({ planned }) => planned.state === 'missing');
}

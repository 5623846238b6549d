// The executable's commands, as a runbook types them: each must end with an allowed code, tell no stack trace, and say the same in
// its JSON, its exit code and its plan. Looks at no table.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { whole } from '../chaos/random.ts';
import { jsonOf, runReconcile, told } from '../test/scenarios/run-reconcile.ts';
import { addressOf } from '../test/scenarios/server-pair.ts';
import type { Ground } from './ground.ts';
import { type Matched, match, readPlan } from './judge.ts';

const GENTLE = ['--max-lag', 'off', '--max-share', 'off'];
const STATES = ['missing', 'present', 'conflict', 'held', 'unsupported'];

export class Commands {
  readonly #ground: Ground;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  async record(): Promise<void> {
    const { servers, schema } = this.#ground;
    const names = ['--old', addressOf(servers.restored), '--new', addressOf(servers.failed)];
    await this.run([0], 'record', ...names, '--cluster', schema, '--json');
  }

  /** `files`: sometimes from the failed primary's files as well, which must give the same plan. */
  async diff(name: string, files: boolean): Promise<Matched[]> {
    const { servers, random, failed, count } = this.#ground;
    const document = await this.run([0, 2, 3], 'diff', '--plan', `${name}.plan`, '--json');
    const { missing, conflict, held, unsupported } = document.transactions;
    const code = conflict + held + unsupported > 0 ? 3 : missing > 0 ? 2 : 0;
    if (document.exitCode !== code) throw new Error(`diff ended with ${document.exitCode}, not ${code}`);
    const plan = readPlan(join(this.#ground.folder, `${name}.plan`));
    for (const state of STATES) {
      const found = plan.filter((one) => one.state === state).length;
      if (found !== document.transactions[state])
        throw new Error(`${found} ${state} in the plan, ${document.transactions[state]} in the JSON`);
    }
    if (!document.account.closes) throw new Error('the account does not close');
    if (files && random() < 0.5) {
      const logs = await servers.failed.binlogDirectory();
      await this.run([code], 'diff', '--binlog', logs, '--plan', 'files.plan', '--json');
      if (!this.#file('files.plan').equals(this.#file(`${name}.plan`)))
        throw new Error('live and from files the plans differ');
      count('diffs from files');
    }
    return match(failed, plan, !servers.isMysql);
  }

  // biome-ignore lint/suspicious/noExplicitAny: a document of the contract
  apply(plan: string, ...more: string[]): Promise<any> {
    const workers = String(whole(this.#ground.random, 1, 8));
    const args = ['replay', plan, '--apply', '--yes', '--json', ...GENTLE, '--workers', workers];
    return this.run([0, 3], ...args, ...this.#engine(), ...more);
  }

  // biome-ignore lint/suspicious/noExplicitAny: a document of the contract
  undo(file: string, codes: readonly number[]): Promise<any> {
    return this.run(codes, 'undo', file, '--apply', '--yes', '--json', ...GENTLE, ...this.#engine());
  }

  /** Its document, and its exit code. */
  // biome-ignore lint/suspicious/noExplicitAny: a document of the contract
  async run(codes: readonly number[], ...args: string[]): Promise<any> {
    const { servers, folder, said, count } = this.#ground;
    const { restored, failed } = servers;
    const env = {
      RECONCILE_OLD_PASSWORD: restored.password,
      RECONCILE_NEW_PASSWORD: failed.password,
      RECONCILE_RESTORED_PASSWORD: restored.password,
      RECONCILE_FAILED_PASSWORD: failed.password,
    };
    const run = await runReconcile(args, { folder, env });
    said.push(told(run));
    count('commands');
    if (!codes.includes(run.code ?? -1) || /\n {4}at |internal/i.test(run.stderr)) throw new Error(told(run));
    return { ...jsonOf(run), exitCode: run.code };
  }

  #engine(): string[] {
    const { tables, random } = this.#ground;
    // By SQL triggers would fire, and rows without a key can't be read back.
    const fit = tables.every(({ triggers, key }) => !triggers && key.length > 0);
    return fit && random() < 0.3 ? ['--engine', 'sql'] : [];
  }

  #file(name: string): Buffer {
    return readFileSync(join(this.#ground.folder, name));
  }
}

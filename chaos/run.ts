// `npm run chaos [-- --kills 210 --seed N --mode NAME]`: failovers whose replay and undo are killed, cut, interrupted and
// starved, at every step on purpose and at random moments, under live traffic. Prints seeds and what struck; exit code 1
// at the first thing that is not as promised.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { EngineName } from '../src/replay/write-engine.ts';
import { FailoverPair, type PairOptions } from '../test/failover-pair.ts';
import { stopAll } from '../test/sandbox/index.ts';
import { namesOf, scriptOptions, wholeNumber } from '../test/script-options.ts';
import { playRound } from './round.ts';

/** As durable as a primary should be: what a customer was told is on disk. */
const DURABLE = ['--innodb-flush-log-at-trx-commit=1'];
const MODES: Record<string, PairOptions & { engine?: EngineName }> = {
  'mysql-gtid': { flavor: 'mysql', args: DURABLE },
  'mysql-no-gtid': { flavor: 'mysql', gtid: false, args: DURABLE },
  mariadb: { flavor: 'mariadb', args: DURABLE },
  'mysql-sql': { flavor: 'mysql', args: DURABLE, engine: 'sql' },
  'mariadb-sql': { flavor: 'mariadb', args: DURABLE, engine: 'sql' },
};

const USAGE = 'npm run chaos -- [--kills N] [--seed N] [--mode NAME …] [--verbose]';
const { kills, firstSeed, modes, verbose } = scriptOptions(USAGE, () => {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '210' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      mode: { type: 'string', multiple: true, default: Object.keys(MODES) },
      verbose: { type: 'boolean', default: false },
    },
  });
  return {
    kills: wholeNumber('--kills', values.kills, 1),
    firstSeed: wholeNumber('--seed', values.seed, 0),
    modes: namesOf('--mode', values.mode, MODES),
    verbose: values.verbose,
  };
});
execFileSync('npm', ['run', '--silent', 'build'], { cwd: join(import.meta.dirname, '..'), stdio: 'inherit' });

const share = Math.ceil(kills / modes.length);
const totals = new Map<string, number>();
const started = performance.now();
let [struck, rounds, acknowledged, transactions] = [0, 0, 0, 0];
let seed = firstSeed;
try {
  for (const mode of modes) {
    const pair = await FailoverPair.start(MODES[mode]!);
    let here = 0;
    const first = seed;
    while (here < share) {
      let last = '';
      try {
        const round = await playRound(
          pair,
          seed,
          (text) => {
            last = text;
            if (verbose) console.log(text);
          },
          (faults) => here + faults >= share,
          MODES[mode]!.engine,
        );
        for (const [kind, n] of round.faults) {
          totals.set(kind, (totals.get(kind) ?? 0) + n);
          here += n;
        }
        acknowledged += round.acknowledged;
        transactions += round.transactions;
      } catch (error) {
        console.log(`FAILED in ${mode}, ${last}`);
        console.log(`again: npm run chaos -- --mode ${mode} --seed ${seed} --kills 30`);
        throw error;
      }
      rounds += 1;
      seed += 1;
    }
    struck += here;
    console.log(`${mode}: ${here} faults struck, seeds ${first} to ${seed - 1}`);
    await pair.remove();
  }
  for (const [kind, n] of [...totals].sort(([a], [b]) => a.localeCompare(b)))
    console.log(`${String(n).padStart(6)} ${kind}`);
  console.log(
    `${struck} faults in ${rounds} rounds, ${Math.round((performance.now() - started) / 1000)} s: ${transactions} transactions replayed and taken back, none twice, none lost, none half; ${acknowledged} acknowledged live writes, all there`,
  );
} finally {
  await stopAll();
}

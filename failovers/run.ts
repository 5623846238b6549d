// `npm run failovers [-- --rounds 50 --seed N --mode NAME --keep-going]`: random schemas and random histories on both sides of
// a failover, on real servers, and the executable between them; judged by what tables hold. Prints seeds; exit code 1 where
// something is not as promised, and the whole case is in a folder.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { stopAll } from '../test/sandbox/index.ts';
import { MODES } from '../test/scenarios/scenario.ts';
import { namesOf, scriptOptions, wholeNumber } from '../test/script-options.ts';
import { playRound } from './round.ts';
import { Servers } from './servers.ts';

const USAGE = 'npm run failovers -- [--rounds N] [--seed N] [--mode NAME …] [--keep-going] [--verbose]';
const { rounds, firstSeed, modes, keepGoing, verbose } = scriptOptions(USAGE, () => {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '50' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      mode: { type: 'string', multiple: true, default: Object.keys(MODES) },
      'keep-going': { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
    },
  });
  return {
    rounds: wholeNumber('--rounds', values.rounds, 1),
    firstSeed: wholeNumber('--seed', values.seed, 0),
    modes: namesOf('--mode', values.mode, MODES),
    keepGoing: values['keep-going'],
    verbose: values.verbose,
  };
});
execFileSync('npm', ['run', '--silent', 'build'], { cwd: join(import.meta.dirname, '..'), stdio: 'inherit' });

const share = Math.ceil(rounds / modes.length);
const counts = new Map<string, number>();
const started = performance.now();
let seed = firstSeed;
let failures = 0;
try {
  for (const mode of modes) {
    const first = seed;
    let servers = await Servers.start(mode);
    for (let round = 0; round < share; round++, seed++) {
      try {
        const result = await playRound(servers, seed);
        for (const [name, n] of result) counts.set(name, (counts.get(name) ?? 0) + n);
        if (verbose) console.log(`seed ${seed}: ${JSON.stringify(Object.fromEntries(result))}`);
      } catch (error) {
        failures += 1;
        console.log(`FAILED: npm run failovers -- --mode ${mode} --seed ${seed} --rounds 1`);
        console.log((error as Error).message);
        if (!keepGoing) throw error;
        // What went wrong there must not spread.
        await servers.remove();
        servers = await Servers.start(mode);
      }
    }
    console.log(`${mode}: seeds ${first} to ${seed - 1}`);
    await servers.remove();
  }
} finally {
  for (const [name, n] of [...counts].sort(([a], [b]) => a.localeCompare(b))) {
    console.log(`${String(n).padStart(8)} ${name}`);
  }
  console.log(`${failures} failures in ${Math.round((performance.now() - started) / 1000)} s`);
  await stopAll();
}
process.exitCode = failures === 0 ? 0 : 1;

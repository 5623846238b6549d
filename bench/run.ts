// `npm run bench [-- read|diff|live|memory|replay|live-traffic] [ROUNDS]`: builds, measures, says whether the targets hold. Exit code 1 where they don't.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { stopAll } from '../test/sandbox/index.ts';
import { benchDiff } from './diff.ts';
import { benchLive } from './live.ts';
import { benchLiveTraffic } from './live-traffic.ts';
import { benchMemory } from './memory.ts';
import { benchRead } from './read.ts';
import { benchReplay } from './replay.ts';

type Print = (line: string) => void;
const parts = {
  read: benchRead,
  diff: benchDiff,
  live: benchLive,
  memory: (_: number, print: Print) => benchMemory(print),
  replay: (_: number, print: Print) => benchReplay(print),
  'live-traffic': (_: number, print: Print) => benchLiveTraffic(print),
};

const [what = 'all', rounds = '5'] = process.argv.slice(2);
if (what !== 'all' && !Object.hasOwn(parts, what)) {
  console.error(`${what} is not measured here: ${Object.keys(parts).join(', ')}`);
  process.exit(1);
}
// What is measured is what is installed: the built files.
execFileSync('npm', ['run', '--silent', 'build'], { cwd: join(import.meta.dirname, '..'), stdio: 'inherit' });
try {
  let held = true;
  for (const [name, measure] of Object.entries(parts)) {
    if (what !== 'all' && what !== name) continue;
    held = (await measure(Number(rounds), (line) => console.log(line))) && held;
  }
  process.exitCode = held ? 0 : 1;
} finally {
  await stopAll();
}

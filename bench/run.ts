// `npm run bench [-- read|memory|replay] [ROUNDS]`: builds, measures, says whether the targets hold. Exit code 1 where they don't.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { stopAll } from '../test/sandbox/index.ts';
import { benchMemory } from './memory.ts';
import { benchRead } from './read.ts';
import { benchReplay } from './replay.ts';

const [what = 'all', rounds = '5'] = process.argv.slice(2);
if (!['all', 'read', 'memory', 'replay'].includes(what)) {
  console.error(`${what} is not measured here: read, memory, replay`);
  process.exit(1);
}
// What is measured is what is installed: the built files.
execFileSync('npm', ['run', '--silent', 'build'], { cwd: join(import.meta.dirname, '..'), stdio: 'inherit' });
const print = (line: string): void => console.log(line);
try {
  let held = true;
  if (what === 'all' || what === 'read') held = (await benchRead(Number(rounds), print)) && held;
  if (what === 'all' || what === 'memory') held = (await benchMemory(print)) && held;
  if (what === 'all' || what === 'replay') held = (await benchReplay(print)) && held;
  process.exitCode = held ? 0 : 1;
} finally {
  await stopAll();
}

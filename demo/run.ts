// `npm run demo`: a botched failover between two throwaway servers, reconciled before your eyes. Owns the options, the
// exit code, and that nothing it started is left behind.
import { parseArgs } from 'node:util';
import { chosenSandbox, type Flavor, stopAll } from '../test/sandbox/index.ts';
import { ownFolder } from '../test/sandbox/lifetime.ts';
import { namesOf, scriptOptions } from '../test/script-options.ts';
import { botchedFailover } from './botched-failover.ts';
import { Narrator } from './narrator.ts';
import { checkBuilt } from './type-command.ts';

const FLAVORS: Record<Flavor, string> = { mysql: 'MySQL', mariadb: 'MariaDB' };
const USAGE = 'npm run demo -- [--flavor mysql|mariadb]';
const FROM = {
  docker: 'containers; the first time, images are pulled',
  local: 'servers that are installed on this machine',
  debian:
    'Debian’s packages, unpacked into .cache/; the first time they are downloaded, which takes a minute or two',
};

const flavor = scriptOptions(USAGE, () => {
  const { values } = parseArgs({ options: { flavor: { type: 'string', default: 'mysql' } } });
  return namesOf('--flavor', [values.flavor], FLAVORS)[0]!;
});
const narrator = new Narrator();
let interrupted = false;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, async () => {
    interrupted = true;
    narrator.failure('\nInterrupted: stopping both servers.');
    await stopAll().catch(() => {});
    process.exit(130);
  });
}

try {
  checkBuilt();
  narrator.title('A botched failover, and how its writes come back.');
  narrator.say(`Two throwaway ${FLAVORS[flavor]} servers start (${FROM[await chosenSandbox(flavor)]}).`);
  const holds = await botchedFailover(flavor, ownFolder('operator'), narrator);
  if (!holds) throw new Error('The proof does not hold: see above.');
  narrator.success(`Every claim holds. All of it took ${narrator.seconds} seconds.`);
} catch (error) {
  // After Ctrl-C everything fails: that is no news.
  if (!interrupted) narrator.failure(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await stopAll();
}

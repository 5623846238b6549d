// A mistake in the options of the repository's scripts: one line that says what may be given, exit code 1, nothing started.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const CHAOS = 'npm run chaos -- [--kills N] [--seed N] [--mode NAME …] [--verbose]';
const FAILOVERS = 'npm run failovers -- [--rounds N] [--seed N] [--mode NAME …] [--keep-going] [--verbose]';
const DEMO = 'npm run demo -- [--flavor mysql|mariadb]';
const FUZZ = 'npm run fuzz -- [COUNT [SEED]]';

test.each([
  ['chaos', ['--kill', '3'], `Unknown option '--kill'. ${CHAOS}`],
  ['chaos', ['3'], `Unexpected argument '3'. ${CHAOS}`],
  ['chaos', ['--kills', 'many'], `--kills many is no whole number from 1 on. ${CHAOS}`],
  ['chaos', ['--kills', '0'], `--kills 0 is no whole number from 1 on. ${CHAOS}`],
  [
    'chaos',
    ['--mode', 'mariadb', '--mode', 'oracle'],
    `--mode oracle is none of mysql-gtid, mysql-no-gtid, mariadb, mysql-sql, mariadb-sql. ${CHAOS}`,
  ],
  ['failovers', ['--round', '3'], `Unknown option '--round'. ${FAILOVERS}`],
  ['failovers', ['--rounds', '1.5'], `--rounds 1.5 is no whole number from 1 on. ${FAILOVERS}`],
  ['failovers', ['--seed'], `Option '--seed <value>' argument missing. ${FAILOVERS}`],
  [
    'failovers',
    ['--mode', 'mysql'],
    `--mode mysql is none of mysql-gtid, mysql-file-position, mariadb-10.11, mariadb-11.8. ${FAILOVERS}`,
  ],
  ['demo', ['--flavour', 'mariadb'], `Unknown option '--flavour'. ${DEMO}`],
  ['demo', ['--flavor', 'oracle'], `--flavor oracle is none of mysql, mariadb. ${DEMO}`],
  ['fuzz', ['--seed', '3'], `Unknown option '--seed'. ${FUZZ}`],
  ['fuzz', ['some'], `COUNT some is no whole number from 1 on. ${FUZZ}`],
  ['fuzz', ['1', 'x'], `SEED x is no whole number from 0 on. ${FUZZ}`],
  ['fuzz', ['1', '2', '3'], `Unexpected argument '3'. ${FUZZ}`],
])('%s %j', (script, words, line) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`${script}/run.ts`, ...words], {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect([status, stdout, stderr]).toEqual([1, '', `${line}\n`]);
});

// Every scenario folder, on every mode it names, through the real executable against real servers. Modes play side by
// side, each on a pair of servers of its own; SCENARIO_MODES=mysql-gtid,mariadb-11.8 chooses some of them.
import { afterAll, beforeAll, describe, test } from 'vitest';
import { stopAll } from '../sandbox/index.ts';
import { playScenario } from './play-scenario.ts';
import { loadScenarios, MODES, type Mode } from './scenario.ts';
import { ServerPair } from './server-pair.ts';

const chosen = process.env.SCENARIO_MODES?.split(',');
const modes = (Object.keys(MODES) as Mode[]).filter((mode) => !chosen || chosen.includes(mode));
const scenarios = loadScenarios();

afterAll(stopAll);

for (const mode of modes) {
  describe(mode, { concurrent: true }, () => {
    let pair: ServerPair;

    beforeAll(async () => {
      pair = await ServerPair.start(mode);
    });

    for (const scenario of scenarios.filter((one) => one.modes.includes(mode))) {
      test(`${scenario.name}: ${scenario.title}`, { concurrent: false }, () => playScenario(scenario, pair));
      if (!scenario.bySql.includes(mode)) continue;
      test(`${scenario.name} by SQL: ${scenario.title}`, { concurrent: false }, () =>
        playScenario(scenario, pair, 'sql'),
      );
    }
  });
}

// The short version of `npm run chaos`: a replay and its undo, killed, cut, interrupted and starved some times each, on the
// flavour whose memory is the journal, by row events and by SQL. The long one plays all modes, hundreds of times.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { playRound } from '../chaos/round.ts';
import type { EngineName } from '../src/replay/write-engine.ts';
import { FailoverPair } from './failover-pair.ts';

const FAULTS = 8;

let pair: FailoverPair;

beforeAll(async () => {
  pair = await FailoverPair.start({ flavor: 'mariadb', args: ['--innodb-flush-log-at-trx-commit=1'] });
});
afterAll(() => pair?.remove());

test.each<EngineName>(['row-events', 'sql'])(
  'nothing twice, lost or half, and every acknowledged live write there: by %s',
  async (engine) => {
    const seed = Date.now() % 1_000_000;
    const said: string[] = [];
    const round = await playRound(
      pair,
      seed,
      (text) => void said.push(text),
      (struck) => struck >= FAULTS,
      engine,
    ).catch((cause: unknown) => {
      throw new Error(
        `npm run chaos -- --mode ${engine === 'sql' ? 'mariadb-sql' : 'mariadb'} --seed ${seed}\n${said.join('\n')}`,
        { cause },
      );
    });
    const struck = [...round.faults.values()].reduce((sum, n) => sum + n, 0);
    expect(struck, said.join('\n')).toBeGreaterThan(0);
    expect(round.acknowledged).toBeGreaterThan(0);
  },
);

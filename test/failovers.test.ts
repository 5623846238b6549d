// The short version of `npm run failovers`: some random failovers of each flavour through the executable, judged by what the
// tables hold. The long one plays all modes, hundreds of times, with a replica behind them.
import { expect, test } from 'vitest';
import { playRound } from '../failovers/round.ts';
import { Servers } from '../failovers/servers.ts';

const ROUNDS = [
  { mode: 'mysql-gtid', seeds: [3, 16] },
  { mode: 'mariadb-10.11', seeds: [3, 4] },
] as const;

test.concurrent.each(ROUNDS)(
  'whatever both sides did, every transaction is there whole or not at all: $mode',
  async ({ mode, seeds }) => {
    const servers = await Servers.start(mode, false);
    try {
      const counts = new Map<string, number>();
      for (const seed of seeds) {
        const round = await playRound(servers, seed).catch((cause: Error) => {
          throw new Error(`npm run failovers -- --mode ${mode} --seed ${seed} --rounds 1\n${cause.message}`, {
            cause,
          });
        });
        for (const [name, n] of round) counts.set(name, (counts.get(name) ?? 0) + n);
      }
      // Rounds in which nothing was to be decided would test nothing.
      expect(counts.get('transactions missing')).toBeGreaterThan(0);
      expect(counts.get('transactions conflict')).toBeGreaterThan(0);
      expect(counts.get('undos')).toBeGreaterThan(0);
    } finally {
      await servers.remove();
    }
  },
);

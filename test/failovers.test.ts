// The short version of `npm run failovers`: a random failover of each flavour through the executable, judged by what the
// tables hold. The long one plays all modes, hundreds of times, with a replica behind them.
import { expect, test } from 'vitest';
import { playRound } from '../failovers/round.ts';
import { Servers } from '../failovers/servers.ts';

const ROUNDS = [
  { mode: 'mysql-gtid', seed: 8003 },
  { mode: 'mariadb-10.11', seed: 8209 },
] as const;

test.concurrent.each(ROUNDS)(
  'whatever both sides did, every transaction is there whole or not at all: $mode',
  async ({ mode, seed }) => {
    const servers = await Servers.start(mode, false);
    try {
      const counts = await playRound(servers, seed).catch((cause: Error) => {
        throw new Error(`npm run failovers -- --mode ${mode} --seed ${seed} --rounds 1\n${cause.message}`, {
          cause,
        });
      });
      // A round in which nothing was to be decided would test nothing.
      expect(counts.get('transactions missing')).toBeGreaterThan(0);
      expect(counts.get('transactions conflict')).toBeGreaterThan(0);
      expect(counts.get('undos')).toBeGreaterThan(0);
    } finally {
      await servers.remove();
    }
  },
);

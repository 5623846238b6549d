// Live traffic on the restored primary while a replay runs: random transactions, each of which first locks all it looks at, so
// that what it did is known exactly. Loses against nobody for long: a refused or rolled back one counts as nothing.
import { setTimeout as sleep } from 'node:timers/promises';
import { randomFrom } from '../chaos/random.ts';
import { type Played, play, type Stage } from './history.ts';
import { randomStatement } from './statements.ts';

const PAUSE_MS = 15;

export class LiveWriter {
  readonly #stage: Stage;
  readonly #done: Promise<void>;
  readonly #played: Played[] = [];
  #stopped = false;

  private constructor(stage: Stage) {
    this.#stage = stage;
    this.#done = this.#live();
    // Told to whoever stops it.
    this.#done.catch(() => {});
  }

  static async start(stage: Stage): Promise<LiveWriter> {
    await stage.connection.query(
      'SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE; SET innodb_lock_wait_timeout = 5',
    );
    // Its choices depend on time: those of the rest of the round must not.
    return new LiveWriter({ ...stage, random: randomFrom(Math.floor(stage.random() * 2 ** 32)) });
  }

  async stop(): Promise<Played[]> {
    this.#stopped = true;
    await this.#done;
    return this.#played;
  }

  async #live(): Promise<void> {
    const stage = this.#stage;
    const deadlock = (error: { errno?: number }): boolean => [1020, 1205, 1213].includes(error.errno ?? 0);
    while (!this.#stopped) {
      try {
        const played = await play(stage, undefined, (there) => [
          randomStatement({ ...stage, rows: there() }),
        ]);
        // What a deadlock refuses is rolled back whole by the server, or by the next statement.
        if (played.steps.length > 0) this.#played.push(played);
      } catch (error) {
        if (!deadlock(error as { errno?: number })) throw error;
        await stage.connection.query('ROLLBACK');
      }
      await sleep(PAUSE_MS);
    }
  }
}

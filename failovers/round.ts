// One round: a random schema, a failover, random histories on both sides; then the executable, from record to undo. Throws what
// is not as promised, and leaves the whole case in a folder then.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomFrom } from '../chaos/random.ts';
import { writeCase } from './case-file.ts';
import { Commands } from './commands.ts';
import { Drive } from './drive.ts';
import { Ground } from './ground.ts';
import { setOut } from './outset.ts';
import { randomTables } from './schema.ts';
import type { Servers } from './servers.ts';

/** Answers how often what was seen: transactions by their state, commands, causes for caution. */
export async function playRound(servers: Servers, seed: number): Promise<Map<string, number>> {
  const random = randomFrom(seed);
  const schema = `failover_${seed}`;
  const folder = mkdtempSync(join(tmpdir(), `reconcile-failovers-${seed}-`));
  const tables = randomTables(random, servers.restored.flavor, schema);
  const ground = new Ground(servers, random, { schema, tables, folder });
  try {
    const commands = new Commands(ground);
    const { a, rows } = await setOut(ground, commands);
    await new Drive(ground, commands, a).reconcile(rows);
    rmSync(folder, { recursive: true, force: true });
    return ground.counts;
  } catch (error) {
    const file = join(folder, 'case.txt');
    writeFileSync(file, writeCase(seed, ground, error as Error), { mode: 0o600 });
    throw new Error(`${(error as Error).message}\nthe case: ${file}`, { cause: error });
  } finally {
    ground.leave();
    await servers
      .seed([`DROP DATABASE IF EXISTS ${schema}`, `DROP DATABASE IF EXISTS ${schema}_trial`])
      .catch(() => {});
  }
}

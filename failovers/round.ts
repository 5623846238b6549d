// One round: a random schema, a failover, random histories on both sides; then the executable, from record to undo, and what
// the tables hold after each of its commands. Throws what is not as promised, and leaves the whole case in a folder then.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomFrom } from '../chaos/random.ts';
import { writeCase } from './case-file.ts';
import { Drive } from './drive.ts';
import { randomTables } from './schema.ts';
import type { Servers } from './servers.ts';

/** How often what was seen: transactions by their state, commands, cautions. */
export type RoundResult = Map<string, number>;

export async function playRound(servers: Servers, seed: number): Promise<RoundResult> {
  const random = randomFrom(seed);
  const schema = `failover_${seed}`;
  const folder = mkdtempSync(join(tmpdir(), `reconcile-failovers-${seed}-`));
  const tables = randomTables(random, servers.restored.flavor, schema);
  const drive = new Drive(servers, random, schema, tables, folder);
  const counts: RoundResult = new Map();
  try {
    await drive.play((what) => counts.set(what, (counts.get(what) ?? 0) + 1));
    rmSync(folder, { recursive: true, force: true });
    return counts;
  } catch (error) {
    writeFileSync(join(folder, 'case.txt'), writeCase(seed, tables, drive, error as Error), { mode: 0o600 });
    throw new Error(`${(error as Error).message}\nthe case: ${folder}/case.txt`, { cause: error });
  } finally {
    await drive.close();
    await servers
      .seed([`DROP DATABASE IF EXISTS ${schema}`, `DROP DATABASE IF EXISTS ${schema}_trial`])
      .catch(() => {});
  }
}

// `npm run bench -- memory`: peak memory on a window of 1 GB with a million distinct rows in a few transactions.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { windowFile, windows } from './make-windows.ts';
import { run } from './measure.ts';

/** Resident, at most. */
const TARGET = 200e6;

export async function benchMemory(print: (line: string) => void): Promise<boolean> {
  const file = await windowFile(windows.memory, print);
  const { seconds, peak } = await run(
    [process.execPath, join(import.meta.dirname, '..', 'bin', 'reconcile.js'), 'inspect', '--binlog', file],
    true,
  );
  const size = statSync(file).size / 1e6;
  print(`${windows.memory.about}: ${size.toFixed(0)} MB in ${seconds.toFixed(1)} s`);
  if (peak === null) {
    print('  peak memory: this system does not say');
    return true;
  }
  const good = peak <= TARGET;
  print(
    `  peak memory ${(peak / 1e6).toFixed(0)} MB (target ${TARGET / 1e6} MB: ${good ? 'held' : 'MISSED'})`,
  );
  return good;
}

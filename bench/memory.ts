// `npm run bench -- memory`: peak memory of inspect on a window of 1 GB with a million distinct rows, and on single
// transactions of half a GB and more, plain and compressed by the server.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { windowFile, windows } from './make-windows.ts';
import { run } from './measure.ts';

/** Resident, at most. */
const TARGET = 200e6;

export async function benchMemory(print: (line: string) => void): Promise<boolean> {
  let held = true;
  for (const window of [windows.memory, windows.one, windows.packed]) {
    const file = await windowFile(window, print);
    const reconcile = [process.execPath, join(import.meta.dirname, '..', 'bin', 'reconcile.js')];
    const { seconds, peak } = await run([...reconcile, 'inspect', '--binlog', file], true);
    const size = statSync(file).size / 1e6;
    print(`${window.about}: ${size.toFixed(0)} MB in ${seconds.toFixed(1)} s`);
    if (peak === null) {
      print('  peak memory: this system does not say');
      continue;
    }
    const good = peak <= TARGET;
    held &&= good;
    print(
      `  peak memory ${(peak / 1e6).toFixed(0)} MB (target ${TARGET / 1e6} MB: ${good ? 'held' : 'MISSED'})`,
    );
  }
  return held;
}

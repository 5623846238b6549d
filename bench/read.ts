// `npm run bench -- read`: reconcile inspect beside mysqlbinlog -v on the same file, turn by turn in one run.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { clientTool } from '../test/sandbox/index.ts';
import { windowFile, windows } from './make-windows.ts';
import { median, type Run, run } from './measure.ts';

/** Our time over mysqlbinlog's, at most. */
const TARGETS = { index: 0.35, rows: 1.0 };

const RECONCILE = [process.execPath, join(import.meta.dirname, '..', 'bin', 'reconcile.js')];

export async function benchRead(rounds: number, print: (line: string) => void): Promise<boolean> {
  const mysqlbinlog = await clientTool({ flavor: 'mysql' }, 'mysqlbinlog');
  if (!mysqlbinlog) throw new Error('there is no mysqlbinlog to compare with');
  let held = true;
  for (const window of [windows.big, windows.small]) {
    const file = await windowFile(window, print);
    const peer = [...mysqlbinlog, '-v', '--base64-output=decode-rows', file];
    const index = [...RECONCILE, 'inspect', '--binlog', file];
    const rows = [...index, '--rows'];
    const times: Record<'peer' | 'index' | 'rows', number[]> = { peer: [], index: [], rows: [] };
    for (let i = 0; i < rounds; i++) {
      times.index.push((await run(index)).seconds);
      times.peer.push((await run(peer)).seconds);
      times.rows.push((await run([...rows, '--quiet'])).seconds);
    }
    const size = statSync(file).size / 1e6;
    print(`${window.about}, ${size.toFixed(0)} MB, median of ${rounds}:`);
    print(`  mysqlbinlog -v       ${line(median(times.peer), size, await run(peer, true))}`);
    for (const [name, words, target] of [
      ['index', index, TARGETS.index],
      ['rows', [...rows, '--quiet'], TARGETS.rows],
    ] as const) {
      const ratio = median(times[name].map((seconds, i) => seconds / times.peer[i]!));
      const label = name === 'index' ? 'inspect' : 'inspect --rows';
      const good = ratio <= target;
      held &&= good;
      print(
        `  ${label.padEnd(20)} ${line(median(times[name]), size, await run(words, true))}  ${ratio.toFixed(2)}x (target ${target.toFixed(2)}x: ${good ? 'held' : 'MISSED'})`,
      );
    }
  }
  return held;
}

function line(seconds: number, megabytes: number, { peak }: Run): string {
  const memory = peak === null ? '' : `  ${(peak / 1e6).toFixed(0).padStart(4)} MB`;
  return `${seconds.toFixed(2).padStart(6)} s  ${(megabytes / seconds).toFixed(0).padStart(4)} MB/s${memory}`;
}

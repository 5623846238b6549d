// `npm run bench -- live`: a log of 1 GB read from a running server on loopback, with every CRC checked, beside the same
// log read from its file. The raw events alone, and the whole process of `reconcile inspect`.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { openFileSource } from '../src/binlog/file-source.ts';
import { openLiveSource } from '../src/binlog/live-source.ts';
import type { EventSource } from '../src/binlog/raw-event.ts';
import { filledServer, windows } from './make-windows.ts';
import { median, run } from './measure.ts';

/** Megabytes a second, at least. */
const TARGET = 200;
/** Megabytes, at most. */
const PEAK_TARGET = 200;

export async function benchLive(rounds: number, print: (line: string) => void): Promise<boolean> {
  print(`making ${windows.memory.about}, on a running server …`);
  const { server, log } = await filledServer(windows.memory);
  try {
    const { host, port, user, password } = server;
    const file = join(await server.binlogDirectory(), log);
    const { size } = statSync(file);
    const reconcile = [process.execPath, join(import.meta.dirname, '..', 'bin', 'reconcile.js'), 'inspect'];
    const address = `mysql://${user}@${host}:${port}`;
    process.env.RECONCILE_FAILED_PASSWORD = password;
    const start = { kind: 'position', file: log, position: 4 } as const;
    const open = {
      live: () =>
        openLiveSource({
          connection: { host, port, user, password },
          start,
          stop: { file: log, position: size },
          files: [{ name: log, size }],
        }),
      file: () => openFileSource({ paths: [file], start }),
    };
    const live = [...reconcile, '--failed', address, '--start-position', `${log}:4`];
    const measured: [string, number, () => Promise<number>][] = [
      ['raw events, live', TARGET, async () => drain(await open.live(), size)],
      ['raw events, from the file', 0, async () => drain(await open.file(), size)],
      ['inspect, live', TARGET, async () => (await run(live)).seconds],
      ['inspect, from the file', 0, async () => (await run([...reconcile, '--binlog', file])).seconds],
    ];
    print(`${(size / 1e6).toFixed(0)} MB over loopback, median of ${rounds}:`);
    let held = true;
    for (const [what, target, measure] of measured) {
      const seconds: number[] = [];
      for (let i = 0; i < rounds; i++) seconds.push(await measure());
      const speed = size / 1e6 / median(seconds);
      held &&= speed >= target;
      const judged = target === 0 ? '' : `  (target ${target}: ${speed >= target ? 'held' : 'MISSED'})`;
      print(`  ${what.padEnd(26)} ${speed.toFixed(0).padStart(4)} MB/s${judged}`);
    }
    const { peak } = await run(live, true);
    if (peak === null) return held;
    const small = peak <= PEAK_TARGET * 1e6;
    const judged = `(target ${PEAK_TARGET} MB: ${small ? 'held' : 'MISSED'})`;
    print(`  inspect, live: peak memory ${(peak / 1e6).toFixed(0)} MB ${judged}`);
    return held && small;
  } finally {
    await server.remove();
  }
}

/** Seconds; throws where bytes are missing. */
async function drain(source: EventSource, size: number): Promise<number> {
  const started = process.hrtime.bigint();
  let end = 0;
  for await (const batch of source.batches()) {
    const last = batch.at(-1)!;
    end = last.position + last.bytes.length;
  }
  await source.close();
  if (end !== size) throw new Error(`read to ${end} of ${size}`);
  return Number(process.hrtime.bigint() - started) / 1e9;
}

// `npm run fuzz [-- COUNT [SEED]]`: a million inputs, or so many, from a seed on. Exit code 1 where there is a finding;
// `npm run fuzz -- 1 SEED` repeats it.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { scriptOptions, wholeNumber } from '../test/script-options.ts';
import type { Report, Work } from './worker.ts';

const HANG_MILLISECONDS = 30_000;
const SHOWN = 20;

const USAGE = 'npm run fuzz -- [COUNT [SEED]]';
const { count, seed } = scriptOptions(USAGE, () => {
  const [count = '1000000', seed = '1', more] = parseArgs({ allowPositionals: true }).positionals;
  if (more !== undefined) throw new Error(`Unexpected argument '${more}'`);
  return { count: wholeNumber('COUNT', count, 1), seed: wholeNumber('SEED', seed, 0) };
});
const threads = Math.min(availableParallelism(), Math.ceil(count / 1000));
const share = Math.ceil(count / threads);
const outcomes: Record<string, number> = {};
let findings = 0;
const started = performance.now();
await Promise.all(
  Array.from({ length: threads }, (_, i) => work(seed + i * share, Math.min(share, count - i * share))),
);
const seconds = (performance.now() - started) / 1000;
console.log(`${count} inputs, seeds ${seed} to ${seed + count - 1}, in ${seconds.toFixed(0)} s`);
for (const [name, number] of Object.entries(outcomes).sort(([, a], [, b]) => b - a)) {
  console.log(`${String(number).padStart(9)} ${name}`);
}
process.exitCode = findings === 0 ? 0 : 1;

function work(first: number, number: number): Promise<void> {
  const current = new SharedArrayBuffer(4);
  const at = new Int32Array(current);
  const data: Work = { seed: first, count: number, current };
  const worker = new Worker(new URL('worker.ts', import.meta.url), { workerData: data });
  return new Promise((resolve, reject) => {
    let last = -1;
    const timer = setInterval(() => {
      const now = Atomics.load(at, 0);
      if (now === last && now !== 0) end(`seed ${now}: no end after ${HANG_MILLISECONDS / 1000} s`);
      last = now;
    }, HANG_MILLISECONDS);
    const end = (finding?: string): void => {
      clearInterval(timer);
      if (finding !== undefined) note(finding);
      void worker.terminate();
      resolve();
    };
    worker.on('message', (report: Report) => {
      if (report.kind === 'finding') return note(`seed ${report.seed} (${report.from}): ${report.what}`);
      for (const [name, n] of Object.entries(report.outcomes)) outcomes[name] = (outcomes[name] ?? 0) + n;
      end();
    });
    worker.on('error', (error) => {
      clearInterval(timer);
      reject(new Error(`at seed ${Atomics.load(at, 0)}`, { cause: error }));
    });
  });
}

function note(finding: string): void {
  findings += 1;
  if (findings <= SHOWN) console.log(finding);
}
